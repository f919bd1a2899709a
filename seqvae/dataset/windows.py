"""Windows of whole bars over the ids of a piece, and the keys by which equal ones are found."""

from collections.abc import Sequence
from hashlib import blake2b
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.tokens.meaning import Meaning

Ids = NDArray[np.int16]
Keys = NDArray[np.uint64]

GRAM_BARS = 2  # pieces are compared by windows of two bars, whatever the length that is trained on
GRAM_MIN_ONSETS = 4  # fewer notes than that occur in any music
ENSEMBLE = 2  # voices that must play where there are several
NO_RANGE = (127, 0)  # lowest and highest pitch of nothing: neutral for min and max


class WindowFacts(NamedTuple):
    """What is known of each of n windows of a piece."""

    starts: NDArray[np.int64]  # (n,) first step of the window in the piece
    exact: Keys  # (n,) equal for equal ids
    relative: Keys  # (n,) equal in every key
    ranges: NDArray[np.uint8]  # (n, 2) lowest and highest pitch, NO_RANGE without an onset


def window_starts(span_steps: Sequence[int], *, length: int, hop: int) -> NDArray[np.int64]:
    """Return the starts of all windows of `length` steps inside one span; spans follow one another."""
    ends = np.cumsum(np.asarray(span_steps, dtype=np.int64))
    spans = [
        np.arange(end - steps, end - length + 1, hop, dtype=np.int64)
        for end, steps in zip(ends, span_steps, strict=True)
    ]
    return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)


def cut(ids: Ids, starts: NDArray[np.int64], length: int) -> Ids:
    """Copy the windows at `starts` out of `(steps, voices)` ids -> `(windows, length, voices)`."""
    windows: Ids = ids[starts[:, None] + np.arange(length)]
    return windows


def describe(ids: Ids, starts: NDArray[np.int64], length: int, meaning: Meaning) -> WindowFacts:
    """Return keys and pitch range of each window at `starts` of `(steps, voices)` ids."""
    windows = cut(ids, starts, length)
    relative = relative_to_first_onset(windows, meaning)
    return WindowFacts(starts, keys_of(windows), keys_of(relative), pitch_ranges(windows, meaning))


def keys_of(windows: Ids) -> Keys:
    """Hash each row of `(windows, ...)` ids to 64 bits: 10 million windows collide once in 400,000 runs."""
    rows = _rows(np.ascontiguousarray(windows, dtype="<i2"))
    digests = b"".join(blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def relative_to_first_onset(windows: Ids, meaning: Meaning) -> Ids:
    """Write each pitch of `(windows, length, voices)` as interval from its window's first; keys look alike.

    A hold before any onset of its voice becomes a rest: played alone, both are silence. Drums stay as they
    are.
    """
    pitches = meaning.is_pitch(windows)
    firsts = _rows(windows)[np.arange(len(windows)), _rows(pitches).argmax(axis=1)]
    intervals = windows - firsts[:, None, None] + 2 * meaning.first_pitches + 128  # clear of every other id
    unsounded = meaning.is_hold(windows) & ~np.logical_or.accumulate(meaning.is_onset(windows), axis=1)
    silenced = np.where(unsounded, meaning.rests, windows)
    others = np.where(meaning.is_beyond_pitch(windows), -silenced, silenced)  # intervals reach their ids
    return np.where(pitches, intervals, others).astype(np.int16)


def pitch_ranges(windows: Ids, meaning: Meaning) -> NDArray[np.uint8]:
    """Return the lowest and highest pitch that starts in each window, -> `(windows, 2)`."""
    flags, pitches = _rows(meaning.is_pitch(windows)), _rows(windows - meaning.first_pitches)
    lowest = np.where(flags, pitches, NO_RANGE[0]).min(axis=1, initial=NO_RANGE[0])
    highest = np.where(flags, pitches, NO_RANGE[1]).max(axis=1, initial=NO_RANGE[1])
    return np.stack([lowest, highest], axis=1).astype(np.uint8)


def near_empty(windows: Ids, meaning: Meaning, *, bars: int) -> NDArray[np.bool_]:
    """Tell in which windows no voice plays, or of several voices fewer than two.

    A voice plays if it has as many onsets as there are bars, and onsets in half the bars. Silent windows are
    not meant: rests must be learned, and de-duplication leaves one per run of metres.
    """
    num, length, voices = windows.shape
    onsets = meaning.is_onset(windows)
    per_bar = onsets.reshape(num, bars, length // bars, voices).sum(axis=2)  # (windows, bars, voices)
    plays = (per_bar.sum(axis=1) >= bars) & (2 * (per_bar > 0).sum(axis=1) >= bars)  # (windows, voices)
    sounding = (onsets | meaning.is_hold(windows)).any(axis=(1, 2))
    return np.asarray((plays.sum(axis=1) < min(ENSEMBLE, voices)) & sounding, dtype=bool)


def grams_of(ids: Ids, span_steps: Sequence[int], meaning: Meaning, *, steps_per_bar: int) -> Keys:
    """Return the sorted distinct keys of a piece's two-bar windows, the same in every transposition.

    Of several voices the first that has any stands for the piece: a melody tells songs apart, drums do not.
    """
    for voice in range(ids.shape[1]):
        part = Meaning((meaning.voices[voice],))
        grams = _grams_of_voice(ids[:, voice, None], span_steps, part, steps_per_bar=steps_per_bar)
        if len(grams):
            return grams
    return np.empty(0, dtype=np.uint64)


def _grams_of_voice(ids: Ids, span_steps: Sequence[int], meaning: Meaning, *, steps_per_bar: int) -> Keys:
    length = GRAM_BARS * steps_per_bar
    windows = cut(ids, window_starts(span_steps, length=length, hop=steps_per_bar), length)
    busy = meaning.is_onset(windows).sum(axis=(1, 2)) >= GRAM_MIN_ONSETS
    return np.unique(keys_of(relative_to_first_onset(windows[busy], meaning)))


def identity_of(ids: Ids, meaning: Meaning, *, steps_per_bar: int) -> int:
    """Hash a whole piece, the same in every transposition and with any number of empty bars around it."""
    sounding = np.flatnonzero(meaning.is_onset(ids).any(axis=1)) // steps_per_bar
    if not len(sounding):
        return 0
    music = ids[sounding[0] * steps_per_bar : (sounding[-1] + 1) * steps_per_bar]
    return int(keys_of(relative_to_first_onset(music[None], meaning))[0])


def _rows(windows: NDArray[Any]) -> NDArray[Any]:
    """View `(windows, ...)` as `(windows, values)`, also where there are no windows."""
    return windows.reshape(len(windows), prod(windows.shape[1:]))
