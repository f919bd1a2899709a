"""Confidence intervals by drawing pieces anew: the windows of a piece overlap and are one witness."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUM_REPLICATES = 1000
LEVEL = 0.95
MAX_WEIGHTS = 4_000_000  # replicates are drawn in blocks of so many numbers


def sum_by_piece(values: Floats, pieces: NDArray[np.integer[Any]]) -> Floats:
    """Add up the rows of `(windows, columns)` that share a piece, -> `(pieces, columns)`."""
    found, places = np.unique(pieces, return_inverse=True)
    sums = np.zeros((len(found), values.shape[1]))
    np.add.at(sums, places, values)
    return sums


def resample_sums(piece_sums: Floats, *, seed: int, replicates: int = NUM_REPLICATES) -> Floats:
    """Draw as many pieces as there are, with replacement, and add them up: `(replicates, columns)`."""
    num_pieces = len(piece_sums)
    generator = np.random.default_rng(seed)
    blocks = [
        generator.multinomial(num_pieces, np.full(num_pieces, 1 / num_pieces), size=size) @ piece_sums
        for size in _blocks(replicates, num_pieces)
    ]
    return np.concatenate(blocks)


def interval(values: Floats, *, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of `(replicates,)` values; NaN where none is a number."""
    known = values[~np.isnan(values)]
    if not len(known):
        return (float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _blocks(replicates: int, num_pieces: int) -> Iterator[int]:
    """Split the replicates so that no block of weights is large."""
    largest = max(MAX_WEIGHTS // num_pieces, 1)
    for done in range(0, replicates, largest):
        yield min(largest, replicates - done)
