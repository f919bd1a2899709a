"""Pieces that share music form one group, and whole groups go to train, valid or test."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import chain, pairwise
from typing import Any

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
        self._parents = array("q", range(size))

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

    def roots(self) -> Integers:
        """Return the smallest member of each member's set."""
        return np.fromiter(map(self.find, range(len(self._parents))), np.int64, len(self._parents))


def group_pieces(
    identities: NDArray[np.uint64],
    grams_of: Callable[[int], Keys],
    postings: Iterable[NDArray[np.uint64]],
    *,
    min_share: float,
) -> Integers:
    """Return the group of each piece, named by its first piece.

    Equal identities are always joined, other pieces when they share `min_share` of the smaller's grams: these
    are sorted, and `postings` are rows of gram and piece in parts that have all rows of a gram together.
    """
    sets = DisjointSets(len(identities))
    _, firsts, which = np.unique(identities, return_index=True, return_inverse=True)
    for piece in np.flatnonzero(firsts[which] != np.arange(len(identities))).tolist():
        sets.join(int(firsts[which[piece]]), piece)
    strangers: set[int] = set()
    for part in postings:
        for one, other in _candidates(part).tolist():
            pair = one * len(identities) + other
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


def assign_splits(
    groups: Sequence[int] | Integers,
    identities: Sequence[int] | NDArray[np.uint64],
    corpora: Sequence[str] | Integers,
    weights: Sequence[int] | Integers,
    *,
    seed: int,
    valid_share: float,
    test_share: float,
) -> list[str]:
    """Return the split of each piece: whole groups, about the given shares of the weight of every corpus.

    Within a corpus, groups are shuffled by a hash of seed and content: names and other corpora have no say.
    """
    if not len(groups):  # all pieces are where their corpus puts them
        return []
    of_group, stratum, totals = _measure(np.asarray(groups), np.asarray(corpora), np.asarray(weights))
    keys = _shuffle_keys(seed, of_group, np.asarray(identities, dtype=np.uint64))
    split_of = np.zeros(len(totals), dtype=np.int8)
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        members = members[np.argsort(keys[members], kind="stable")]
        split_of[members] = _fill(totals[members], test_share, valid_share)
    return [SPLITS[number] for number in split_of[of_group].tolist()]


def _measure(
    groups: Integers, corpora: NDArray[Any], weights: Integers
) -> tuple[Integers, Integers, Integers]:
    """Return the number of each piece's group, and of each group its main corpus and its weight."""
    names, corpus_of = np.unique(corpora, return_inverse=True)
    labels, of_group = np.unique(groups, return_inverse=True)
    totals = np.full((len(labels), len(names)), -1, dtype=np.int64)  # -1: nothing of this corpus
    totals[of_group, corpus_of] = 0
    np.add.at(totals, (of_group, corpus_of), weights)
    return of_group, totals.argmax(axis=1), np.maximum(totals, 0).sum(axis=1)


def _shuffle_keys(seed: int, of_group: Integers, identities: NDArray[np.uint64]) -> NDArray[np.bytes_]:
    """Hash seed and content of each group."""
    order = np.argsort(of_group, kind="stable")
    borders = np.cumsum(np.bincount(of_group))
    keys = np.empty(len(borders), dtype="S16")
    for group, (start, end) in enumerate(pairwise(chain([0], borders))):
        content = np.unique(identities[order[start:end]]).astype("<u8").tobytes()
        keys[group] = blake2b(f"{seed}:".encode() + content, digest_size=16).digest()
    return keys


def follow_official(splits: Sequence[str], groups: Sequence[int], is_official: Sequence[bool]) -> list[str]:
    """Send pieces of a group with official ones where most of those are; those stay in place."""
    official: dict[int, list[str]] = {}
    for split, group, is_fixed in zip(splits, groups, is_official, strict=True):
        if is_fixed:
            official.setdefault(group, []).append(split)
    leaders = {group: max(SPLITS, key=members.count) for group, members in official.items()}
    rows = zip(splits, groups, is_official, strict=True)
    return [split if is_fixed else leaders.get(group, split) for split, group, is_fixed in rows]


def _fill(weights: Integers, test_share: float, valid_share: float) -> NDArray[np.int8]:
    """Send groups in order to test, then valid, until each has its share; the rest and heavy ones to train.

    Returned are the numbers of their splits. Heavy is what outweighs a whole share and the median: a handful
    of pieces gives one to each split.
    """
    splits = np.full(len(weights), TRAIN, dtype=np.int8)
    if len(weights) < len(SPLITS):
        return splits
    quotas = {TEST: test_share * int(weights.sum()), VALID: valid_share * int(weights.sum())}
    filled = dict.fromkeys(quotas, 0)
    middle = float(np.median(weights))
    for place, weight in enumerate(map(int, weights)):
        open_splits = [
            split for split, quota in quotas.items() if filled[split] < quota and weight <= max(quota, middle)
        ]
        if open_splits:
            splits[place] = open_splits[0]
            filled[open_splits[0]] += weight
    return splits
