"""Random numbers that depend on a seed, a line and a step alone, whatever else is drawn."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import torch
from torch import Tensor

from seqvae.errors import ConfigError

TINIEST = 1e-300  # an exponential number of 0 would be infinite Gumbel noise


class Purpose(IntEnum):
    """What a draw is for; each has a stream of its own."""

    POINTS = 0
    IDS = 1


def gumbel_rows(seed: int, lines: Sequence[int], step: int, size: int) -> Tensor:
    """Draw Gumbel noise, `(lines, size)`; argmax(logits + noise) draws from the softmax.

    A line that is named twice has the same noise twice.
    """
    rows = {line: _philox(seed, line, Purpose.IDS, step).standard_exponential(size) for line in set(lines)}
    waits = np.maximum(np.stack([rows[line] for line in lines]), TINIEST)
    return torch.from_numpy(-np.log(waits)).float()


def generator_for(seed: int, line: int) -> torch.Generator:
    """Return the generator that draws the point z of one line."""
    if not 0 <= seed < 2**63:
        raise ConfigError(f"seed is {seed}; choose 0 to 2^63 - 1")
    number = int(_philox(seed, line, Purpose.POINTS, 0).integers(2**63))
    return torch.Generator().manual_seed(number)


def _philox(seed: int, line: int, purpose: Purpose, step: int) -> np.random.Generator:
    key = np.array([seed, line], dtype=np.uint64)
    counter = np.array([0, 0, step, purpose], dtype=np.uint64)  # 2 ** 128 numbers for each step
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
