"""Melody, bass and drums as ids `(time, 3)` on one grid of bars of up to 16 sixteenths.

melody   0 padding, 1 hold, 2 rest, 3..130 a note begins, 131 absent
bass     the same
drums    0 padding, 1 silence, 2..512 the set of classes hit, 513 absent

Padding stands in all three voices at once and nowhere else. A voice without a track in the piece is absent at
every step of every bar; a voice that only is silent for a while rests. The bass keeps the lowest note of a
chord where the melody keeps the highest; all else is as for one melody and for drums.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.errors import TokenError
from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Score, Track
from seqvae.midi.quantize import Bar, bars_of, quantize_track
from seqvae.midi.resample import resample_score
from seqvae.midi.tables import notes_of, table_of
from seqvae.tokens.bars import all_bars, count_unfit_bars, runs_of_bars, steps_due
from seqvae.tokens.drum_decode import SILENCE
from seqvae.tokens.drum_map import NUM_CLASSES, DrumMap
from seqvae.tokens.drums import DrumClip, encode_drums
from seqvae.tokens.melody import write_steps
from seqvae.tokens.melody_decode import FIRST_NOTE, PAD, REST, STEPS_PER_BAR
from seqvae.tokens.melody_decode import VOCAB_SIZE as MELODY_VOCAB
from seqvae.tokens.melody_report import EncodeReport
from seqvae.tokens.trio_decode import ABSENT, VOCAB_SIZE, VOICE_SIZES, VOICES, DecodedTrio, decode_trio_ids
from seqvae.tokens.trio_report import TrioReport
from seqvae.tokens.trio_track import TrackWish, TrioChoice, choose_trio

Ids = NDArray[np.int16]
TOP_PITCH = 127


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no single truth value to compare by
class TrioClip:
    """Three voices on the grid with the bars they came from."""

    ids: Ids  # (bars * 16, 3)
    bars: tuple[Bar, ...]
    velocities: NDArray[np.uint8]  # (bars * 16, 2), of the sounding note of melody and bass; 0 where silent
    drum_velocities: NDArray[np.uint8]  # (bars * 16, 9), as of a DrumClip
    drum_offsets: NDArray[np.int8]  # (bars * 16, 9), as of a DrumClip
    tracks: tuple[Track | None, ...]  # of each voice its (first) track without notes, None where absent
    report: TrioReport

    @property
    def rest_ids(self) -> tuple[int, ...]:
        """Return the ids of a silent step: a voice that is not there stays absent."""
        voices = zip(self.tracks, (REST, REST, SILENCE), ABSENT, strict=True)
        return tuple(rest if track else absent for track, rest, absent in voices)

    def window(self, first_bar: int, num_bars: int) -> "TrioClip":
        """Cut out `num_bars` bars from `first_bar` (from 0); the report stays that of the whole."""
        bars = slice(first_bar, first_bar + num_bars)
        steps = slice(bars.start * STEPS_PER_BAR, bars.stop * STEPS_PER_BAR)
        return replace(
            self,
            ids=self.ids[steps],
            bars=self.bars[bars],
            velocities=self.velocities[steps],
            drum_velocities=self.drum_velocities[steps],
            drum_offsets=self.drum_offsets[steps],
        )


class TrioTokenizer:
    """Melody, bass and drums together."""

    name = "trio"
    vocab_size = VOCAB_SIZE
    voices = len(VOICES)
    voice_sizes = VOICE_SIZES

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

    def choose_tracks(self, score: Score, tracks: Mapping[str, TrackWish] | None = None) -> TrioChoice:
        """Choose the track of each voice: a number from 1, a part of a name, "none", or the rule."""
        return choose_trio(score, self.drum_map, tracks)

    def encode(self, score: Score, *, tracks: Mapping[str, TrackWish] | None = None) -> TrioClip:
        """Encode the three voices in all bars of the piece, silent ones too."""
        score = resample_score(score, TICKS_PER_QUARTER)
        return self._clip(score, self.choose_tracks(score, tracks), all_bars(score))

    def encode_spans(
        self,
        score: Score,
        *,
        tracks: Mapping[str, TrackWish] | None = None,
        bars: Callable[[], Sequence[Bar]] | None = None,
    ) -> list[TrioClip]:
        """Encode every longest run of bars that fit.

        `bars` returns those of the score, where they are needed for more than this.
        """
        score = resample_score(score, TICKS_PER_QUARTER)
        choice = self.choose_tracks(score, tracks)
        return [self._clip(score, choice, bars) for bars in runs_of_bars(bars() if bars else bars_of(score))]

    def skipped_bars(self, score: Score) -> dict[str, int]:
        """Count by metre the bars that `encode_spans` leaves out."""
        return count_unfit_bars(bars_of(resample_score(score, TICKS_PER_QUARTER)))

    def decode_trio(
        self,
        ids: ArrayLike,
        *,
        bars: Sequence[Bar] | None = None,
        metres: Sequence[Metre] = (),
        velocities: ArrayLike | None = None,
        drum_velocities: ArrayLike | None = None,
        drum_offsets: ArrayLike | None = None,
    ) -> DecodedTrio:
        """Return the voices of any ids `(bars * 16, 3)`; padding tells bars not given."""
        return decode_trio_ids(
            ids,
            self.drum_map,
            bars=bars,
            metres=metres,
            velocities=velocities,
            drum_velocities=drum_velocities,
            drum_offsets=drum_offsets,
        )

    def transpose(self, ids: Ids, semitones: int) -> Ids:
        """Move melody and bass of ids `(..., 3)` by `semitones`, never the drums."""
        extremes = self.pitch_range(ids)
        if extremes is not None and not 0 <= extremes[0] + semitones <= extremes[1] + semitones <= TOP_PITCH:
            lowest, highest = (pitch + semitones for pitch in extremes)
            raise TokenError(f"{semitones:+d} semitones move pitches to {lowest}..{highest}, outside 0..127")
        return ids + _is_pitch(ids) * ids.dtype.type(semitones)

    def pitch_range(self, ids: Ids) -> tuple[int, int] | None:
        """Return the lowest and highest pitch of melody and bass in ids `(..., 3)`, None without notes."""
        notes = ids[_is_pitch(ids)]
        return (int(notes.min()) - FIRST_NOTE, int(notes.max()) - FIRST_NOTE) if notes.size else None

    def _clip(self, score: Score, choice: TrioChoice, bars: tuple[Bar, ...]) -> TrioClip:
        """Encode the chosen tracks within `bars`, which adjoin and fit."""
        tracks = {voice: [score.tracks[i] for i in choice.tracks[voice]] for voice in VOICES}
        lines = [
            _line(tracks[voice], choice.reasons[voice], bars, keep_lowest=voice == "bass")
            for voice in VOICES[:2]
        ]
        drums: DrumClip | None = None
        if tracks["drums"]:
            drums = encode_drums(tracks["drums"], bars, self.drum_map, reason=choice.reasons["drums"])
        absent = np.where(steps_due(bars).reshape(-1), ABSENT[2], PAD).astype(np.int16)
        nothing = np.zeros((len(absent), NUM_CLASSES), dtype=np.uint8)
        return TrioClip(
            ids=np.stack([*(line.ids for line in lines), drums.ids[:, 0] if drums else absent], axis=1),
            bars=bars,
            velocities=np.stack([line.velocities for line in lines], axis=1),
            drum_velocities=drums.velocities if drums else nothing,
            drum_offsets=drums.offsets if drums else nothing.astype(np.int8),
            tracks=tuple(replace(tracks[voice][0], notes=()) if tracks[voice] else None for voice in VOICES),
            report=TrioReport(
                lines[0].report, lines[1].report, drums.report if drums else None, choice.reasons
            ),
        )


class _Line(NamedTuple):
    ids: Ids  # (bars * 16,)
    velocities: NDArray[np.uint8]  # (bars * 16,)
    report: EncodeReport | None


def _line(tracks: Sequence[Track], reason: str, bars: Sequence[Bar], *, keep_lowest: bool) -> _Line:
    """Encode a melodic voice, or its absence."""
    due = steps_due(bars).reshape(-1)
    ids = np.where(due, ABSENT[0], PAD).astype(np.int16)
    velocities = np.zeros(len(due), dtype=np.uint8)
    if not tracks:
        return _Line(ids, velocities, None)
    notes = tracks[0].notes
    if keep_lowest:  # upside down, the lowest note of a chord is the highest
        table = table_of(notes)
        table[:, 2] = TOP_PITCH - table[:, 2]
        notes = notes_of(table)
    line, snap = quantize_track(notes, bars)
    if keep_lowest:
        line = line._replace(pitches=TOP_PITCH - line.pitches)
    ids[due], velocities[due] = write_steps(line, int(due.sum()))
    num_cut_bars = sum(bar.is_cut_short for bar in bars)
    return _Line(ids, velocities, EncodeReport(reason, len(bars), num_cut_bars, snap))


def _is_pitch(ids: Ids) -> NDArray[np.bool_]:
    is_pitch = (ids >= FIRST_NOTE) & (ids < MELODY_VOCAB)
    is_pitch[..., 2] = False
    return np.asarray(is_pitch, dtype=bool)
