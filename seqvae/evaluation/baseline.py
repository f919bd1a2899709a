"""What can be guessed without looking: the most frequent id of the train split, of all or per position."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.meaning import Ids, Meaning

WINDOWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class MajorityBaseline:
    """The best guesses; both are told where a bar ends, so that they get every padding right.

    No guess is an absent voice: where a voice is absent no accuracy looks. A position is a step of the window
    together with the length of its bar: (bar, length, step in bar, voice).
    """

    constants: NDArray[np.int64]  # (voices,)
    table: NDArray[np.int64]  # (bars, steps_per_bar + 1, steps_per_bar, voices)
    meaning: Meaning

    def guess_constant(self, targets: Ids) -> Ids:
        """Guess one id of each voice at every step of `(windows, time, voices)`."""
        return np.where(targets == self.meaning.pad, self.meaning.pad, self.constants)

    def guess_positions(self, targets: Ids) -> Ids:
        """Guess the most frequent id of each position of `(windows, time, voices)`."""
        return np.where(
            targets == self.meaning.pad,
            self.meaning.pad,
            self.table.ravel()[_positions(targets, self.meaning)],
        )


def fit_baseline(train: WindowSet, meaning: Meaning, *, vocab_size: int) -> MajorityBaseline:
    """Count the ids of all windows of the train split; an unseen position gets the constant."""
    voices = train.ids.shape[1]
    steps = meaning.steps_per_bar
    shape = (train.length // steps, steps + 1, steps, voices)
    counts = np.zeros(int(np.prod(shape)) * vocab_size, dtype=np.int64)
    for ids in _chunks(train):
        keys = _positions(ids, meaning) * vocab_size + ids
        counts += np.bincount(keys.ravel(), minlength=len(counts))
    by_voice = counts.reshape(-1, voices, vocab_size)
    by_voice[:, ~_may_be_guessed(meaning, voices, vocab_size)] = 0
    constants = by_voice.sum(axis=0).argmax(axis=-1)  # (voices,)
    guesses = np.where(by_voice.any(axis=-1), by_voice.argmax(axis=-1), constants)
    return MajorityBaseline(constants, guesses.reshape(shape), meaning)


def _may_be_guessed(meaning: Meaning, voices: int, vocab_size: int) -> NDArray[np.bool_]:
    """Tell which ids are neither padding nor an absent voice, `(voices, vocab_size)`."""
    every_id = np.broadcast_to(np.arange(vocab_size)[:, None], (vocab_size, voices))
    return meaning.is_due(every_id).T


def _positions(ids: Ids, meaning: Meaning) -> NDArray[np.int64]:
    """Locate each of `(windows, time, voices)` ids; the first voice tells the length of bars."""
    num_windows, time, voices = ids.shape
    steps = meaning.steps_per_bar
    lengths = (ids[:, :, 0] != meaning.pad).reshape(num_windows, -1, steps).sum(axis=2)  # (windows, bars)
    bars = np.arange(time // steps) * (steps + 1) + lengths
    places = bars[:, :, None] * steps + np.arange(steps)  # (windows, bars, steps)
    positions: NDArray[np.int64] = places.reshape(num_windows, time, 1) * voices + np.arange(voices)
    return positions


def _chunks(windows: WindowSet) -> Iterator[NDArray[np.int64]]:
    """Read all windows, so many at once that memory stays small."""
    for start in range(0, len(windows), WINDOWS_AT_ONCE):
        indices = np.arange(start, min(start + WINDOWS_AT_ONCE, len(windows)))
        yield windows.windows(indices).astype(np.int64)
