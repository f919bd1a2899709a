"""Melodies as ids on a grid anchored at the bar line: 16 a bar, each a rest, a hold or a pitch that begins.

0        padding: a step beyond the end of a bar shorter than 16 sixteenths
1        hold: the note that sounds goes on, also over a bar line
2        rest: this step is silent
3..130   a note begins, of pitch id - 3
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.errors import TokenError
from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Note, Score
from seqvae.midi.quantize import Bar, StepNotes, bars_of, quantize_track
from seqvae.midi.resample import resample_score
from seqvae.tokens.bars import all_bars, count_unfit_bars, runs_of_bars, steps_due
from seqvae.tokens.melody_decode import (
    FIRST_NOTE,
    HOLD,
    PAD,
    REST,
    STEPS_PER_BAR,
    VOCAB_SIZE,
    DecodedMelody,
    decode_ids,
)
from seqvae.tokens.melody_report import EncodeReport
from seqvae.tokens.melody_track import TrackChoice, choose_track

Ids = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no single truth value to compare by
class MelodyClip:
    """A melody on the grid with the bars it came from."""

    ids: Ids  # (bars * 16, 1)
    bars: tuple[Bar, ...]
    velocities: NDArray[np.uint8]  # (bars * 16,), of the sounding note; 0 where silent
    program: int
    track_name: str
    report: EncodeReport

    @property
    def rest_ids(self) -> tuple[int, ...]:
        """Return the id of a silent step."""
        return (REST,)

    def window(self, first_bar: int, num_bars: int) -> "MelodyClip":
        """Cut out `num_bars` bars from `first_bar` (from 0); the report stays that of the whole."""
        bars = slice(first_bar, first_bar + num_bars)
        steps = slice(bars.start * STEPS_PER_BAR, bars.stop * STEPS_PER_BAR)
        return replace(self, ids=self.ids[steps], bars=self.bars[bars], velocities=self.velocities[steps])


class MelodyTokenizer:
    """One melodic line of all 128 pitches in bars of up to 16 sixteenths."""

    name = "melody"
    vocab_size = VOCAB_SIZE
    voices = 1

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "MelodyTokenizer":  # noqa: ARG003  # nothing to set
        """Build one; there is nothing to set yet."""
        return cls()

    def to_config(self) -> dict[str, Any]:
        """Return the config of this tokenizer."""
        return {"name": self.name}

    def choose_track(self, score: Score, track: int | str | None = None) -> TrackChoice:
        """Choose the melody track: a number from 1, a part of a name, or None for the rule."""
        return choose_track(score, track)

    def encode(self, score: Score, *, track: int | str | None = None) -> MelodyClip:
        """Encode the melody of all bars of the piece, silent ones too."""
        score = resample_score(score, TICKS_PER_QUARTER)
        choice = choose_track(score, track)
        return _clip(score, choice, all_bars(score))

    def encode_spans(
        self,
        score: Score,
        *,
        track: int | str | None = None,
        bars: Callable[[], Sequence[Bar]] | None = None,
    ) -> list[MelodyClip]:
        """Encode every longest run of bars that fit; a note from a bar outside is not carried in.

        `bars` returns those of the score, where they are needed for more than this.
        """
        score = resample_score(score, TICKS_PER_QUARTER)
        choice = choose_track(score, track)
        return [_clip(score, choice, run) for run in runs_of_bars(bars() if bars else bars_of(score))]

    def skipped_bars(self, score: Score) -> dict[str, int]:
        """Count by metre the bars that `encode_spans` leaves out."""
        return count_unfit_bars(bars_of(resample_score(score, TICKS_PER_QUARTER)))

    def decode(
        self,
        ids: ArrayLike,
        *,
        bars: Sequence[Bar] | None = None,
        metres: Sequence[Metre] = (),
        velocities: ArrayLike | None = None,
    ) -> tuple[Note, ...]:
        """Return the notes of any ids `(bars * 16, 1)`; `decode_melody` also tells what it mended."""
        return self.decode_melody(ids, bars=bars, metres=metres, velocities=velocities).notes

    def decode_melody(
        self,
        ids: ArrayLike,
        *,
        bars: Sequence[Bar] | None = None,
        metres: Sequence[Metre] = (),
        velocities: ArrayLike | None = None,
    ) -> DecodedMelody:
        """Return notes, bars and repairs of any ids `(bars * 16, 1)`; padding tells bars not given."""
        return decode_ids(ids, bars=bars, metres=metres, velocities=velocities)

    def transpose(self, ids: Ids, semitones: int) -> Ids:
        """Move every note of ids of any shape by `semitones`."""
        extremes = self.pitch_range(ids)
        if extremes is None:
            return ids.copy()
        lowest, highest = (pitch + semitones for pitch in extremes)
        if lowest < 0 or highest > 127:
            raise TokenError(f"{semitones:+d} semitones move pitches to {lowest}..{highest}, outside 0..127")
        return ids + (ids >= FIRST_NOTE) * ids.dtype.type(semitones)

    def pitch_range(self, ids: Ids) -> tuple[int, int] | None:
        """Return the lowest and the highest pitch in ids of any shape, None without notes."""
        notes = ids[ids >= FIRST_NOTE]
        return (int(notes.min()) - FIRST_NOTE, int(notes.max()) - FIRST_NOTE) if notes.size else None


def _clip(score: Score, choice: TrackChoice, bars: tuple[Bar, ...]) -> MelodyClip:
    """Encode one track within `bars`, which adjoin and fit."""
    track = score.tracks[choice.track_index]
    line, snap = quantize_track(track.notes, bars)
    due = steps_due(bars)
    ids = np.full(due.shape, PAD, dtype=np.int16)
    velocities = np.zeros(due.shape, dtype=np.uint8)
    ids[due], velocities[due] = write_steps(line, int(due.sum()))
    num_cut_bars = sum(bar.is_cut_short for bar in bars)
    report = EncodeReport(choice.reason, len(bars), num_cut_bars, snap)
    return MelodyClip(ids.reshape(-1, 1), bars, velocities.reshape(-1), track.program, track.name, report)


def write_steps(line: StepNotes, num_steps: int) -> tuple[Ids, NDArray[np.uint8]]:
    """Write a line as ids and velocities, each `(steps,)`, without padding."""
    velocities = np.zeros(num_steps + 1, dtype=np.int64)
    np.add.at(velocities, line.onsets, line.velocities)
    np.subtract.at(velocities, line.ends, line.velocities)
    velocities = np.cumsum(velocities)[:-1]
    ids = np.where(velocities > 0, HOLD, REST).astype(np.int16)
    ids[line.onsets] = line.pitches + FIRST_NOTE
    return ids, velocities.astype(np.uint8)
