"""Noise that belongs to a window, not to its place in a batch: drawn by a counter-based generator."""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

SMALLEST = np.float32(1e-30)  # an exponential number of 0 would be infinite Gumbel noise


class Purpose(IntEnum):
    """What noise is for; each purpose has a stream of its own."""

    POSTERIOR = 0
    SAMPLING = 1
    BOUND = 2


def normal_noise(indices: Iterable[int], shape: tuple[int, ...], *, purpose: Purpose, seed: int) -> Floats32:
    """Draw normal noise for each window, `(windows, *shape)`."""
    rows = [_generator(index, purpose, seed).standard_normal(shape, dtype=np.float32) for index in indices]
    return np.stack(rows)


def gumbel_noise(indices: Iterable[int], shape: tuple[int, ...], *, purpose: Purpose, seed: int) -> Floats32:
    """Draw Gumbel noise for each window, `(windows, *shape)`; argmax(logits + noise) samples at T = 1."""
    rows = [
        _generator(index, purpose, seed).standard_exponential(shape, dtype=np.float32) for index in indices
    ]
    waits = np.maximum(np.stack(rows), SMALLEST)
    return -np.log(waits)


def _generator(index: int, purpose: Purpose, seed: int) -> np.random.Generator:
    """Open the stream of one window: the key is seed and purpose, the high word of the counter the window."""
    key = np.array([seed, purpose], dtype=np.uint64)
    counter = np.array([0, 0, 0, index], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
