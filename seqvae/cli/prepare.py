"""Turn corpora into shards."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from seqvae.cli.options import OUTPUT_FOLDER, strict_option

if TYPE_CHECKING:
    from seqvae.dataset.tasks import Engine
    from seqvae.dataset.text.settings import TextKind

TEXT_KINDS: Mapping[str, "TextKind"] = {"text": "text", "words": "words"}
MUSIC_ONLY = ("bars", "workers", "engine", "scheduler", "drum_map", "strict", "more_voices")
DRUMS_ONLY = ("drum_map",)
TEXT_ONLY = ("vocabulary", "max_pieces", "per_template", "split_sentences", "sentences")


@click.command()
@click.argument("corpora", nargs=-1, required=True, metavar="CORPUS...")
@click.option("-o", "--output", required=True, type=OUTPUT_FOLDER, help="Folder for the shards.")
@click.option(
    "--tokenizer",
    type=click.Choice(["melody", "drums", "trio", "text", "words"]),
    help="Kind of ids.  [default: melody for MIDI files, text for .txt files]",
)
@click.option(
    "--drum-map",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Drums, trio: JSON file, note to class.  [default: General MIDI]",
)
@click.option("--bars", default=2, show_default=True, help="Music: length of a window.")
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1),
    help="Music: processes that read files.  [default: one for each core]",
)
@click.option(
    "--engine",
    default="local",
    show_default=True,
    type=click.Choice(["local", "dask"]),
    help="Music: who reads files, processes of this machine or a Dask cluster.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask: scheduler to connect to, as tcp://host:8786, or its .json file.",
)
@click.option(
    "--vocabulary",
    default=0,
    show_default=False,
    metavar="N",
    help="Text: ids at most.  [default: 4000 of text, every word of words]",
)
@click.option("--max-pieces", default=64, show_default=True, help="Text: longer sentences are left out.")
@click.option(
    "--per-template",
    default=5,
    show_default=True,
    help="Text: sentences kept of those that differ only in names and pronouns; 0 keeps all.",
)
@click.option("--split-sentences", is_flag=True, help="Text: cut paragraphs into sentences.")
@click.option(
    "--sentences",
    default=1,
    show_default=True,
    metavar="N",
    help="Text: of a window, neighbours in a paragraph, as for the preset paragraph; empty lines end one.",
)
@click.option(
    "--more-voices",
    is_flag=True,
    help="Trio: train also on windows of one voice, and on every other track as the melody.",
)
@strict_option
@click.option("--seed", default=0, show_default=True, help="Choice of valid and test pieces.")
@click.option("--force", is_flag=True, help="Replace shards that are already there.")
@click.pass_context
def prepare(
    context: click.Context,
    corpora: tuple[str, ...],
    output: Path,
    tokenizer: str | None,
    drum_map: Path | None,
    bars: int,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    vocabulary: int,
    max_pieces: int,
    per_template: int,
    split_sentences: bool,
    sentences: int,
    more_voices: bool,
    strict: bool,
    seed: int,
    force: bool,
) -> None:
    """Turn the MIDI or text files of each CORPUS into shards to train on.

    CORPUS is a folder, or a text file with one sentence in a line, or the URL of either, which is connected
    to (s3://, https:// and all that fsspec knows). Its name is the name of the corpus. A
    folder with a train, a valid and a test text file keeps these splits, and so does a folder of MIDI files
    with a table of them (a .csv file with the columns split and midi_filename, filename, file, path or name).
    Files that cannot be used are listed in report.json; links to folders are not followed. A run that was
    killed, or found the disk full, goes on when the same command is given again; what is done lies in
    .OUTPUT.partial until then.
    """
    from seqvae.cli.progress import show_progress
    from seqvae.dataset.prepare import prepare_corpus
    from seqvae.dataset.recognise import recognise
    from seqvae.dataset.settings import CORPUS_TOKENIZERS, PrepareSettings
    from seqvae.dataset.summary import summary_lines
    from seqvae.dataset.text.prepare import prepare_texts
    from seqvae.dataset.text.settings import TextSettings
    from seqvae.dataset.text.summary import text_summary_lines
    from seqvae.tokens.drum_map import DrumMap

    kind = tokenizer or recognise(corpora)
    _warn_of_unused(context, _unused_by(kind), kind)
    with show_progress("reading") as on_progress:
        if kind in TEXT_KINDS:
            texts = TextSettings(
                tokenizer=TEXT_KINDS[kind],
                vocab_size=vocabulary,
                max_pieces=max_pieces,
                per_template=per_template,
                split_sentences=split_sentences,
                sentences=sentences,
                seed=seed,
            )
            manifest = prepare_texts(corpora, output, texts, force=force, on_progress=on_progress)
        else:
            kit = DrumMap.from_file(drum_map) if drum_map and kind != "melody" else DrumMap()
            music = PrepareSettings(
                tokenizer=CORPUS_TOKENIZERS[kind](kit),
                bars=bars,
                strict=strict,
                more_voices=more_voices,
                seed=seed,
            )
            manifest = prepare_corpus(
                corpora,
                output,
                music,
                engine=_engine(engine, workers, scheduler),
                force=force,
                on_progress=on_progress,
            )
    click.echo("\n".join(text_summary_lines(manifest) if kind in TEXT_KINDS else summary_lines(manifest)))


def _engine(name: str, workers: int | None, scheduler: str | None) -> "Engine":
    """Choose who reads files; wrong usage where an option is missing or has nothing to say."""
    from seqvae.dataset.cluster import DaskEngine
    from seqvae.dataset.engines import LocalEngine, num_cores

    if name == "dask":
        if not scheduler:
            raise click.UsageError("--engine dask needs --scheduler ADDRESS.")
        if workers:
            raise click.UsageError("--workers is for --engine local: a cluster has its own.")
        return DaskEngine(scheduler)
    if scheduler:
        raise click.UsageError("--scheduler is for --engine dask.")
    return LocalEngine(workers or num_cores())


def _unused_by(kind: str) -> tuple[str, ...]:
    if kind in TEXT_KINDS:
        return MUSIC_ONLY
    return (*TEXT_ONLY, *DRUMS_ONLY) if kind == "melody" else TEXT_ONLY


def _warn_of_unused(context: click.Context, names: tuple[str, ...], kind: str) -> None:
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            click.echo(f"--{name.replace('_', '-')} says nothing to {kind}; left aside", err=True)
