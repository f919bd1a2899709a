"""Windows that overlap, joined to one line of ids without a doubled or a cut note.

Where two windows overlap, both tell how it goes. Each voice follows the first up to some step and the second
from there on: at the bar line nearest to the middle, all voices at the same, or else as near to it as no note
is lost. A step is

clean      where nothing sounds over it in either window, or in both the same pitch, which is one note then
yielding   where the second begins a note, before which that of the first ends as in any melody; of the same
           pitch it is no new note but goes on

and one of these there always is. A window that begins with a hold tells that what sounds before it goes on.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqvae.latent.bands.base import Ids
from seqvae.tokens.meaning import Meaning, VoiceMeaning
from seqvae.tokens.melody_decode import PAD, STEPS_PER_BAR

CLEAN, YIELDING, BREAKING = 0, 1, 2
FROM_BEFORE = -1  # what a line holds that has begun nothing yet
OFF_BAR_LINE = 10**6  # steps that any step inside a bar seems farther away
WORSE = 10**9

Integers = NDArray[np.int64]
AnyIds: TypeAlias = NDArray[np.integer[Any]]


def join_overlapping(windows: AnyIds, starts: Sequence[int], meaning: Meaning) -> Ids:
    """Join `(windows, time, voices)` that begin at the bars `starts`, which rise: `(steps, voices)`."""
    joined = windows[0]
    for window, start in zip(windows[1:], starts[1:], strict=True):
        joined = join_two(joined, window, start * STEPS_PER_BAR, meaning)
    line: Ids = joined.astype(np.int16)
    return line


def join_two(first: AnyIds, second: AnyIds, start: int, meaning: Meaning) -> AnyIds:
    """Join `(steps, voices)` twice; the second begins at step `start` of the first and ends after it."""
    pairs = list(zip(first.T, second.T, meaning.voices, strict=True))
    quality = np.stack([_quality(a, b, start, voice) for a, b, voice in pairs])  # (voices, length + 1)
    steps = np.arange(quality.shape[1])
    away = np.abs(2 * steps - steps[-1]) + OFF_BAR_LINE * (steps % STEPS_PER_BAR > 0)
    common = np.argmin(WORSE * quality.sum(axis=0) + away)
    chosen = np.argmin(WORSE * quality + np.abs(steps - common), axis=1).tolist()  # (voices,)
    lines = [_follow(a, b, start, step, voice) for (a, b, voice), step in zip(pairs, chosen, strict=True)]
    return np.stack(lines, axis=1)


def _quality(first: AnyIds, second: AnyIds, start: int, voice: VoiceMeaning) -> Integers:
    """Say how good it is to join two lines at each step of the overlap and at its end: `(length + 1,)`."""
    overlap = second[: len(first) - start + 1]  # ends one step after the first
    if voice.hold < 0:
        return np.zeros(len(overlap), dtype=np.int64)
    sounding = _held(first, voice)[start - 1 :]  # before each step
    goes_on = _is_through(np.append(first, voice.rest)[start:], voice) & _is_note(sounding, voice)
    held, is_held = _held(overlap, voice), _is_through(overlap, voice)
    from_before = is_held & (held == FROM_BEFORE)
    is_note_held = is_held & _is_note(held, voice)
    ends_a_note = np.where(_is_note(overlap, voice), YIELDING, BREAKING) * goes_on
    loses_a_note = np.where(held == sounding, CLEAN, BREAKING)
    return np.where(from_before, CLEAN, np.where(is_note_held, loses_a_note, ends_a_note))


def _follow(first: AnyIds, second: AnyIds, start: int, step: int, voice: VoiceMeaning) -> AnyIds:
    """Take the first line up to `step` of the second, then the second, whose silence stays silence."""
    at = start + step
    line = np.concatenate([first[:at], second[step:]])
    if voice.hold >= 0 and second[step] == voice.hold and _held(second, voice)[step] == voice.rest:
        line[at] = voice.rest if _is_note(_held(first, voice)[at - 1 : at], voice)[0] else line[at]
    is_note = bool(_is_note(second[step : step + 1], voice)[0])
    if voice.hold >= 0 and at < len(first) and is_note and _is_through(first, voice)[at]:
        line[at] = voice.hold if _held(first, voice)[at] == second[step] else second[step]
    return line


def _held(line: AnyIds, voice: VoiceMeaning) -> AnyIds:
    """Return for each step what sounds at it: the last id that is neither hold nor padding."""
    places = np.maximum.accumulate(np.where(_is_through(line, voice), -1, np.arange(len(line))))
    return np.where(places < 0, FROM_BEFORE, line[places])


def _is_through(line: AnyIds, voice: VoiceMeaning) -> NDArray[np.bool_]:
    """Tell where nothing begins or ends; padding is no time at all."""
    return np.isin(line, (voice.hold, PAD))


def _is_note(line: AnyIds, voice: VoiceMeaning) -> NDArray[np.bool_]:
    low, high = voice.onsets
    is_note: NDArray[np.bool_] = (line >= low) & (line < high)
    return is_note
