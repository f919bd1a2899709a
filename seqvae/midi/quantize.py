"""Ticks to bars and sixteenth steps: a score's bar lines, and a track's notes snapped as one line.

Bars. Bar 1 begins at tick 0. A metre change away from a bar line moves to its nearest step and cuts the bar
in progress short; a repeated metre changes nothing. The piece ends where the score or its last note ends,
rounded up to a bar line, but silence of at most one step after a bar line opens no new bar.

Notes. An onset and an end each go to their nearest step, halves up; a note keeps at least one step. Of the
onsets that meet on one step, those that start together (each within an eighth of a step of the one before)
are a chord, whose highest note stands for it; of what is left (grace notes, triplets) the longest stays,
among equals the latest. A later note cuts an earlier one that still sounds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import MidiError
from seqvae.midi.notes import Metre, Note, Score
from seqvae.midi.tables import table_of

STEPS_PER_QUARTER = 4
MAX_BARS = 20_000  # eleven hours of 4/4; a broken delta time must not fill the memory
TOGETHER = 0.125  # steps within which notes start as one chord
UNMOVED = 0.0625  # steps; converters write onsets a tick late, which nobody hears or means

Integers = NDArray[np.int64]


class Bar(NamedTuple):
    """One bar; a metre change within it may have left it shorter than its metre says."""

    start_tick: int
    num_steps: int  # sixteenths; 0 where the bar is no whole number of them
    metre: Metre

    @property
    def is_cut_short(self) -> bool:
        """Whether a metre change ended this bar before its time."""
        return self.num_steps != steps_of_metre(self.metre)


class StepNotes(NamedTuple):
    """A melodic line on steps counted from the first bar given: four arrays of `(notes,)`, by onset."""

    onsets: Integers
    ends: Integers  # the first silent step; never beyond the next onset
    pitches: Integers
    velocities: Integers


@dataclass(frozen=True, slots=True)
class SnapReport:
    """What snapping a track to the grid changed; moves are in steps, those within `UNMOVED` left out."""

    num_notes: int = 0  # notes of the track that start in the bars given
    num_kept: int = 0
    num_moved: int = 0  # kept notes whose onset moved
    total_move: float = 0.0
    largest_move: float = 0.0
    num_ends_moved: int = 0  # kept notes whose end was rounded, not counting those cut
    num_dropped: int = 0  # chord notes below the highest
    num_merged: int = 0  # grace notes and the like that share a step with a longer note
    num_cut: int = 0  # notes that ended early because the next one began

    @property
    def mean_move(self) -> float:
        """The mean move of the onsets that moved, in steps."""
        return self.total_move / self.num_moved if self.num_moved else 0.0

    def __add__(self, other: "SnapReport") -> "SnapReport":
        """Sum two reports; the largest move stays the largest."""
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return SnapReport(**{**sums, "largest_move": max(self.largest_move, other.largest_move)})


def ticks_per_step(ticks_per_quarter: int) -> int:
    """Return the ticks of a sixteenth; the resolution must be a multiple of 4."""
    if ticks_per_quarter % STEPS_PER_QUARTER:
        raise MidiError(f"{ticks_per_quarter} ticks per quarter are no multiple of 4; read the file at 480")
    return ticks_per_quarter // STEPS_PER_QUARTER


def steps_of_metre(metre: Metre) -> int:
    """Return the sixteenths in a full bar of `metre`, 0 where they are no whole number."""
    steps, rest = divmod(metre.numerator * 16, metre.denominator)
    return 0 if rest else steps


def bars_of(score: Score) -> tuple[Bar, ...]:
    """List every bar from tick 0 to the end of the piece by the rules above."""
    per_step = ticks_per_step(score.ticks_per_quarter)
    end = _end_to_cover(score, per_step)
    metres = [metre for metre in _changes(score.metres) if metre.tick < end]
    bars: list[Bar] = []
    start = 0
    for metre, following in zip_longest(metres, metres[1:]):
        stop = _bar_line_of(following.tick, start, metre, per_step) if following else end
        full, full_steps = _bar_ticks(metre, per_step), steps_of_metre(metre)
        _, numerator, denominator = metre
        while start < stop:
            cut = following is not None and start + full > stop
            num_steps = (stop - start) // per_step if cut else full_steps
            bars.append(Bar(start, num_steps, Metre(start, numerator, denominator)))
            start += num_steps * per_step if cut else full
            if len(bars) > MAX_BARS:
                raise MidiError(f"the piece has more than {MAX_BARS} bars; cut it into parts first")
    return tuple(bars)


def lay_bars(bars: Iterable[Bar], *, start_tick: int = 0, ticks_per_quarter: int = 480) -> tuple[Bar, ...]:
    """Move bars of whole steps so that each begins where the one before it ends."""
    per_step = ticks_per_step(ticks_per_quarter)
    laid = []
    for bar in bars:
        laid.append(Bar(start_tick, bar.num_steps, bar.metre._replace(tick=start_tick)))
        start_tick += bar.num_steps * per_step
    return tuple(laid)


def metres_of(bars: Sequence[Bar]) -> tuple[Metre, ...]:
    """Write the metre map of bars of whole steps; a bar cut short gets the metre of its real length."""
    metres: list[Metre] = []
    for bar in bars:
        metre = metre_of_steps(bar.num_steps) if bar.is_cut_short else bar.metre
        if not metres or metres[-1][1:] != metre[1:]:
            metres.append(metre._replace(tick=bar.start_tick))
    return tuple(metres)


def metre_of_steps(num_steps: int) -> Metre:
    """Return the plainest metre of a bar of `num_steps` sixteenths: 16 is 4/4, 12 3/4, 10 5/8, 7 7/16."""
    numerator, denominator = num_steps, 16
    while denominator > 4 and numerator % 2 == 0:
        numerator, denominator = numerator // 2, denominator // 2
    return Metre(0, numerator, denominator)


def quantize_track(
    notes: Sequence[Note], bars: Sequence[Bar], *, ticks_per_quarter: int = 480
) -> tuple[StepNotes, SnapReport]:
    """Snap the notes that start in `bars` (adjoining, of whole steps) to one line by the rules above."""
    per_step = ticks_per_step(ticks_per_quarter)
    num_steps = sum(bar.num_steps for bar in bars)
    table = table_of(notes)
    table[:, :2] -= bars[0].start_tick if bars else 0
    onsets = _nearest_step(table[:, 0], per_step)
    late = (onsets == num_steps) & (table[:, 0] < num_steps * per_step)
    onsets = onsets - late  # rounding up would carry the onset over the last bar line
    inside = (onsets >= 0) & (onsets < num_steps)
    table, onsets = table[inside], onsets[inside]
    kept, num_chords = _one_note_per_step(table, onsets, per_step)
    line, report = _line_of(table[kept], onsets[kept], per_step, num_steps)
    return line, replace(
        report,
        num_notes=len(table),
        num_dropped=len(table) - num_chords,
        num_merged=num_chords - len(kept),
    )


def _end_to_cover(score: Score, per_step: int) -> int:
    """Return the tick before which the last bar must begin; silence of a step at most is let go."""
    ends = [score.end_tick - per_step]
    for track in score.tracks:
        if track.notes:
            ends.append(max(map(itemgetter(0), track.notes)) + 1)
            ends.append(max(map(itemgetter(1), track.notes)) - per_step + 1)
    return max(ends)


def _changes(metres: Iterable[Metre]) -> list[Metre]:
    """Keep the metres that differ from the one before; of several at one tick the last."""
    at_tick = {metre.tick: metre for metre in metres}
    changes: list[Metre] = []
    for metre in at_tick.values():
        if not changes or metre[1:] != changes[-1][1:]:
            changes.append(metre)
    return changes


def _bar_ticks(metre: Metre, per_step: int) -> int:
    return max(1, (2 * 16 * per_step * metre.numerator + metre.denominator) // (2 * metre.denominator))


def _bar_line_of(change_tick: int, start: int, metre: Metre, per_step: int) -> int:
    """Return the tick at which a metre change takes effect: its nearest step in the bar it falls in."""
    full = _bar_ticks(metre, per_step)
    num_full, rest = divmod(max(0, change_tick - start), full)
    return start + num_full * full + min(full, (2 * rest + per_step) // (2 * per_step) * per_step)


def _nearest_step(ticks: Integers, per_step: int) -> Integers:
    return (2 * ticks + per_step) // (2 * per_step)  # halves go up


def _one_note_per_step(table: Integers, onsets: Integers, per_step: int) -> tuple[Integers, int]:
    """Choose the rows of `(notes, 4)` that stand for their steps; count the chords (a lone note is one)."""
    if (np.diff(onsets) > 0).all():
        return np.arange(len(onsets)), len(onsets)
    starts, lengths, pitches = table[:, 0], table[:, 1] - table[:, 0], table[:, 2]
    order = np.lexsort((starts, onsets))
    apart = (np.diff(starts[order]) > TOGETHER * per_step) | (np.diff(onsets[order]) > 0)
    chords = np.zeros_like(onsets)
    chords[order[1:]] = np.cumsum(apart)
    highest = _first_of_each(chords, np.lexsort((-lengths, -pitches, chords)))
    ranked = highest[np.lexsort((-starts[highest], -lengths[highest], onsets[highest]))]
    return _first_of_each(onsets, ranked), len(highest)


def _first_of_each(groups: Integers, order: Integers) -> Integers:
    """Keep of rows ordered by group the first of each group."""
    return order[np.diff(groups[order], prepend=-1) > 0]


def _line_of(
    table: Integers, onsets: Integers, per_step: int, num_steps: int
) -> tuple[StepNotes, SnapReport]:
    """End each note at its nearest step or where the next one begins, and measure what moved."""
    wished = np.maximum(_nearest_step(table[:, 1], per_step), onsets + 1)
    limits = np.append(onsets[1:], num_steps)[: len(onsets)]
    ends = np.minimum(wished, limits)
    moves = np.abs(table[:, 0] / per_step - onsets)
    moves = moves[moves > UNMOVED]
    ends_moved = (np.abs(table[:, 1] / per_step - ends) > UNMOVED) & (wished <= limits)
    report = SnapReport(
        num_kept=len(onsets),
        num_moved=len(moves),
        total_move=float(moves.sum()),
        largest_move=float(moves.max(initial=0.0)),
        num_ends_moved=int(ends_moved.sum()),
        num_cut=int((wished > limits).sum()),
    )
    return StepNotes(onsets, ends, table[:, 2], table[:, 3]), report
