"""Equal parts of a batch, for several processes or one after another, that draw as the whole would."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.config import Preset
from seqvae.dataset.draws import Purpose, generator_of, seed_of
from seqvae.errors import ConfigError
from seqvae.midi.counts import counted

BARS_PER_STEP = 96  # of the first phase


@dataclass(frozen=True)
class Part:
    """Every `count`-th row of a batch from `index` on, so that long and short rows are spread evenly."""

    index: int = 0
    count: int = 1

    @property
    def rows(self) -> slice:
        """Return which rows of the batch these are."""
        return slice(self.index, None, self.count)

    def draws(self, seed: int, purpose: Purpose, step: int) -> "Draws":
        """Return the random numbers of these rows."""
        return Draws(generator_of(seed, purpose, step), self)

    def torch_seed(self, seed: int, purpose: Purpose, step: int) -> int:
        """Return a seed of this part, for what torch draws without a generator."""
        return seed_of(seed, purpose, step) + self.index


WHOLE = Part()


class Draws:
    """Random numbers of a whole batch, of which a part gets its rows."""

    def __init__(self, generator: np.random.Generator, part: Part) -> None:
        """Draw from a generator."""
        self._generator = generator
        self._part = part

    def random(self, shape: tuple[int, ...], dtype: type[np.float32]) -> NDArray[np.float32]:
        """Return uniform numbers for the rows of the part, `shape`."""
        return self._rows(self._generator.random, shape, dtype)

    def standard_normal(self, shape: tuple[int, ...], dtype: type[np.float32]) -> NDArray[np.float32]:
        """Return normal numbers for the rows of the part, `shape`."""
        return self._rows(self._generator.standard_normal, shape, dtype)

    def _rows(
        self, draw: Callable[..., Any], shape: tuple[int, ...], dtype: type[np.float32]
    ) -> NDArray[np.float32]:
        whole: NDArray[np.float32] = draw((shape[0] * self._part.count, *shape[1:]), dtype=dtype)
        return whole[self._part.rows]


def check_parts(preset: Preset, *, processes: int, accumulation: int) -> None:
    """Refuse parts of different sizes: their means would not be the mean of the batch."""
    parts, train, objective = processes * accumulation, preset.train, preset.objective
    among = f"{counted(processes, 'process', 'processes')} of {counted(accumulation, 'part')} each"
    if train.batch_size % parts:
        raise ConfigError(
            f"train.batch_size is {train.batch_size}, which {among} cannot divide evenly; "
            f"choose a multiple of {parts}"
        )
    if train.bar_steps and BARS_PER_STEP % parts:
        raise ConfigError(
            f"train.bar_steps is {train.bar_steps}, and its {BARS_PER_STEP} bars at a step cannot be divided "
            f"evenly by {among}; choose a divisor of {BARS_PER_STEP}, or train.bar_steps=0"
        )
    if accumulation > 1 and objective.free_bits and objective.free_bits_mode == "dimension":
        raise ConfigError(
            f"objective.free_bits is {objective.free_bits:g} per dimension of the whole batch, of which "
            "--accumulate sees a part at a time; choose --accumulate 1 or objective.free_bits_mode=total"
        )
