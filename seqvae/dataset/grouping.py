"""Pieces that share music form one group."""

from array import array
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.windows import Keys

SPLITS = ("train", "valid", "test")
TRAIN, VALID, TEST = range(3)  # their numbers
COMMON_GRAM = 50  # a gram of more pieces proves nothing by itself, and all their pairs would be too many
MOST_STRANGERS = 1 << 18  # pairs that are remembered as unlike; beyond them some are compared again

Integers = NDArray[np.int64]


class DisjointSets:
    """Union-find; the root of a set is its smallest member."""

    def __init__(self, size: int) -> None:
        """Start with `size` sets of one."""
        self._parents = array("i", range(size))

    def find(self, member: int) -> int:
        """Return the smallest member of the set."""
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parents[high] = low

    def roots(self) -> NDArray[np.int32]:
        """Return the smallest member of each member's set, in the memory of the sets themselves."""
        for member in range(len(self._parents)):
            self._parents[member] = self.find(member)
        return np.frombuffer(self._parents, dtype=np.intc)


def group_pieces(
    num_pieces: int,
    identities: Iterable[NDArray[np.uint64]],
    grams_of: Callable[[int], Keys],
    postings: Iterable[NDArray[np.uint64]],
    *,
    min_share: float,
) -> NDArray[np.int32]:
    """Return the group of each piece, named by its first piece.

    Equal identities are always joined, other pieces when they share `min_share` of the smaller's grams: these
    are sorted. `identities` are rows of identity and piece, `postings` of gram and piece, both in parts that
    have all rows of their first column together.
    """
    sets = DisjointSets(num_pieces)
    for part in identities:
        _, firsts, which = np.unique(part[:, 0], return_index=True, return_inverse=True)
        pairs = np.stack([part[firsts[which], 1], part[:, 1]], axis=1)
        for one, other in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
            sets.join(one, other)
    strangers: set[int] = set()
    for part in postings:
        for one, other in _candidates(part).tolist():
            pair = one * num_pieces + other
            if pair in strangers or sets.find(one) == sets.find(other):
                continue
            if _share(grams_of(one), grams_of(other)) >= min_share:
                sets.join(one, other)
            elif len(strangers) < MOST_STRANGERS:
                strangers.add(pair)
    return sets.roots()


def _candidates(postings: NDArray[np.uint64]) -> Integers:
    """Return pairs of pieces that share a gram; of a common gram only neighbours, which chains copies."""
    keys, pieces = postings[np.argsort(postings[:, 0], kind="stable")].T.copy()
    owners = pieces.astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    lengths = np.diff(np.append(starts, len(keys)))
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for length in np.unique(lengths[lengths > 1]).tolist():
        together = owners[starts[lengths == length, None] + np.arange(length)]  # (grams, length)
        one, other = _pairs_of(length)
        pairs.append(np.stack([together[:, one], together[:, other]], axis=-1).reshape(-1, 2))
    one, other = np.concatenate(pairs).T
    codes = np.unique(one * (owners.max(initial=0) + 1) + other)
    return np.stack(np.divmod(codes, owners.max(initial=0) + 1), axis=1)


def _pairs_of(length: int) -> tuple[Integers, Integers]:
    if length > COMMON_GRAM:
        return np.arange(length - 1), np.arange(1, length)
    one, other = np.triu_indices(length, 1)
    return one, other


def _share(one: Keys, other: Keys) -> float:
    """Return how much of the smaller of two sorted sets the other holds."""
    small, large = sorted((one, other), key=len)
    places = np.searchsorted(large, small)
    found = large[np.minimum(places, len(large) - 1)] == small
    return float(found.sum()) / len(small)
