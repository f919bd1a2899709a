"""Corpus folders become a sorted list of files, and files are worked on by several processes in order."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from seqvae.dataset.official import official_splits
from seqvae.dataset.pieces import BadFile, Piece, Source, encode_file
from seqvae.dataset.settings import PrepareSettings
from seqvae.errors import DataError

SUFFIXES = (".mid", ".midi")
FILES_PER_TASK = 32


def list_sources(folders: Sequence[str | Path]) -> list[Source]:
    """List the MIDI files below each folder, sorted by corpus and name; the folder's name is the corpus."""
    corpora: dict[str, Path] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise DataError(f"{folder}: not a folder; name the folder that holds the corpus")
        name = folder.resolve().name
        if name in corpora:
            raise DataError(
                f"{folder}: a second corpus named {name!r} beside {corpora[name]}; rename one of them"
            )
        corpora[name] = folder
    sources = [source for name in sorted(corpora) for source in _files_of(name, corpora[name])]
    if not sources:
        raise DataError(f"{', '.join(map(str, folders))}: no MIDI files here ({' or '.join(SUFFIXES)})")
    return sources


def _files_of(corpus: str, folder: Path) -> list[Source]:
    splits = official_splits(folder)
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return [Source(corpus, name, names[name], splits.get(name, "")) for name in sorted(names)]


def encode_sources(
    sources: Sequence[Source],
    settings: PrepareSettings,
    *,
    num_workers: int,
    on_progress: Callable[[int, int], None] | None,
) -> Iterator[Piece | BadFile]:
    """Encode all files and yield the results in their order; progress is told as (files done, all files)."""
    tasks = [sources[start : start + FILES_PER_TASK] for start in range(0, len(sources), FILES_PER_TASK)]
    results = _in_order(tasks, settings, num_workers) if num_workers > 1 else _one_by_one(tasks, settings)
    done = 0
    for result in results:
        done += len(result)
        if on_progress:
            on_progress(done, len(sources))
        yield from result


def _one_by_one(
    tasks: Sequence[Sequence[Source]], settings: PrepareSettings
) -> Iterator[list[Piece | BadFile]]:
    return (_encode_task(task, settings) for task in tasks)


def _in_order(
    tasks: Sequence[Sequence[Source]], settings: PrepareSettings, num_workers: int
) -> Iterator[list[Piece | BadFile]]:
    """Run tasks in processes, a few ahead of the one that is due, so that results never pile up."""
    context = get_context("spawn")  # a fork of a process that has started torch's threads can hang
    pool = ProcessPoolExecutor(num_workers, mp_context=context)
    ahead: deque[Future[list[Piece | BadFile]]] = deque()
    try:
        for task in tasks:
            ahead.append(pool.submit(_encode_task, task, settings))
            if len(ahead) > 4 * num_workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _encode_task(task: Sequence[Source], settings: PrepareSettings) -> list[Piece | BadFile]:
    return [encode_file(source, settings) for source in task]
