"""A corpus becomes shards: encode every file, arrange the pieces, write."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from seqvae.dataset.arrange import arrange
from seqvae.dataset.catalogue import Catalogue, gather
from seqvae.dataset.corpus import list_sources
from seqvae.dataset.engines import LocalEngine
from seqvae.dataset.journal import journal_beside
from seqvae.dataset.manifest import Manifest
from seqvae.dataset.places import Place
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import MANIFEST_NAME
from seqvae.dataset.splits import write_splits
from seqvae.dataset.summary import summarise
from seqvae.dataset.tasks import FILES_PER_TASK, Engine, Work, chunks_in_order, task_size
from seqvae.dataset.writing import check_output, folder_in_one_piece, write_report
from seqvae.errors import DataError


def prepare_corpus(
    folders: Sequence[str | Place],
    out: str | Path,
    settings: PrepareSettings,
    *,
    engine: Engine | None = None,
    num_workers: int = 1,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write the shards of one or several corpora, folders or URLs, and return their description.

    The same files and settings give the same bytes for any number of workers and any engine, and after a run
    that was killed or found the disk full: what it had done lies in `.OUT.partial` and is not done again.
    What is known of files and music lies on the disk; memory grows by some bytes with each file. A script
    that asks for several workers needs the usual `if __name__ == "__main__":`.
    `on_progress` hears (files done, all files).
    Raises DataError when there is nothing to train on, OutputError when `out` cannot be written.
    """
    out = Path(out).absolute()  # "." has no name; a link is not followed
    check_output(out, force=force)
    sources = list_sources(folders)
    with (
        journal_beside(out) as journal,
        TemporaryDirectory(dir=journal.folder, ignore_cleanup_errors=True) as name,
    ):
        check_output(out, force=force)  # again: another process may have been here
        scratch = Path(name)
        work = Work(sources, settings, journal, task_size(len(sources), FILES_PER_TASK))
        with closing(chunks_in_order(work, engine or LocalEngine(num_workers), on_progress)) as chunks:
            catalogue = gather(chunks, sources, scratch)
        if not catalogue.num_windows:
            raise DataError(_nothing_left(catalogue, settings.bars))
        arrangement = arrange(catalogue, settings)
        with folder_in_one_piece(out, scratch=scratch) as folder:
            arrays = write_splits(folder, work.chunks(), arrangement, settings)
            manifest = summarise(catalogue, arrangement, arrays, settings)
            with (folder / MANIFEST_NAME).open("w", encoding="utf-8") as file:
                file.writelines(manifest.json_parts())
            write_report(folder, catalogue.bad_files)
    return manifest


def _nothing_left(catalogue: Catalogue, bars: int) -> str:
    num_pieces, num_bad = len(catalogue), len(catalogue.bad_files)
    found = [f"{number} {reason}" for reason, number in catalogue.bad_files.reasons.most_common()]
    found += [f"{num_pieces} without a window of {bars} bars"] if num_pieces else []
    few = f"none of {num_pieces + num_bad} files can be used: {', '.join(found)}"
    return f"{few}; give more, or ask `seqvae info FILE` about one of them"
