"""Corpora become a sorted list of files."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.official import official_splits
from seqvae.dataset.ordering import in_order
from seqvae.dataset.pieces import Source
from seqvae.dataset.places import Place, names_below, own_name, place_of
from seqvae.dataset.table import Texts
from seqvae.errors import DataError

SUFFIXES = (".mid", ".midi")


class Corpus(NamedTuple):
    """The files of one corpus."""

    name: str
    folder: Place
    num_files: int
    splits: Mapping[str, str]  # of the files of a corpus that brings its own


class Sources:
    """The files of all corpora in order; their names lie on the disk."""

    def __init__(self, corpora: Sequence[Corpus], names: Sequence[str]) -> None:
        """Take the corpora in their order, and the paths of all files in their folders."""
        self.corpora = corpora
        self._names = names
        self._ends = list(accumulate(corpus.num_files for corpus in corpora))

    def __len__(self) -> int:
        """Count the files."""
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, place: int) -> Source:
        """Return one file."""
        corpus, name = self.corpora[self.corpus_of(place)], self.name_of(place)
        return Source(corpus.name, name, corpus.folder / name, self.split_of(place))

    def __iter__(self) -> Iterator[Source]:
        """Go through all files."""
        return map(self.__getitem__, range(len(self)))

    def corpus_of(self, place: int) -> int:
        """Return the number of the corpus that a file belongs to."""
        return bisect_right(self._ends, place)

    def corpora_of(self, places: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the numbers of the corpora that files belong to, `(files,)` both."""
        return np.searchsorted(self._ends, places, side="right")

    def name_of(self, place: int) -> str:
        """Return the path of a file in its corpus."""
        return self._names[place]

    def split_of(self, place: int) -> str:
        """Return the split of a file whose corpus brings its own, or nothing."""
        splits = self.corpora[self.corpus_of(place)].splits
        return splits.get(self.name_of(place), "") if splits else ""


def list_sources(folders: Sequence[str | Place]) -> Sources:
    """List the MIDI files below each folder, sorted by corpus and name; the folder's name is the corpus."""
    corpora: dict[str, Place] = {}
    for folder in map(place_of, folders):
        if not folder.is_dir():
            raise DataError(
                f"{folder}: not a folder; name the folder that holds the corpus, or choose --tokenizer text"
            )
        name = own_name(folder)
        if name in corpora:
            raise DataError(
                f"{folder}: a second corpus named {name!r} beside {corpora[name]}; rename one of them"
            )
        corpora[name] = folder
    names = Texts()
    opened = []
    for name in sorted(corpora):
        before, folder = len(names), corpora[name]
        names.extend(in_order(names_below(folder, SUFFIXES)))
        opened.append(Corpus(name, folder, len(names) - before, official_splits(folder)))
    sources = Sources(opened, names)
    if not len(sources):
        raise DataError(f"{', '.join(map(str, folders))}: no MIDI files here ({' or '.join(SUFFIXES)})")
    return sources
