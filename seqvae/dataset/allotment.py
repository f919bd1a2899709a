"""Whole groups of pieces go to train, valid or test, about the given shares of the weight of every corpus."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import SPLITS, TEST, TRAIN, VALID, Integers
from seqvae.dataset.spill import Spill, in_order_of

KEY_BYTES = 16
MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number near 2 ** 64 over the golden ratio


class Shares(NamedTuple):
    """How much of the weight of each corpus is held out, and what decides by chance which groups are."""

    seed: int
    valid: float
    test: float


class Allotment:
    """Pieces are told, some at a time; then each group gets its split.

    Within a corpus, groups are shuffled by a hash of seed and content: names and other corpora have no say.
    What is told lies on the disk, and so do the groups until they have their turn.
    """

    def __init__(self, folder: Path, shares: Shares) -> None:
        """Write to new files in this folder."""
        self._folder, self._shares = folder, shares
        self._pieces = Spill(folder, "pieces", columns=5)

    def add(
        self,
        groups: NDArray[np.integer],
        corpora: NDArray[np.integer],
        weights: NDArray[np.integer],
        identities: NDArray[np.integer],
    ) -> None:
        """Tell of pieces `(n,)`: group, number of the corpus, weight and a hash of the content of each."""
        mixed = groups.astype(np.uint64) * MIX  # copies that lie in a row are not to meet in one part
        self._pieces.add(mixed >> np.uint64(8), groups, corpora, weights, identities)

    def decide(self, size: int) -> NDArray[np.int8]:
        """Return the number of the split of each group from 0 to before `size`; of no group, train."""
        groups = Spill(self._folder, "groups", columns=6)
        weights: dict[int, Counter[int]] = {}
        for part in self._pieces.parts():
            labels, corpora, totals, keys = _groups_of(part, self._shares.seed)
            for corpus in np.unique(corpora).tolist():
                weights.setdefault(corpus, Counter()).update(totals[corpora == corpus].tolist())
            first, second = keys.T
            groups.add(in_order_of(first), first, second, corpora, totals, labels)
        fillers = {corpus: _Filler(own, self._shares) for corpus, own in weights.items()}
        splits = np.full(size, TRAIN, dtype=np.int8)
        for part in groups.parts():
            _, first, second, corpora, totals, labels = part[np.lexsort(part.T[[5, 2, 1]])].T
            for corpus in np.unique(corpora).tolist():
                inside = corpora == corpus
                splits[labels[inside].astype(np.int64)] = fillers[corpus].fill(totals[inside].tolist())
        return splits


def _groups_of(
    pieces: NDArray[np.uint64], seed: int
) -> tuple[Integers, Integers, Integers, NDArray[np.uint64]]:
    """Return label, main corpus, weight and shuffling key `(groups, 2)` of the groups of pieces."""
    groups, corpora, weights = pieces[:, 1:4].astype(np.int64).T
    names, corpus_of = np.unique(corpora, return_inverse=True)
    labels, of_group = np.unique(groups, return_inverse=True)
    totals = np.full((len(labels), len(names)), -1, dtype=np.int64)  # -1: nothing of this corpus
    totals[of_group, corpus_of] = 0
    np.add.at(totals, (of_group, corpus_of), weights)
    main = names[totals.argmax(axis=1)] if len(labels) else names
    return labels, main, np.maximum(totals, 0).sum(axis=1), _keys(seed, of_group, pieces[:, 4])


def _keys(seed: int, of_group: Integers, identities: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash seed and content of each group, `(groups, 2)`."""
    order = np.argsort(of_group, kind="stable")
    borders = np.cumsum(np.bincount(of_group)).tolist()
    keys = bytearray()
    for start, end in pairwise(chain([0], borders)):
        content = np.unique(identities[order[start:end]]).astype("<u8").tobytes()
        keys += blake2b(f"{seed}:".encode() + content, digest_size=KEY_BYTES).digest()
    return np.frombuffer(keys, dtype=">u8").astype(np.uint64).reshape(-1, 2)


class _Filler:
    """Groups of a corpus in order go to test, then valid, until each has its share; the rest to train.

    So do heavy ones, which outweigh a whole share and the median. A handful of pieces gives one to each.
    """

    def __init__(self, weights: Counter[int], shares: Shares) -> None:
        self._is_large_enough = weights.total() >= len(SPLITS)
        total = sum(weight * number for weight, number in weights.items())
        self._quotas = {TEST: shares.test * total, VALID: shares.valid * total}
        self._filled = dict.fromkeys(self._quotas, 0)
        self._middle = median_of(weights)

    def fill(self, weights: Iterable[int]) -> list[int]:
        """Return the numbers of the splits of the next groups."""
        return [self._choose(weight) for weight in weights]

    def _choose(self, weight: int) -> int:
        if not self._is_large_enough:
            return TRAIN
        for split, quota in self._quotas.items():
            if self._filled[split] < quota and weight <= max(quota, self._middle):
                self._filled[split] += weight
                return split
        return TRAIN


def median_of(counted: Mapping[int, int]) -> float:
    """Return the median of values that are told with how often each is there."""
    values = sorted(counted)
    behind = np.cumsum([counted[value] for value in values])  # how many are no larger
    total = int(behind[-1])
    middle = [
        values[int(np.searchsorted(behind, place, side="right"))] for place in ((total - 1) // 2, total // 2)
    ]
    return sum(middle) / 2


def assign_splits(
    groups: Sequence[int] | Integers,
    identities: Sequence[int] | NDArray[np.uint64],
    corpora: Sequence[str],
    weights: Sequence[int] | Integers,
    *,
    shares: Shares,
) -> list[str]:
    """Return the split of each piece, all told at once."""
    if not len(groups):
        return []
    labels = np.asarray(groups, dtype=np.int64)
    numbers = np.unique(np.asarray(corpora), return_inverse=True)[1]
    with TemporaryDirectory() as folder:
        allotment = Allotment(Path(folder), shares)
        allotment.add(labels, numbers, np.asarray(weights), np.asarray(identities, dtype=np.uint64))
        splits = allotment.decide(int(labels.max()) + 1)
    return [SPLITS[number] for number in splits[labels].tolist()]
