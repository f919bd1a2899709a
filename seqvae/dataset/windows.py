"""Windows of whole bars over the ids of pieces, and the keys by which equal ones are found.

Several pieces are looked at together, because arrays pay by their length: their ids lie end to end, and
borders tell where each begins.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.tokens.meaning import Meaning

Flags = NDArray[np.bool_]
Ids = NDArray[np.int16]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

GRAM_BARS = 2  # pieces are compared by windows of two bars, whatever the length that is trained on
GRAM_MIN_ONSETS = 4  # fewer notes than that occur in any music
ENSEMBLE = 2  # voices that must play where there are several
NO_RANGE = (127, 0)  # lowest and highest pitch of nothing: neutral for min and max
MOST_IDS = 1 << 18  # of windows that are looked at together: copies of them take memory


class WindowFacts(NamedTuple):
    """What is known of each of n windows."""

    starts: Integers  # (n,) first step of the window
    exact: Keys  # (n,) equal for equal ids
    relative: Keys  # (n,) equal in every key
    ranges: NDArray[np.uint8]  # (n, 2) lowest and highest pitch, NO_RANGE without an onset
    num_onsets: Integers  # (n,) of all voices
    playing: NDArray[np.int8]  # (n,) voices that play

    def chosen(self, which: Flags | slice) -> "WindowFacts":
        """Return what is known of some of them."""
        return WindowFacts._make(column[which] for column in self)


def window_starts(span_steps: Sequence[int], *, length: int, hop: int) -> Integers:
    """Return the starts of all windows of `length` steps inside one span; spans follow one another."""
    ends = np.cumsum(np.asarray(span_steps, dtype=np.int64)).tolist()
    spans = [
        np.arange(end - steps, end - length + 1, hop, dtype=np.int64)
        for end, steps in zip(ends, span_steps, strict=True)
    ]
    return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)


def borders_of(counts: Sequence[int] | NDArray[np.integer]) -> Integers:
    """Return where each of n runs of these lengths begins, and the end of the last, `(n + 1,)`."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def cut(ids: Ids, starts: Integers, length: int) -> Ids:
    """Copy the windows at `starts` out of `(steps, voices)` ids -> `(windows, length, voices)`."""
    windows: Ids = ids[starts[:, None] + np.arange(length)]
    return windows


def describe(ids: Ids, starts: Integers, length: int, meaning: Meaning, *, bars: int) -> WindowFacts:
    """Return what is known of each window of `bars` bars at `starts` of `(steps, voices)` ids."""
    parts = [
        WindowFacts(
            part,
            keys_of(windows),
            keys_of(relative_to_first_onset(windows, meaning)),
            pitch_ranges(windows, meaning),
            meaning.is_onset(windows).sum(axis=(1, 2)),
            playing_voices(windows, meaning, bars=bars),
        )
        for part, windows in _in_blocks(ids, starts, length)
    ]
    return joined(parts)


def joined(parts: Sequence[WindowFacts]) -> WindowFacts:
    """Lay what is known of windows end to end."""
    return WindowFacts._make(map(np.concatenate, zip(*parts, strict=True)))


def keys_of(windows: Ids) -> Keys:
    """Hash each row of `(windows, ...)` ids to 64 bits: 10 million windows collide once in 400,000 runs.

    Two sums of the ids times fixed random weights, modulo 2**64, the first of them mixed as by splitmix64.
    """
    rows = _rows(windows)
    sums = rows.astype(np.uint64) @ _weights(rows.shape[1])  # (windows, 2)
    mixed = sums[:, 0]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return np.asarray((mixed ^ mixed >> np.uint64(31)) + sums[:, 1], dtype=np.uint64)


@cache
def _weights(length: int) -> Keys:
    """Return the weights of rows of one length, `(length, 2)`."""
    return np.asarray(np.random.Philox(key=length).random_raw(2 * length)).reshape(length, 2)


def relative_to_first_onset(windows: Ids, meaning: Meaning) -> Ids:
    """Write each pitch of `(windows, length, voices)` as interval from its window's first; keys look alike.

    A hold before any onset of its voice becomes a rest: played alone, both are silence. Drums stay as they
    are.
    """
    pitches = meaning.is_pitch(windows)
    firsts = _rows(windows)[np.arange(len(windows)), _rows(pitches).argmax(axis=1)]
    unsounded = meaning.is_hold(windows) & ~np.logical_or.accumulate(meaning.is_onset(windows), axis=1)
    return _relative(windows, firsts[:, None, None], unsounded, meaning)


def _relative(ids: Ids, firsts: Ids, unsounded: Flags, meaning: Meaning) -> Ids:
    """Write each pitch of `(..., voices)` ids as interval from the first, and what does not sound as rest."""
    intervals = ids - firsts + 2 * meaning.first_pitches + 128  # clear of every other id
    silenced = np.where(unsounded, meaning.rests, ids)
    others = np.where(meaning.is_beyond_pitch(ids), -silenced, silenced)  # intervals reach their ids
    return np.where(meaning.is_pitch(ids), intervals, others).astype(np.int16)


def pitch_ranges(windows: Ids, meaning: Meaning) -> NDArray[np.uint8]:
    """Return the lowest and highest pitch that starts in each window, -> `(windows, 2)`."""
    flags, pitches = _rows(meaning.is_pitch(windows)), _rows(windows - meaning.first_pitches)
    lowest = np.where(flags, pitches, NO_RANGE[0]).min(axis=1, initial=NO_RANGE[0])
    highest = np.where(flags, pitches, NO_RANGE[1]).max(axis=1, initial=NO_RANGE[1])
    return np.stack([lowest, highest], axis=1).astype(np.uint8)


def playing_voices(windows: Ids, meaning: Meaning, *, bars: int) -> NDArray[np.int8]:
    """Count the voices that play in each of `(windows, length, voices)` ids; all in one that is silent.

    A voice plays if it has as many onsets as there are bars, and onsets in half the bars. Silent windows are
    not near-empty: rests must be learned, and de-duplication leaves one per run of metres.
    """
    num, length, voices = windows.shape
    onsets = meaning.is_onset(windows)
    per_bar = onsets.reshape(num, bars, length // bars, voices).sum(axis=2)  # (windows, bars, voices)
    plays = (per_bar.sum(axis=1) >= bars) & (2 * (per_bar > 0).sum(axis=1) >= bars)  # (windows, voices)
    sounding = (onsets | meaning.is_hold(windows)).any(axis=(1, 2))
    return np.asarray(np.where(sounding, plays.sum(axis=1), voices), dtype=np.int8)


def grams_of(
    ids: Ids, span_steps: Sequence[int], borders: Integers, meaning: Meaning, *, steps_per_bar: int
) -> list[Keys]:
    """Return the sorted distinct keys of each piece's two-bar windows, the same in every transposition.

    Of several voices the first that has any stands for the piece: a melody tells songs apart, drums do not.
    """
    length = GRAM_BARS * steps_per_bar
    starts = window_starts(span_steps, length=length, hop=steps_per_bar)
    found = [np.empty(0, dtype=np.uint64)] * (len(borders) - 1)
    for voice in range(ids.shape[1]):
        facts = describe(ids[:, voice, None], starts, length, meaning.part(voice), bars=GRAM_BARS)
        own = grams_among(facts, borders)
        found = [grams if len(grams) else others for grams, others in zip(found, own, strict=True)]
        if all(map(len, found)):
            break
    return found


def grams_among(facts: WindowFacts, borders: Integers) -> list[Keys]:
    """Choose the grams of each piece from all two-bar windows of one voice."""
    busy = facts.num_onsets >= GRAM_MIN_ONSETS
    keys, starts = facts.relative[busy], facts.starts[busy]
    parts = np.searchsorted(starts, borders)
    order = np.lexsort((keys, np.arange(len(parts) - 1).repeat(np.diff(parts))))
    ordered = keys[order]
    is_new = np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]
    is_new[parts[:-1][parts[:-1] < len(keys)]] = True
    ends = np.append(0, np.cumsum(is_new))[parts]
    return np.split(ordered[is_new], ends[1:-1])


def identities_of(ids: Ids, borders: Integers, meaning: Meaning, *, steps_per_bar: int) -> list[int]:
    """Hash whole pieces, the same in every transposition and with any number of empty bars around them."""
    onsets = meaning.is_onset(ids)
    begins = borders[:-1]
    owners = np.arange(len(begins)).repeat(np.diff(borders))
    pitches = np.flatnonzero(meaning.is_pitch(ids))
    places = _first_behind(pitches, begins * ids.shape[1], 0)  # 0: of no use, for no pitch follows
    firsts = ids.reshape(-1)[places]
    sounding = np.stack(
        [_first_behind(np.flatnonzero(voice), begins, len(ids)) for voice in onsets.T], axis=1
    )  # (pieces, voices)
    unsounded = meaning.is_hold(ids) & (np.arange(len(ids))[:, None] < sounding[owners])
    relative = _relative(ids, firsts[owners, None], unsounded, meaning).astype("<i2")
    bars = np.flatnonzero(onsets.any(axis=1)) // steps_per_bar
    parts = np.searchsorted(bars * steps_per_bar, borders)
    identities = []
    for low, high in pairwise(parts.tolist()):
        begin, end = (bars[low], bars[high - 1] + 1) if low < high else (0, 0)
        identities.append(_digest(relative[begin * steps_per_bar : end * steps_per_bar]))
    return identities


def _digest(music: NDArray[np.int16]) -> int:
    """Hash the ids of a piece; 0 for silence."""
    if not len(music):
        return 0
    return int.from_bytes(blake2b(music.tobytes(), digest_size=8).digest(), "little")


def _first_behind(places: Integers, begins: Integers, end: int) -> Integers:
    """Return of sorted places the first at or behind each of `begins`, or the end."""
    return np.append(places, end)[np.searchsorted(places, begins)]


def _in_blocks(ids: Ids, starts: Integers, length: int) -> Iterator[tuple[Integers, Ids]]:
    """Cut so many windows at a time as take little memory; yield their starts and them, at least once."""
    num = max(1, MOST_IDS // (length * ids.shape[1]))
    for first in range(0, max(1, len(starts)), num):
        part = starts[first : first + num]
        yield part, cut(ids, part, length)


def _rows(windows: NDArray[Any]) -> NDArray[Any]:
    """View `(windows, ...)` as `(windows, values)`, also where there are no windows."""
    return windows.reshape(len(windows), prod(windows.shape[1:]))
