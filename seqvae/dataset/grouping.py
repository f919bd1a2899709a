"""Pieces that share music form one group, and whole groups go to train, valid or test."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import combinations, pairwise

import numpy as np

from seqvae.dataset.windows import Keys

SPLITS = ("train", "valid", "test")
COMMON_GRAM = 50  # a gram of more pieces proves nothing by itself, and all their pairs would be too many


class DisjointSets:
    """Union-find; the root of a set is its smallest member."""

    def __init__(self, size: int) -> None:
        """Start with `size` sets of one."""
        self._parents = list(range(size))

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


def group_pieces(identities: Sequence[int], grams: Sequence[Keys], *, min_share: float) -> list[int]:
    """Return the group of each piece, named by its first piece.

    Equal identities are always joined, other pieces when they share `min_share` of the smaller's grams.
    """
    sets = DisjointSets(len(identities))
    firsts: dict[int, int] = {}
    for piece, identity in enumerate(identities):
        sets.join(firsts.setdefault(identity, piece), piece)
    contents = [frozenset(piece_grams.tolist()) for piece_grams in grams]
    strangers: set[tuple[int, int]] = set()
    for pair in _candidates(grams):
        if pair in strangers or sets.find(pair[0]) == sets.find(pair[1]):
            continue
        if _share(contents[pair[0]], contents[pair[1]]) >= min_share:
            sets.join(*pair)
        else:
            strangers.add(pair)
    return [sets.find(piece) for piece in range(len(identities))]


def _candidates(grams: Sequence[Keys]) -> Iterator[tuple[int, int]]:
    """Yield pairs of pieces that share a gram; of a common gram only neighbours, which chains copies."""
    if not grams:
        return
    owners = np.repeat(np.arange(len(grams)), [len(piece_grams) for piece_grams in grams])
    keys = np.concatenate(grams)
    order = np.argsort(keys, kind="stable")
    borders = np.flatnonzero(np.diff(keys[order])) + 1
    for posting in np.split(owners[order], borders):
        pieces = posting.tolist()
        yield from combinations(pieces, 2) if len(pieces) <= COMMON_GRAM else pairwise(pieces)


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / min(len(one), len(other))


def assign_splits(
    groups: Sequence[int],
    identities: Sequence[int],
    corpora: Sequence[str],
    weights: Sequence[int],
    *,
    seed: int,
    valid_share: float,
    test_share: float,
) -> list[str]:
    """Return the split of each piece: whole groups, about the given shares of the weight of every corpus.

    Within a corpus, groups are shuffled by a hash of seed and content: names and other corpora have no say.
    """
    members: dict[int, list[int]] = {}
    for piece, group in enumerate(groups):
        members.setdefault(group, []).append(piece)
    strata: dict[str, list[list[int]]] = {}
    for pieces in members.values():
        strata.setdefault(_main_corpus(pieces, corpora, weights), []).append(pieces)
    splits = ["train"] * len(groups)
    for stratum in strata.values():
        stratum.sort(key=lambda pieces: _shuffle_key(seed, [identities[piece] for piece in pieces]))
        totals = [sum(weights[piece] for piece in pieces) for pieces in stratum]
        for pieces, split in zip(stratum, _fill(totals, test_share, valid_share), strict=True):
            for piece in pieces:
                splits[piece] = split
    return splits


def follow_official(splits: Sequence[str], groups: Sequence[int], is_official: Sequence[bool]) -> list[str]:
    """Send pieces of a group with official ones where most of those are; those stay in place."""
    official: dict[int, list[str]] = {}
    for split, group, is_fixed in zip(splits, groups, is_official, strict=True):
        if is_fixed:
            official.setdefault(group, []).append(split)
    leaders = {group: max(SPLITS, key=members.count) for group, members in official.items()}
    rows = zip(splits, groups, is_official, strict=True)
    return [split if is_fixed else leaders.get(group, split) for split, group, is_fixed in rows]


def _main_corpus(pieces: Sequence[int], corpora: Sequence[str], weights: Sequence[int]) -> str:
    totals: dict[str, int] = {}
    for piece in pieces:
        totals[corpora[piece]] = totals.get(corpora[piece], 0) + weights[piece]
    return min(totals, key=lambda corpus: (-totals[corpus], corpus))


def _shuffle_key(seed: int, identities: Sequence[int]) -> bytes:
    content = np.unique(np.asarray(identities, dtype="<u8")).tobytes()
    return blake2b(f"{seed}:".encode() + content, digest_size=16).digest()


def _fill(weights: Sequence[int], test_share: float, valid_share: float) -> list[str]:
    """Send groups in order to test, then valid, until each has its share; the rest and heavy ones to train.

    Heavy is what outweighs a whole share and the median: a handful of pieces gives one to each split.
    """
    if len(weights) < len(SPLITS):
        return ["train"] * len(weights)
    quotas = {"test": test_share * sum(weights), "valid": valid_share * sum(weights)}
    filled = dict.fromkeys(quotas, 0)
    middle = float(np.median(weights))
    splits = []
    for weight in weights:
        open_splits = [
            split for split, quota in quotas.items() if filled[split] < quota and weight <= max(quota, middle)
        ]
        splits.append(open_splits[0] if open_splits else "train")
        if open_splits:
            filled[open_splits[0]] += weight
    return splits
