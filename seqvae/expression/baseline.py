"""What can be guessed of velocity and offset without a model: counts by class and place in the bar."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from seqvae.expression.logistic import Scale
from seqvae.tokens.drum_map import NUM_CLASSES
from seqvae.tokens.melody_decode import STEPS_PER_BAR

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PRIOR_COUNT = 0.5  # of each number of a class, so that none is impossible
CLASS_COUNT = 20.0  # hits of a class that its places in the bar borrow from all of them


class Cells(NamedTuple):
    """Hits in a row, the same length each."""

    classes: Integers
    places: Integers  # in the bar
    numbers: Integers  # velocity, or offset


class Counts(NamedTuple):
    """How likely each number is for each class and place in the bar."""

    lowest: int
    shares: Floats  # (9, 16, numbers)

    @classmethod
    def by_class(cls, cells: Cells, scale: Scale) -> Self:
        """Count each class, wherever in the bar."""
        shares = _shares_of_classes(cells, scale)
        return cls(scale.lowest, np.repeat(shares[:, None], STEPS_PER_BAR, axis=1))

    @classmethod
    def by_place(cls, cells: Cells, scale: Scale) -> Self:
        """Count each class at each place, leaning on the whole class where there are few."""
        shape = (NUM_CLASSES, STEPS_PER_BAR, scale.highest - scale.lowest + 1)
        counts = np.zeros(shape)
        np.add.at(counts, (cells.classes, cells.places, cells.numbers - scale.lowest), 1)
        lent = CLASS_COUNT * _shares_of_classes(cells, scale)[:, None]
        return cls(scale.lowest, (counts + lent) / (counts.sum(axis=2, keepdims=True) + CLASS_COUNT))

    def nats(self, cells: Cells) -> Floats:
        """Return -log P of each hit, `(hits,)`."""
        return np.asarray(-np.log(self.shares[cells.classes, cells.places, cells.numbers - self.lowest]))

    def at_quantiles(self, cells: Cells, quantiles: Floats | float) -> Integers:
        """Return the number at a quantile for each hit, `(hits,)`; at .5 the median."""
        up_to = self.shares.cumsum(axis=2)[cells.classes, cells.places]  # (hits, numbers)
        places = (up_to < np.broadcast_to(quantiles, len(up_to))[:, None]).sum(axis=1)
        return np.asarray(self.lowest + places.clip(max=up_to.shape[1] - 1), dtype=np.int64)


def _shares_of_classes(cells: Cells, scale: Scale) -> Floats:
    counts = np.full((NUM_CLASSES, scale.highest - scale.lowest + 1), PRIOR_COUNT)
    np.add.at(counts, (cells.classes, cells.numbers - scale.lowest), 1)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
