"""Trio ids back to notes, each voice by the rules of its own tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.midi.notes import MICROSECONDS_PER_QUARTER, Metre, Score, Tempo, Track
from seqvae.midi.quantize import Bar, metres_of
from seqvae.tokens.bars import steps_due
from seqvae.tokens.drum_decode import PAD, SILENCE, DecodedDrums, decode_drum_ids, end_of
from seqvae.tokens.drum_decode import VOCAB_SIZE as DRUM_VOCAB
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.melody_decode import REST, STEPS_PER_BAR, DecodedMelody, bars_from_ids, decode_ids
from seqvae.tokens.melody_decode import VOCAB_SIZE as MELODY_VOCAB

VOICES = ("melody", "bass", "drums")
ABSENT = (MELODY_VOCAB, MELODY_VOCAB, DRUM_VOCAB)  # behind the ids that each voice has by itself
VOICE_SIZES = tuple(absent + 1 for absent in ABSENT)  # ids of each voice
VOCAB_SIZE = max(VOICE_SIZES)
FINGERED_BASS = 33

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DecodedTrio:
    """Notes at 480 ticks per quarter in their bars; None for a voice that is absent."""

    melody: DecodedMelody | None
    bass: DecodedMelody | None
    drums: DecodedDrums | None
    bars: tuple[Bar, ...]

    def to_score(
        self,
        *,
        programs: tuple[int, int, int] = (0, FINGERED_BASS, 0),
        names: tuple[str, str, str] = ("Melody", "Bass", "Drums"),
        tempi: tuple[Tempo, ...] = (Tempo(0, MICROSECONDS_PER_QUARTER),),
    ) -> Score:
        """Return a score with a track for each voice that is there; it ends on the last bar line."""
        voices = zip((self.melody, self.bass, self.drums), names, programs, strict=True)
        tracks: list[Track] = [
            voice.to_track(name=name, program=program) for voice, name, program in voices if voice is not None
        ]
        return Score(
            tuple(tracks),
            tempi=tempi,
            metres=metres_of(self.bars) or (Metre(0, 4, 4),),
            end_tick=end_of(self.bars),
        )

    def lines(self) -> list[str]:
        """Say in plain words what had to be mended, voice by voice."""
        voices = zip(VOICES, (self.melody, self.bass, self.drums), strict=True)
        return [f"{name}: {line}" for name, voice in voices if voice for line in voice.report.lines()]


def decode_trio_ids(
    ids: ArrayLike,
    drum_map: DrumMap,
    *,
    bars: Sequence[Bar] | None = None,
    metres: Sequence[Metre] = (),
    velocities: ArrayLike | None = None,
    drum_velocities: ArrayLike | None = None,
    drum_offsets: ArrayLike | None = None,
) -> DecodedTrio:
    """Read any ids `(bars * 16, 3)` as three voices; an unfinished last bar is padded.

    Where bars are not given, the padding of two voices tells them. An absent id is silence; a voice is absent
    when nothing in it sounds and half of its steps say so. `velocities` is `(bars * 16, 2)`, melody and bass.
    """
    table = np.asarray(ids, dtype=np.int64).reshape(-1, len(VOICES))
    table = np.pad(table, ((0, -len(table) % STEPS_PER_BAR), (0, 0)))
    if bars is None:
        bars = bars_from_ids(((table == PAD).sum(axis=1) < 2).astype(np.int64), metres=metres)
    due = steps_due(bars).reshape(-1)
    says_absent = table == np.array(ABSENT)
    is_quiet = 2 * says_absent[due].sum(axis=0) >= max(1, int(due.sum()))  # (voices,)
    sounding = np.where(says_absent, np.array([REST, REST, SILENCE]), table)
    loud = np.zeros((len(table), 2), dtype=np.int64) if velocities is None else np.asarray(velocities)
    melody, bass = (
        decode_ids(sounding[:, voice], bars=bars, velocities=loud[:, voice]) for voice in range(2)
    )
    drums = decode_drum_ids(
        sounding[:, 2], drum_map, bars=bars, velocities=drum_velocities, offsets=drum_offsets
    )
    return DecodedTrio(
        melody if melody.notes or not is_quiet[0] else None,
        bass if bass.notes or not is_quiet[1] else None,
        drums if drums.notes or not is_quiet[2] else None,
        tuple(bars),
    )
