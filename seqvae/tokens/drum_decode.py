"""Drum ids back to notes; every id array means something, and what had to be mended is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.midi.notes import MICROSECONDS_PER_QUARTER, Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import Bar, metres_of
from seqvae.tokens.bars import steps_due
from seqvae.tokens.drum_hits import HALF_STEP, Hits, notes_of_hits
from seqvae.tokens.drum_map import NUM_CLASSES, DrumMap
from seqvae.tokens.drum_report import DrumDecodeReport
from seqvae.tokens.melody_decode import (
    DEFAULT_VELOCITY,
    STEPS_PER_BAR,
    TICKS_PER_STEP,
    bars_from_ids,
)

PAD, FIRST_SET = 0, 1  # FIRST_SET is the set of no class: silence
SILENCE, FIRST_HIT = FIRST_SET, FIRST_SET + 1
VOCAB_SIZE = FIRST_SET + 2**NUM_CLASSES


@dataclass(frozen=True, slots=True)
class DecodedDrums:
    """Notes at 480 ticks per quarter in their bars."""

    notes: tuple[Note, ...]
    bars: tuple[Bar, ...]
    report: DrumDecodeReport = field(default_factory=DrumDecodeReport)

    def to_track(self, *, name: str = "", program: int = 0) -> Track:
        """Return the notes as one drum track."""
        return Track(self.notes, name=name, program=program, is_drum=True)

    def to_score(
        self,
        *,
        name: str = "",
        program: int = 0,
        tempi: tuple[Tempo, ...] = (Tempo(0, MICROSECONDS_PER_QUARTER),),
    ) -> Score:
        """Return a score of one track that ends on the last bar line."""
        return Score(
            (self.to_track(name=name, program=program),),
            tempi=tempi,
            metres=metres_of(self.bars) or (Metre(0, 4, 4),),
            end_tick=end_of(self.bars),
        )


def decode_drum_ids(
    ids: ArrayLike,
    drum_map: DrumMap,
    *,
    bars: Sequence[Bar] | None = None,
    metres: Sequence[Metre] = (),
    velocities: ArrayLike | None = None,
    offsets: ArrayLike | None = None,
) -> DecodedDrums:
    """Read any ids `(bars * 16, 1)` as notes; an unfinished last bar is padded.

    Bar lengths come from `bars`, which also place the notes, or else from the padding as for melodies.
    `velocities` and `offsets` are `(bars * 16, 9)`: a hit takes its own, 80 and 0 where there is none.
    """
    flat = np.asarray(ids, dtype=np.int64).reshape(-1)
    table = np.pad(flat, (0, -len(flat) % STEPS_PER_BAR)).reshape(-1, STEPS_PER_BAR)
    if bars is None:
        bars = bars_from_ids(table, metres=metres)
    if len(bars) != len(table):
        raise ValueError(f"{len(bars)} bars given for ids of {len(table)} bars")
    due = steps_due(bars)
    line, report = _mend(table, due)
    is_hit = classes_of(line)
    loud = _beside(velocities, table.size)[due.reshape(-1)]
    loud = np.where(loud == 0, DEFAULT_VELOCITY, loud).clip(1, 127)
    moves = _beside(offsets, table.size)[due.reshape(-1)].clip(-HALF_STEP, HALF_STEP - 1)
    hits = Hits((is_hit * loud).astype(np.uint8), (is_hit * moves).astype(np.int8))
    ticks = np.array([bar.start_tick for bar in bars], dtype=np.int64)[:, None]
    ticks = (ticks + np.arange(STEPS_PER_BAR) * TICKS_PER_STEP)[due]
    return DecodedDrums(notes_of_hits(hits, ticks, drum_map, end_tick=end_of(bars)), tuple(bars), report)


def classes_of(ids: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which classes each id hits, `(...)` -> `(..., 9)`; padding hits none."""
    sets = np.maximum(np.asarray(ids, dtype=np.int64) - FIRST_SET, 0)
    return (sets[..., None] >> np.arange(NUM_CLASSES) & 1).astype(bool)


def end_of(bars: Sequence[Bar]) -> int:
    """Return the tick of the bar line after the last bar."""
    return bars[-1].start_tick + bars[-1].num_steps * TICKS_PER_STEP if bars else 0


def _mend(table: NDArray[np.int64], due: NDArray[np.bool_]) -> tuple[NDArray[np.int64], DrumDecodeReport]:
    """Return the ids of the steps that are due, `(steps,)`, each a set of classes."""
    line = table[due]
    is_pad, is_unknown = line == PAD, (line < PAD) | (line >= VOCAB_SIZE)
    report = DrumDecodeReport(
        num_pads_in_bar=int(is_pad.sum()),
        num_ids_in_padding=int((table[~due] != PAD).sum()),
        num_unknown=int(is_unknown.sum()),
    )
    return np.where(is_pad | is_unknown, SILENCE, line), report


def _beside(values: ArrayLike | None, num_steps: int) -> NDArray[np.int64]:
    """Return what stands beside the ids as `(num_steps, 9)`, zeros where nothing is given."""
    whole = np.zeros((num_steps, NUM_CLASSES), dtype=np.int64)
    if values is not None:
        given = np.asarray(values, dtype=np.int64)[:num_steps]
        whole[: len(given)] = given
    return whole
