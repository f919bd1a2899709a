"""What the ids of each tokenizer of music mean, voice by voice: what a comparison or a metric must know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.tokens.drum_decode import FIRST_HIT, FIRST_SET, SILENCE
from seqvae.tokens.drum_decode import VOCAB_SIZE as DRUM_VOCAB
from seqvae.tokens.melody_decode import FIRST_NOTE, HOLD, REST
from seqvae.tokens.melody_decode import VOCAB_SIZE as MELODY_VOCAB
from seqvae.tokens.trio_decode import ABSENT, VOICES

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class VoiceMeaning(NamedTuple):
    """The ids of one voice; ranges are half-open."""

    name: str
    rest: int
    onsets: tuple[int, int]  # something begins to sound
    pitches: tuple[int, int] = (0, 0)  # the onsets that move with the key, semitone by semitone
    hold: int = -1  # -1: nothing is ever held
    first_set: int = -1  # ids from here on are sets of things that begin, bit by bit; -1: single things
    absent: int = -1  # the voice is not there; -1: it always is


@dataclass(frozen=True)
class Meaning:
    """The ids of all voices; padding is 0 in every one of them."""

    voices: tuple[VoiceMeaning, ...]

    def is_onset(self, ids: NDArray[Any]) -> Flags:
        """Tell which ids `(..., voices)` begin a note or a hit."""
        return _within(ids, self._onsets)

    def is_pitch(self, ids: NDArray[Any]) -> Flags:
        """Tell which ids `(..., voices)` move with the key."""
        return _within(ids, self._pitches)

    def is_beyond_pitch(self, ids: NDArray[Any]) -> Flags:
        """Tell which ids `(..., voices)` stand behind the pitches of a voice that has some: it is absent."""
        ends = self._pitches[1]
        return np.asarray((ids >= ends) & (ends > 0), dtype=bool)

    def is_absent(self, ids: NDArray[Any]) -> Flags:
        """Tell which ids `(..., voices)` say that their voice is not there."""
        absent = np.array([voice.absent for voice in self.voices])
        return np.asarray(ids == absent, dtype=bool)

    def begun(self, ids: NDArray[Any]) -> Integers:
        """Count what begins at each of `(..., voices)` ids: a note, or so many classes of a set."""
        return np.bitwise_count(self._bits(ids)).astype(np.int64)

    def begun_alike(self, ids: NDArray[Any], others: NDArray[Any]) -> Integers:
        """Count what begins in both: the same note, or the classes that both hit."""
        is_set = np.array([voice.first_set >= 0 for voice in self.voices])
        both = self._bits(ids) & self._bits(others)
        return np.bitwise_count(np.where(is_set | (ids == others), both, 0)).astype(np.int64)

    def part(self, *voices: int) -> "Meaning":
        """Return the meaning of some voices alone."""
        return Meaning(tuple(self.voices[voice] for voice in voices))

    def _bits(self, ids: NDArray[Any]) -> Integers:
        """Write what begins as bits: one for a note, and one for each class of a set."""
        firsts = np.array([voice.first_set for voice in self.voices])
        sets = np.where(firsts >= 0, np.asarray(ids, dtype=np.int64) - firsts, 1)
        return np.where(self.is_onset(ids), sets, 0)

    def is_hold(self, ids: NDArray[Any]) -> Flags:
        """Tell which ids `(..., voices)` let a note go on."""
        return np.asarray(ids == self.holds, dtype=bool)

    @cached_property
    def _onsets(self) -> NDArray[np.int16]:
        return _borders(voice.onsets for voice in self.voices)

    @cached_property
    def _pitches(self) -> NDArray[np.int16]:
        return _borders(voice.pitches for voice in self.voices)

    @cached_property
    def holds(self) -> NDArray[np.int16]:
        """Return the hold of each voice, `(voices,)`."""
        return np.array([voice.hold for voice in self.voices], dtype=np.int16)

    @cached_property
    def rests(self) -> NDArray[np.int16]:
        """Return the rest of each voice, `(voices,)`."""
        return np.array([voice.rest for voice in self.voices], dtype=np.int16)

    @cached_property
    def first_pitches(self) -> NDArray[np.int16]:
        """Return the id of pitch 0 of each voice, `(voices,)`; 0 where nothing moves with the key."""
        return np.array([voice.pitches[0] for voice in self.voices], dtype=np.int16)


PITCHES = (FIRST_NOTE, MELODY_VOCAB)
HITS = (FIRST_HIT, DRUM_VOCAB)
MELODY, BASS, DRUMS = (
    VoiceMeaning(VOICES[0], REST, PITCHES, PITCHES, HOLD),
    VoiceMeaning(VOICES[1], REST, PITCHES, PITCHES, HOLD),
    VoiceMeaning(VOICES[2], SILENCE, HITS, first_set=FIRST_SET),
)
TRIO = tuple(v._replace(absent=i) for v, i in zip((MELODY, BASS, DRUMS), ABSENT, strict=True))
MEANINGS: Mapping[str, Meaning] = {  # by the name of the tokenizer
    "melody": Meaning((MELODY,)),
    "drums": Meaning((DRUMS,)),
    "trio": Meaning(TRIO),
}


def _borders(ranges: Iterable[tuple[int, int]]) -> NDArray[np.int16]:
    """Return the lowest id of each voice and the first behind the range, `(2, voices)`."""
    return np.array(list(ranges), dtype=np.int16).T


def _within(ids: NDArray[Any], borders: NDArray[np.int16]) -> Flags:
    lows, highs = borders
    return np.asarray((ids >= lows) & (ids < highs), dtype=bool)
