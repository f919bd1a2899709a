"""Ids, window sets and measurements for the tests of the metrics."""

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.meaning import MEANINGS

MELODY, DRUMS, TRIO = (MEANINGS[name] for name in ("melody", "drums", "trio"))


def random_ids(
    seed: int, *, num_windows: int = 12, num_bars: int = 2, vocab_size: int = 9
) -> NDArray[np.int16]:
    """Draw `(windows, time, 1)` ids in bars of 16, 12 or 8 steps; few different notes, so that some agree."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, vocab_size, size=(num_windows, num_bars, 16))
    lengths = generator.choice([16, 16, 12, 8], size=(num_windows, num_bars, 1))
    ids[np.broadcast_to(np.arange(16) >= lengths, ids.shape)] = 0
    return ids.reshape(num_windows, num_bars * 16, 1).astype(np.int16)


def spoil(ids: NDArray[np.int16], seed: int, *, share: float = 0.2, vocab_size: int = 9) -> NDArray[np.int16]:
    """Replace a share of the ids by random ones, padding too."""
    generator = np.random.default_rng(seed)
    others = generator.integers(0, vocab_size, size=ids.shape).astype(np.int16)
    return np.where(generator.random(ids.shape) < share, others, ids)


def window_set(ids: NDArray[np.int16], *, windows_per_piece: int = 3, num_corpora: int = 2) -> WindowSet:
    """Lay `(windows, time, voices)` ids one after another; pieces take turns among corpora."""
    num_windows, time, voices = ids.shape
    pieces = (np.arange(num_windows) // windows_per_piece).astype(np.int32)
    return WindowSet(
        ids=ids.reshape(-1, voices),
        starts=np.arange(num_windows, dtype=np.int64) * time,
        lengths=np.full(num_windows, time, dtype=np.int32),
        pieces=pieces,
        ranges=np.tile(np.array([[60, 66]], dtype=np.uint8), (num_windows, 1)),
        length=time,
        corpora=tuple(f"corpus{i}" for i in range(num_corpora)),
        corpus_indices=(pieces % num_corpora).astype(np.int32),
    )
