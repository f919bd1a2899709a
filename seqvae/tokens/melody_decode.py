"""Melody ids back to notes; every id array means something, and what had to be mended is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.midi.notes import MICROSECONDS_PER_QUARTER, TICKS_PER_QUARTER, Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import (
    Bar,
    lay_bars,
    metre_of_steps,
    metres_of,
    steps_of_metre,
    ticks_per_step,
)
from seqvae.tokens.melody_report import DecodeReport

STEPS_PER_BAR = 16  # ids a bar takes, padding included
TICKS_PER_STEP = ticks_per_step(TICKS_PER_QUARTER)
PAD, HOLD, REST, FIRST_NOTE = 0, 1, 2, 3
VOCAB_SIZE = FIRST_NOTE + 128
DEFAULT_VELOCITY = 80
COMMON_BAR_LENGTHS = (16, 12, 8)

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DecodedMelody:
    """Notes at 480 ticks per quarter in their bars."""

    notes: tuple[Note, ...]
    bars: tuple[Bar, ...]
    report: DecodeReport = field(default_factory=DecodeReport)

    def to_track(self, *, name: str = "", program: int = 0) -> Track:
        """Return the notes as one track."""
        return Track(self.notes, name=name, program=program)

    def to_score(
        self,
        *,
        name: str = "",
        program: int = 0,
        tempi: tuple[Tempo, ...] = (Tempo(0, MICROSECONDS_PER_QUARTER),),
    ) -> Score:
        """Return a score of one track that ends on the last bar line."""
        last = self.bars[-1] if self.bars else Bar(0, 0, Metre(0, 4, 4))
        return Score(
            (self.to_track(name=name, program=program),),
            tempi=tempi,
            metres=metres_of(self.bars) or (Metre(0, 4, 4),),
            end_tick=last.start_tick + last.num_steps * TICKS_PER_STEP,
        )


def decode_ids(
    ids: ArrayLike,
    *,
    bars: Sequence[Bar] | None = None,
    metres: Sequence[Metre] = (),
    velocities: ArrayLike | None = None,
) -> DecodedMelody:
    """Read any ids `(bars * 16, 1)` as notes; an unfinished last bar is padded.

    Bar lengths come from `bars`, which also place the notes, or else from the padding (see `bars_from_ids`).
    `velocities` is `(bars * 16,)`; a note takes the one at its onset, 80 where there is none.
    """
    table = _by_bar(ids)
    if bars is None:
        bars = bars_from_ids(table, metres=metres)
    if len(bars) != len(table):
        raise ValueError(f"{len(bars)} bars given for ids of {len(table)} bars")
    due = np.arange(STEPS_PER_BAR) < np.array([bar.num_steps for bar in bars], dtype=int)[:, None]
    line, report = _mend(table, due)
    loud = np.zeros(table.size, dtype=np.int64)
    if velocities is not None:
        given = np.asarray(velocities).reshape(-1)[: table.size]
        loud[: len(given)] = given
    ticks = np.array([bar.start_tick for bar in bars], dtype=np.int64)[:, None]
    ticks = (ticks + np.arange(STEPS_PER_BAR) * TICKS_PER_STEP)[due]
    return DecodedMelody(_notes(line, ticks, loud.reshape(due.shape)[due]), tuple(bars), report)


def bars_from_ids(ids: ArrayLike, *, metres: Sequence[Metre] = ()) -> tuple[Bar, ...]:
    """Infer from the padding of ids `(bars * 16, 1)` the bars, laid end to end from tick 0.

    With `metres` (those of the inputs) a bar has the length of one of them, the one that agrees with the most
    ids, the longer of equals. Without, padding in one piece at the end of a bar is believed, and any other
    bar has 16, 12 or 8 steps, whichever agrees best. A bar of padding only is as long as the one before.
    """
    is_pad = _by_bar(ids) == PAD
    lengths = np.arange(1, STEPS_PER_BAR + 1)
    before = np.cumsum(is_pad, axis=1)
    costs = before + (~is_pad).sum(axis=1, keepdims=True) - np.cumsum(~is_pad, axis=1)  # (bars, lengths)
    metre_by_length = {steps_of_metre(metre): metre for metre in reversed(metres)}
    hinted = sorted((n for n in metre_by_length if 1 <= n <= STEPS_PER_BAR), reverse=True)
    candidates = np.array(hinted or COMMON_BAR_LENGTHS)
    chosen = candidates[np.argmin(costs[:, candidates - 1], axis=1)]
    if not hinted:
        chosen = np.where(costs.min(axis=1) == 0, lengths[np.argmin(costs, axis=1)], chosen)
    bars: list[Bar] = []
    for length, is_empty in zip(chosen.tolist(), is_pad.all(axis=1).tolist(), strict=True):
        num_steps = (bars[-1].num_steps if bars else int(candidates[0])) if is_empty else length
        bars.append(Bar(0, num_steps, metre_by_length.get(num_steps, metre_of_steps(num_steps))))
    return lay_bars(bars)


def _by_bar(ids: ArrayLike) -> Integers:
    """Return ids as `(bars, 16)`, an unfinished last bar padded."""
    flat = np.asarray(ids, dtype=np.int64).reshape(-1)
    return np.pad(flat, (0, -len(flat) % STEPS_PER_BAR)).reshape(-1, STEPS_PER_BAR)


def _mend(table: Integers, due: NDArray[np.bool_]) -> tuple[Integers, DecodeReport]:
    """Return the ids of the steps that are due, `(steps,)`, with only rests, notes and holds of a note."""
    line = table[due]
    is_pad, is_unknown = line == PAD, (line < PAD) | (line >= VOCAB_SIZE)
    line = np.where(is_pad | is_unknown, HOLD, line)
    is_stray = (line == HOLD) & (_held_id(line) == REST)
    report = DecodeReport(
        num_pads_in_bar=int(is_pad.sum()),
        num_ids_in_padding=int((table[~due] != PAD).sum()),
        num_stray_holds=int(is_stray.sum()),
        num_unknown=int(is_unknown.sum()),
    )
    return np.where(is_stray, REST, line), report


def _held_id(line: Integers) -> Integers:
    """Return for each step the last id that is not hold; rest before the first."""
    places = np.maximum.accumulate(np.where(line == HOLD, -1, np.arange(len(line))))
    return np.where(places < 0, REST, line[places])


def _notes(line: Integers, ticks: Integers, velocities: Integers) -> tuple[Note, ...]:
    """Turn mended ids `(steps,)` at `ticks` into notes; a note ends with the last step that holds it."""
    events = np.flatnonzero(line != HOLD)
    lasts = np.append(events[1:], len(line))[: len(events)] - 1
    is_note = line[events] >= FIRST_NOTE
    onsets, lasts = events[is_note], lasts[is_note]
    loud = np.where(velocities[onsets] == 0, DEFAULT_VELOCITY, velocities[onsets]).clip(1, 127)
    columns = (ticks[onsets], ticks[lasts] + TICKS_PER_STEP, line[onsets] - FIRST_NOTE, loud)
    return tuple(map(Note, *(column.tolist() for column in columns)))
