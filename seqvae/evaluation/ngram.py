"""A 5-gram model of ids, which judges how plausible a sequence is without knowing the VAE."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError

Ids = NDArray[np.integer[Any]]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grams:
    """All n-grams seen of one order, each written as one number in base `base`."""

    keys: Integers  # (grams,) sorted
    counts: Integers  # (grams,) how often; below the highest order, after how many different ids
    contexts: Integers  # (contexts,) sorted: all grams but for their last id
    context_counts: Integers  # (contexts,) sum of the counts of the grams that begin so
    context_types: Integers  # (contexts,) number of the grams that begin so
    discount: float


class NGramModel:
    """Interpolated Kneser-Ney smoothing (Chen and Goodman 1998, eq. 22) over ids of one voice.

    A sequence is preceded by start ids, so that its first id is judged too.
    """

    def __init__(self, sequences: Ids, *, vocab_size: int, order: int = 5) -> None:
        """Count `(sequences, time)` ids."""
        self.vocab_size, self.order, self.base = vocab_size, order, vocab_size + 1
        if self.base**order >= 2**63:
            raise ConfigError(f"{order}-grams of {vocab_size} ids are too many to number; lower the order")
        keys = self._keys(sequences, order).ravel()
        highest, counts = np.unique(keys, return_counts=True)
        self.grams = [_grams(highest, counts, self.base)]
        for size in range(order - 1, 0, -1):
            shorter, after = np.unique(self.grams[0].keys % self.base**size, return_counts=True)
            self.grams.insert(0, _grams(shorter, after, self.base))

    def cost(self, sequences: Ids) -> Floats:
        """Return -log p in nats of each of `(sequences, time)` ids."""
        nats: Floats = -np.log(self.probabilities(sequences)).sum(axis=1)
        return nats

    def probabilities(self, sequences: Ids) -> Floats:
        """Return the probability of each id after those before it, `(sequences, time)`."""
        keys = self._keys(sequences, self.order)
        probability = np.full(keys.shape, 1 / self.vocab_size)
        for size, grams in enumerate(self.grams, start=1):
            probability = _interpolate(grams, keys % self.base**size, probability, self.base)
        return probability

    def _keys(self, sequences: Ids, size: int) -> Integers:
        """Write each id and the `size - 1` before it as one number, `(sequences, time)`."""
        start = np.full((len(sequences), size - 1), self.vocab_size, dtype=np.int64)
        padded = np.concatenate([start, sequences.astype(np.int64)], axis=1)
        views = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)  # (sequences, time, size)
        powers = self.base ** np.arange(size - 1, -1, -1, dtype=np.int64)
        keys: Integers = views @ powers
        return keys


def _grams(keys: Integers, counts: Integers, base: int) -> Grams:
    contexts, places, types = np.unique(keys // base, return_inverse=True, return_counts=True)
    totals = np.zeros(len(contexts), dtype=np.int64)
    np.add.at(totals, places, counts)
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    discount = once / (once + 2 * twice) if once and twice else 0.5
    return Grams(keys, counts, contexts, totals, types, discount)


def _interpolate(grams: Grams, keys: Integers, shorter: Floats, base: int) -> Floats:
    """Mix the discounted share of each gram with the probability after a shorter context."""
    counts = _look_up(grams.keys, grams.counts, keys)
    totals = _look_up(grams.contexts, grams.context_counts, keys // base)
    types = _look_up(grams.contexts, grams.context_types, keys // base)
    seen = np.maximum(totals, 1)
    mixed = np.maximum(counts - grams.discount, 0) / seen + grams.discount * types / seen * shorter
    return np.where(totals > 0, mixed, shorter)


def _look_up(keys: Integers, values: Integers, wanted: Integers) -> Integers:
    """Find the value of each wanted key; 0 where it is not there."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
