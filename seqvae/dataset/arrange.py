"""The only place where pieces hear of one another: groups, splits and the windows that stay."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.allotment import Allotment, Shares
from seqvae.dataset.catalogue import Catalogue
from seqvae.dataset.corpus import Sources
from seqvae.dataset.grouping import SPLITS, group_pieces
from seqvae.dataset.selection import select_windows
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.table import Bits, Table
from seqvae.dataset.windows import borders_of

FREE = -1  # stands for no official split


class Block(NamedTuple):
    """Some pieces in their order, `(pieces,)` each."""

    rows: NDArray[Any]  # what the catalogue knows
    groups: NDArray[np.int32]
    splits: NDArray[np.int8]
    num_kept: NDArray[np.int64]  # windows

    def of_split(self, split: int) -> NDArray[np.bool_]:
        """Mark the pieces that give windows to a split."""
        return np.asarray((self.splits == split) & (self.num_kept > 0), dtype=bool)


@dataclass(frozen=True, eq=False)
class Arrangement:
    """What was decided about the pieces, in their order: a few bytes of each, the rest on disk."""

    rows: Table  # what the catalogue knows of each
    groups: NDArray[np.int32]  # (pieces,) first piece of the group
    splits: NDArray[np.int8]  # (pieces,) number of the split
    kept: Bits  # of all windows of all pieces
    dropped: dict[str, int]  # windows, by reason

    def blocks(self) -> Iterator[Block]:
        """Go through all pieces, some thousand at a time."""
        first = 0
        for rows in self.rows.blocks():
            yield self._block(first, rows)
            first += len(rows)

    def block_of(self, piece: int) -> Block:
        """Return what is known of one piece."""
        return self._block(piece, self.rows.between(piece, piece + 1))

    def _block(self, first: int, rows: NDArray[Any]) -> Block:
        last, first_window = first + len(rows), int(rows["first_window"][0])
        kept = self.kept.between(first_window, first_window + int(rows["windows"].sum(dtype=np.int64)))
        return Block(rows, self.groups[first:last], self.splits[first:last], num_kept(kept, rows["windows"]))


def num_kept(kept: NDArray[np.bool_], windows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count what is kept, `(windows,)`, of each piece by how many windows it has; it may have none."""
    so_far = np.concatenate([[0], kept.cumsum(dtype=np.int32)])
    return np.diff(so_far[borders_of(windows)]).astype(np.int64)


def arrange(catalogue: Catalogue, settings: PrepareSettings) -> Arrangement:
    """Group and split whole pieces, the same for every number of bars, then choose windows."""
    groups = group_pieces(
        len(catalogue),
        catalogue.identities.parts(),
        catalogue.grams_of,
        catalogue.postings.parts(),
        min_share=settings.same_music_share,
    )
    splits = _split(catalogue, groups, settings)
    kept, dropped = _select(catalogue, splits)
    near_empty = sum(int(rows["near_empty"].sum(dtype=np.int64)) for rows in catalogue.rows.blocks())
    return Arrangement(catalogue.rows, groups, splits, kept, {"near-empty": near_empty} | dropped)


def _split(catalogue: Catalogue, groups: NDArray[np.int32], settings: PrepareSettings) -> NDArray[np.int8]:
    """Leave pieces in the official split of their corpus and share out the others."""
    shares = Shares(settings.seed, settings.valid_share, settings.test_share)
    allotment = Allotment(catalogue.folder, shares)
    has_official = any(corpus.splits for corpus in catalogue.sources.corpora)
    votes = np.zeros((len(groups) if has_official else 0, len(SPLITS)), dtype=np.int32)
    official = np.full(len(groups), FREE, dtype=np.int8)
    first = 0
    for rows in catalogue.rows.blocks():
        inside = slice(first, first + len(rows))
        if has_official:
            official[inside] = _official(catalogue.sources, rows["source"])
        is_free = official[inside] == FREE
        np.add.at(votes, (groups[inside][~is_free], official[inside][~is_free]), 1)
        free = rows[is_free]
        corpora = catalogue.sources.corpora_of(free["source"])  # their names are sorted
        allotment.add(groups[inside][is_free], corpora, free["bars"], free["identity"])
        first += len(rows)
    decided = allotment.decide(len(groups))
    led = np.flatnonzero(votes.any(axis=1))  # groups whose other pieces follow most of the official ones
    decided[led] = votes[led].argmax(axis=1)
    return np.where(official == FREE, decided[groups], official)


def _official(sources: Sources, places: NDArray[np.int32]) -> NDArray[np.int8]:
    """Return the split that the corpora of files bring along."""
    names = map(sources.split_of, places.tolist())
    return np.array([SPLITS.index(name) if name else FREE for name in names], dtype=np.int8)


def _select(catalogue: Catalogue, splits: NDArray[np.int8]) -> tuple[Bits, dict[str, int]]:
    """Choose windows part by part: equal ones are together, whatever the key."""
    kept, dropped = Bits(catalogue.num_windows), Counter[str]()
    for part in catalogue.windows.parts():
        relative, exact, numbers, marks = part.T
        pieces, for_training = (marks // 2).astype(np.int64), marks % 2 == 1
        selection = select_windows(relative, exact, splits[pieces], for_training)
        kept.set(numbers[selection.kept])
        dropped.update(selection.dropped)
    return kept, dict(dropped)
