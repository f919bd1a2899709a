"""Text files become sentences, one after another; what cannot be used is counted by reason."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from pathlib import PurePosixPath
from typing import IO, Any

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.pieces import Source
from seqvae.dataset.places import Place, names_below, own_name, place_of
from seqvae.dataset.text.cutting import cut_sentences
from seqvae.dataset.text.settings import SEPARATOR, TextSettings
from seqvae.errors import DataError

SUFFIX = ".txt"
MAX_LINE_BYTES = 1 << 20
OFFICIAL_NAME = re.compile(r"(?:.*[._-])?(?:(train)|(valid|validation|val|dev)|(test))\.txt", re.IGNORECASE)


def list_texts(paths: Sequence[str | Place]) -> dict[Source, str]:
    """List the text files in the order of corpus and name, or of their official splits, which are named.

    A file is a corpus named by its stem, a folder by itself. One folder with a train, a valid and a test file
    keeps these splits (train.txt, ptb.valid.txt, dev.txt ...).
    """
    sources: list[Source] = []
    for path in map(place_of, paths):
        found = _files_of(path)
        if found[0].corpus in {source.corpus for source in sources}:
            raise DataError(f"{path}: a second corpus named {found[0].corpus!r}; rename one of them")
        sources += found
    splits = _official_splits(sources) if len(paths) == 1 and place_of(paths[0]).is_dir() else {}
    if splits:
        return dict(sorted(splits.items(), key=lambda item: SPLITS.index(item[1])))
    return dict.fromkeys(sorted(sources), "")


def _files_of(place: Place) -> list[Source]:
    if place.is_file():
        return [Source(PurePosixPath(own_name(place)).stem, place.name, place)]
    if not place.is_dir():
        raise DataError(f"{place}: no such file or folder")
    names = sorted(names_below(place, (SUFFIX,)))
    if not names:
        raise DataError(f"{place}: no text files here ({SUFFIX})")
    return [Source(own_name(place), name, place / name) for name in names]


def _official_splits(sources: Iterable[Source]) -> dict[Source, str]:
    """Find exactly one file for each split among those that lie in the folder itself."""
    found: dict[str, list[Source]] = {split: [] for split in SPLITS}
    for source in sources:
        match = OFFICIAL_NAME.fullmatch(source.name)
        if match and match.lastindex:
            found[SPLITS[match.lastindex - 1]].append(source)
    if any(len(files) != 1 for files in found.values()):
        return {}
    return {files[0]: split for split, files in found.items()}


def read_sentences(
    source: Source, settings: TextSettings, left_out: Counter[str]
) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a file, or its windows, each with the number of its paragraph.

    What is left out is counted by reason. DataError where the file is no text, OSError where it is gone.
    """
    with source.path.open("rb") as file:
        for paragraph, sentence in _cut(_decoded(_lines(file, left_out)), settings):
            if not sentence:
                left_out["empty"] += 1
            elif settings.cannot_fit(sentence):
                left_out[settings.too_long] += 1
            else:
                yield paragraph, sentence


def _cut(lines: Iterable[str], settings: TextSettings) -> Iterable[tuple[int, str]]:
    if settings.sentences > 1:
        return _windows(lines, settings.sentences)
    if settings.split_sentences:
        return enumerate(chain.from_iterable(_paragraphs(lines)))
    return enumerate(lines)


def _lines(file: IO[Any], left_out: Counter[str]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with their numbers; those that no memory should be spent on are counted."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        if line.endswith(b"\n") or len(line) < MAX_LINE_BYTES:
            yield number, line
            continue
        left_out[f"a line of {MAX_LINE_BYTES} bytes or more"] += 1
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)


def _decoded(lines: Iterable[tuple[int, bytes]]) -> Iterator[str]:
    """Decode UTF-8 lines without the space around them; DataError for anything that is not text."""
    for number, line in lines:
        if b"\0" in line:
            raise DataError(f"not a text file (a NUL byte in line {number}); save it as UTF-8 text")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise DataError(f"bytes that are no text (line {number}); save it as UTF-8") from error


def _paragraphs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Join lines up to the next empty one and cut the whole into sentences."""
    for is_filled, group in groupby(lines, key=bool):
        if is_filled:
            yield cut_sentences(" ".join(group))


def _windows(lines: Iterable[str], length: int) -> Iterator[tuple[int, str]]:
    """Cut paragraphs into runs of up to so many sentences, each with the number of its paragraph."""
    for number, sentences in enumerate(_paragraphs(lines)):
        yield from ((number, SEPARATOR.join(run)) for run in _batched(sentences, length))


def _batched(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Cut a list into runs of one length, the last one shorter."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
