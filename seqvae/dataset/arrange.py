"""The only place where pieces hear of one another: groups, splits and the windows that stay."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.catalogue import Catalogue
from seqvae.dataset.grouping import SPLITS, assign_splits, follow_official, group_pieces
from seqvae.dataset.selection import select_windows
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.windows import Keys, borders_of

PIECES_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Arrangement:
    """What was decided about the pieces, in their order."""

    groups: NDArray[np.int64]  # (pieces,) first piece of the group
    splits: NDArray[np.int8]  # (pieces,) number of the split
    kept: NDArray[np.bool_]  # (windows,) of all pieces
    num_kept: NDArray[np.int64]  # (pieces,) windows
    dropped: dict[str, int]  # windows, by reason

    def of_split(self, split: int) -> NDArray[np.bool_]:
        """Mark the pieces that give windows to a split."""
        return np.asarray((self.splits == split) & (self.num_kept > 0), dtype=bool)


def arrange(catalogue: Catalogue, settings: PrepareSettings) -> Arrangement:
    """Group and split whole pieces, the same for every number of bars, then choose windows."""
    rows = catalogue.rows
    grams = borders_of(rows["grams"])

    def grams_of(piece: int) -> Keys:
        return catalogue.grams[grams[piece] : grams[piece + 1]]

    groups = group_pieces(
        rows["identity"], grams_of, catalogue.postings.parts(), min_share=settings.same_music_share
    )
    splits = _split(catalogue, groups, settings)
    kept, dropped = _select(catalogue, splits)
    near_empty = {"near-empty": int(rows["near_empty"].sum(dtype=np.int64))}
    return Arrangement(groups, splits, kept, _per_piece(kept, rows["windows"]), near_empty | dropped)


def _split(catalogue: Catalogue, groups: NDArray[np.int64], settings: PrepareSettings) -> NDArray[np.int8]:
    """Leave pieces in the official split of their corpus and share out the others."""
    rows, sources = catalogue.rows, catalogue.sources
    official: list[str] = []
    free: NDArray[np.bool_] | slice = slice(None)
    if any(corpus.splits for corpus in sources.corpora):
        official = [sources.split_of(place) for place in rows["source"].tolist()]
        free = np.array([not split for split in official], dtype=bool)
    assigned = assign_splits(
        groups[free],
        rows["identity"][free],
        sources.corpora_of(rows["source"][free]),  # their names are sorted
        rows["bars"][free],
        seed=settings.seed,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
    )
    if isinstance(free, np.ndarray):
        others = iter(assigned)
        both = [split or next(others) for split in official]
        assigned = follow_official(both, groups.tolist(), (~free).tolist())
    return np.fromiter(map(SPLITS.index, assigned), np.int8, len(rows))


def _select(catalogue: Catalogue, splits: NDArray[np.int8]) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Choose windows part by part: equal ones are together, whatever the key."""
    borders = borders_of(catalogue.rows["windows"])
    kept = np.zeros(borders[-1], dtype=bool)
    dropped: Counter[str] = Counter()
    for part in catalogue.windows.parts():
        relative, exact, numbers = part.T
        split = splits[np.searchsorted(borders, numbers.astype(np.int64), side="right") - 1]
        selection = select_windows(relative, exact, split, catalogue.for_training[numbers])
        kept[numbers[selection.kept]] = True
        dropped.update(selection.dropped)
    return kept, dict(dropped)


def _per_piece(kept: NDArray[np.bool_], windows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count what is kept of each piece, some thousand at a time; a piece may have no window."""
    counts = np.zeros(len(windows), dtype=np.int64)
    first = 0
    for start in range(0, len(windows), PIECES_AT_ONCE):
        some = windows[start : start + PIECES_AT_ONCE]
        owners = np.arange(start, start + len(some)).repeat(some)
        inside = owners[kept[first : first + len(owners)]]
        counts[start : start + len(some)] = np.bincount(inside - start, minlength=len(some))
        first += len(owners)
    return counts
