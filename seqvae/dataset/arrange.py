"""The only place where pieces hear of one another: groups, splits and the windows that stay."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.allotment import Allotment, Shares, leaders
from seqvae.dataset.catalogue import Catalogue
from seqvae.dataset.corpus import Sources
from seqvae.dataset.grouping import SPLITS, group_pieces
from seqvae.dataset.selection import select_windows
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.table import Bits, Table

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
        piece = window = 0
        for rows in self.rows.blocks():
            last, last_window = piece + len(rows), window + int(rows["windows"].sum(dtype=np.int64))
            kept = num_kept(self.kept.between(window, last_window), rows["windows"])
            yield Block(rows, self.groups[piece:last], self.splits[piece:last], kept)
            piece, window = last, last_window


def num_kept(kept: NDArray[np.bool_], windows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count what is kept, `(windows,)`, of each piece by how many windows it has; it may have none."""
    owners = np.arange(len(windows)).repeat(windows)
    return np.bincount(owners[kept], minlength=len(windows))


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
    allotment, votes = Allotment(catalogue.folder, shares), Counter[tuple[int, int]]()
    official = np.full(len(groups), FREE, dtype=np.int8)
    first = 0
    for rows in catalogue.rows.blocks():
        inside = slice(first, first + len(rows))
        official[inside] = _official(catalogue.sources, rows["source"])
        is_free = official[inside] == FREE
        votes.update(zip(groups[inside][~is_free].tolist(), official[inside][~is_free].tolist(), strict=True))
        free = rows[is_free]
        corpora = catalogue.sources.corpora_of(free["source"])  # their names are sorted
        allotment.add(groups[inside][is_free], corpora, free["bars"], free["identity"])
        first += len(rows)
    decided = allotment.decide(len(groups))
    for group, split in leaders(votes).items():
        decided[group] = split  # that pieces of no official split follow
    return np.where(official == FREE, decided[groups], official)


def _official(sources: Sources, places: NDArray[np.int32]) -> NDArray[np.int8]:
    """Return the split that the corpora of files bring along."""
    if not any(corpus.splits for corpus in sources.corpora):
        return np.full(len(places), FREE, dtype=np.int8)
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
