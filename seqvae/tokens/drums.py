"""Drums as ids on a grid anchored at the bar line: 16 a bar, each the set of classes that are hit.

0        padding: a step beyond the end of a bar shorter than 16 sixteenths
1..512   a step: 1 + the sum of 2 ** class over the classes hit (drum_map.CLASSES), so that 1 is silence

Silence is music and padding is none, so they are two ids. How loud each hit is and how far off its step stand
beside the ids, in arrays of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Note, Score, Track
from seqvae.midi.quantize import Bar, bars_of
from seqvae.midi.resample import resample_score
from seqvae.tokens.bars import all_bars, count_unfit_bars, runs_of_bars, steps_due
from seqvae.tokens.drum_decode import FIRST_SET, PAD, SILENCE, VOCAB_SIZE, DecodedDrums, decode_drum_ids
from seqvae.tokens.drum_hits import snap_hits
from seqvae.tokens.drum_map import NUM_CLASSES, DrumMap
from seqvae.tokens.drum_report import DrumReport
from seqvae.tokens.drum_track import DrumChoice, choose_drums
from seqvae.tokens.melody_decode import STEPS_PER_BAR

Ids = NDArray[np.int16]


class Expression(NamedTuple):
    """How drums were played, step by step beside their ids."""

    velocities: NDArray[np.uint8]  # (..., steps, 9), 0 where a class is not hit
    offsets: NDArray[np.int8]  # (..., steps, 9), 1/120 steps from the step, -60..59


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no single truth value to compare by
class DrumClip:
    """Drums on the grid with the bars they came from and the feel they were played with."""

    ids: Ids  # (bars * 16, 1)
    bars: tuple[Bar, ...]
    velocities: NDArray[np.uint8]  # (bars * 16, 9), 0 where a class is not hit
    offsets: NDArray[np.int8]  # (bars * 16, 9), 1/120 steps from the step, -60..59
    program: int
    track_name: str
    report: DrumReport

    @property
    def rest_ids(self) -> tuple[int, ...]:
        """Return the id of a silent step."""
        return (SILENCE,)

    def window(self, first_bar: int, num_bars: int) -> "DrumClip":
        """Cut out `num_bars` bars from `first_bar` (from 0); the report stays that of the whole."""
        bars = slice(first_bar, first_bar + num_bars)
        steps = slice(bars.start * STEPS_PER_BAR, bars.stop * STEPS_PER_BAR)
        return replace(
            self,
            ids=self.ids[steps],
            bars=self.bars[bars],
            velocities=self.velocities[steps],
            offsets=self.offsets[steps],
        )


class DrumTokenizer:
    """Nine classes of drums in bars of up to 16 sixteenths."""

    name = "drums"
    vocab_size = VOCAB_SIZE
    voices = 1

    def __init__(self, drum_map: DrumMap | None = None) -> None:
        """Take the map of a kit, or that of General MIDI."""
        self.drum_map = drum_map or DrumMap()

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build one from what `to_config` returned; without a map it is that of General MIDI."""
        return cls(DrumMap.from_config(config))

    def to_config(self) -> dict[str, Any]:
        """Return the config of this tokenizer with its drum map."""
        return {"name": self.name, **self.drum_map.to_config()}

    def choose_track(self, score: Score, track: int | str | None = None) -> DrumChoice:
        """Choose the drum tracks: a number from 1, a part of a name, or None for the rule."""
        return choose_drums(score, self.drum_map, track)

    def encode(self, score: Score, *, track: int | str | None = None) -> DrumClip:
        """Encode the drums of all bars of the piece, silent ones too."""
        score = resample_score(score, TICKS_PER_QUARTER)
        choice = self.choose_track(score, track)
        return self._clip(score, choice, all_bars(score))

    def encode_spans(
        self,
        score: Score,
        *,
        track: int | str | None = None,
        bars: Callable[[], Sequence[Bar]] | None = None,
    ) -> list[DrumClip]:
        """Encode every longest run of bars that fit.

        `bars` returns those of the score, where they are needed for more than this.
        """
        score = resample_score(score, TICKS_PER_QUARTER)
        choice = self.choose_track(score, track)
        return [self._clip(score, choice, bars) for bars in runs_of_bars(bars() if bars else bars_of(score))]

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
        offsets: ArrayLike | None = None,
    ) -> tuple[Note, ...]:
        """Return the notes of any ids `(bars * 16, 1)`; `decode_drums` also tells what it mended."""
        return self.decode_drums(ids, bars=bars, metres=metres, velocities=velocities, offsets=offsets).notes

    def decode_drums(
        self,
        ids: ArrayLike,
        *,
        bars: Sequence[Bar] | None = None,
        metres: Sequence[Metre] = (),
        velocities: ArrayLike | None = None,
        offsets: ArrayLike | None = None,
    ) -> DecodedDrums:
        """Return notes, bars and repairs of any ids `(bars * 16, 1)`; padding tells bars not given."""
        return decode_drum_ids(
            ids, self.drum_map, bars=bars, metres=metres, velocities=velocities, offsets=offsets
        )

    def _clip(self, score: Score, choice: DrumChoice, bars: tuple[Bar, ...]) -> DrumClip:
        tracks = [score.tracks[index] for index in choice.track_indices]
        return encode_drums(tracks, bars, self.drum_map, reason=choice.reason)


def encode_drums(
    tracks: Sequence[Track], bars: tuple[Bar, ...], drum_map: DrumMap, *, reason: str
) -> DrumClip:
    """Encode tracks together within `bars`, which adjoin and fit; `reason` tells why these."""
    hits, counts = snap_hits([note for track in tracks for note in track.notes], bars, drum_map)
    due = steps_due(bars)
    ids = np.full(due.shape, PAD, dtype=np.int16)
    ids[due] = FIRST_SET + (hits.velocities > 0) @ (1 << np.arange(NUM_CLASSES))
    velocities = np.zeros((*due.shape, NUM_CLASSES), dtype=np.uint8)
    offsets = np.zeros((*due.shape, NUM_CLASSES), dtype=np.int8)
    velocities[due], offsets[due] = hits
    return DrumClip(
        ids=ids.reshape(-1, 1),
        bars=bars,
        velocities=velocities.reshape(-1, NUM_CLASSES),
        offsets=offsets.reshape(-1, NUM_CLASSES),
        program=tracks[0].program,
        track_name=tracks[0].name,
        report=DrumReport(reason, len(bars), sum(bar.is_cut_short for bar in bars), counts),
    )
