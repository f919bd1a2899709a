"""Drum notes to hits on the grid of sixteenths and back: which class, how loud, how far off the step.

A hit goes to its nearest step, halves up. Of several hits of one class on one step (flams, two notes of one
class) the loudest stays, among equals the one nearest to the step. A hit is written back one step long, or
until the next hit of its note.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.notes import Note
from seqvae.midi.quantize import UNMOVED, Bar
from seqvae.midi.tables import table_of
from seqvae.tokens.drum_map import NUM_CLASSES, UNMAPPED, DrumMap
from seqvae.tokens.melody_decode import TICKS_PER_STEP

HALF_STEP = TICKS_PER_STEP // 2

Integers = NDArray[np.int64]


class Hits(NamedTuple):
    """Hits on steps, padding not among them; a class is hit where its velocity is above 0."""

    velocities: NDArray[np.uint8]  # (steps, 9)
    offsets: NDArray[np.int8]  # (steps, 9) ticks of 1/120 step from the step, -60..59; 0 without a hit


@dataclass(frozen=True, slots=True)
class HitCounts:
    """What became of the notes of a drum track; offsets are in steps, those within 1/16 left out."""

    num_notes: int  # that start in the bars given
    num_kept: int
    num_folded: int  # kept hits of notes other than the one written back
    num_merged: int  # hits of a class that is hit louder on the same step
    num_moved: int  # kept hits off their step
    total_move: float
    largest_move: float
    dropped: Counter[int]  # notes of no class, by number

    @property
    def mean_move(self) -> float:
        """The mean offset of the hits off their step, in steps."""
        return self.total_move / self.num_moved if self.num_moved else 0.0


def snap_hits(notes: Sequence[Note], bars: Sequence[Bar], drum_map: DrumMap) -> tuple[Hits, HitCounts]:
    """Put the notes that start in `bars`, which adjoin, on their steps; `(steps, 9)` without padding."""
    num_steps = sum(bar.num_steps for bar in bars)
    table = table_of(notes)
    starts = table[:, 0] - (bars[0].start_tick if bars else 0)
    steps = (starts + HALF_STEP) // TICKS_PER_STEP
    steps = steps - ((steps == num_steps) & (starts < num_steps * TICKS_PER_STEP))  # no bar follows
    inside = (steps >= 0) & (steps < num_steps)
    classes = drum_map.class_of_note[table[:, 2]]
    mapped = inside & (classes != UNMAPPED)
    table, steps, classes = table[mapped], steps[mapped], classes[mapped]
    offsets = np.clip(starts[mapped] - steps * TICKS_PER_STEP, -HALF_STEP, HALF_STEP - 1)
    kept = _loudest(steps * NUM_CLASSES + classes, table[:, 3], np.abs(offsets))
    hits = _empty(num_steps)
    hits.velocities[steps[kept], classes[kept]] = table[kept, 3]
    hits.offsets[steps[kept], classes[kept]] = offsets[kept]
    moves = np.abs(offsets[kept]) / TICKS_PER_STEP
    moves = moves[moves > UNMOVED]
    dropped = Counter(note.pitch for note, lost in zip(notes, inside & ~mapped, strict=True) if lost)
    counts = HitCounts(
        num_notes=int(inside.sum()),
        num_kept=len(kept),
        num_folded=int((table[kept, 2] != np.array(drum_map.written)[classes[kept]]).sum()),
        num_merged=len(steps) - len(kept),
        num_moved=len(moves),
        total_move=float(moves.sum()),
        largest_move=float(moves.max(initial=0.0)),
        dropped=dropped,
    )
    return hits, counts


def notes_of_hits(hits: Hits, ticks: Integers, drum_map: DrumMap, *, end_tick: int) -> tuple[Note, ...]:
    """Write hits as notes: `(steps, 9)` at `ticks` `(steps,)`; none before tick 0 or after `end_tick`."""
    steps, classes = np.nonzero(hits.velocities)
    starts = np.maximum(ticks[steps] + hits.offsets[steps, classes], 0)
    notes = []
    for number, pitch in enumerate(drum_map.written):
        begins = starts[classes == number]
        ends = np.minimum(begins + TICKS_PER_STEP, np.append(begins[1:], end_tick)[: len(begins)])
        loud = hits.velocities[steps[classes == number], number]
        columns = (begins.tolist(), ends.tolist(), loud.tolist())
        notes += [Note(start, end, pitch, velocity) for start, end, velocity in zip(*columns, strict=True)]
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _empty(num_steps: int) -> Hits:
    shape = (num_steps, NUM_CLASSES)
    return Hits(np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.int8))


def _loudest(cells: Integers, velocities: Integers, distances: Integers) -> Integers:
    """Return the place of the loudest hit in each cell, then the nearest, then the first."""
    order = np.lexsort((distances, -velocities, cells))
    return order[np.diff(cells[order], prepend=-1) > 0]
