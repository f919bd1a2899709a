"""Turn corpora into shards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@click.command()
@click.argument("corpora", nargs=-1, required=True, metavar="CORPUS...", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the shards.")
@click.option("--bars", default=2, show_default=True, help="Length of a window.")
@click.option(
    "--tokenizer", default="melody", show_default=True, type=click.Choice(["melody"]), help="Kind of ids."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes that read files."
)
@click.option("--seed", default=0, show_default=True, help="Choice of valid and test pieces.")
@click.option("--force", is_flag=True, help="Replace shards that are already there.")
def prepare(
    corpora: tuple[Path, ...], output: Path, bars: int, tokenizer: str, workers: int, seed: int, force: bool
) -> None:
    """Turn the MIDI files below each CORPUS folder into shards to train on.

    The folder's name is the name of the corpus. Files that cannot be used are listed in report.json.
    """
    from seqvae.dataset.prepare import prepare_corpus
    from seqvae.dataset.settings import CORPUS_TOKENIZERS, PrepareSettings
    from seqvae.dataset.summary import summary_lines

    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS[tokenizer](), bars=bars, seed=seed)
    with _progress() as on_progress:
        manifest = prepare_corpus(
            corpora, output, settings, num_workers=workers, force=force, on_progress=on_progress
        )
    click.echo("\n".join(summary_lines(manifest)))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show files done on stderr; nothing where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading")
        yield lambda done, total: progress.update(task, completed=done, total=total)
