"""What ids mean to a metric: which steps count, and what begins at each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError
from seqvae.tokens.base import Tokenizer
from seqvae.tokens.meaning import MEANINGS as MUSIC
from seqvae.tokens.meaning import Meaning as Music
from seqvae.tokens.meaning import VoiceMeaning
from seqvae.tokens.melody_decode import PAD, STEPS_PER_BAR

Ids = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Meaning:
    """The ids of all voices, as `(..., voices)`.

    What begins is a note, or of drums a pair of step and class: an id may begin several.
    """

    voices: tuple[VoiceMeaning, ...]
    steps_per_bar: int
    pad: int = PAD  # a step beyond the end of a short bar: no accuracy counts it

    @property
    def parts(self) -> "Mapping[str, tuple[int, Meaning]]":
        """Return each of several voices by name, with its place; nothing where there is one."""
        if len(self.voices) == 1:
            return {}
        return {v.name: (i, Meaning((v,), self.steps_per_bar, self.pad)) for i, v in enumerate(self.voices)}

    @property
    def has_pitches(self) -> bool:
        """Tell whether notes of some voice have a pitch."""
        return any(low < high for low, high in (voice.pitches for voice in self.voices))

    @property
    def may_be_absent(self) -> bool:
        """Tell whether some voice may be absent."""
        return any(voice.absent >= 0 for voice in self.voices)

    def is_absent(self, ids: Ids) -> Flags:
        """Tell which ids say that their voice is not there."""
        return self._music.is_absent(ids)

    def is_due(self, ids: Ids) -> Flags:
        """Tell which ids an accuracy counts: neither padding nor an absent voice."""
        return np.asarray((ids != self.pad) & ~self.is_absent(ids), dtype=bool)

    def is_pitch(self, ids: Ids) -> Flags:
        """Tell which ids begin a note with a pitch."""
        return self._music.is_pitch(ids)

    def begun(self, ids: Ids) -> Counts:
        """Count what begins at each id."""
        return self._music.begun(ids)

    def begun_alike(self, ids: Ids, others: Ids) -> Counts:
        """Count what begins in both: the same note, or a class that both hit."""
        return self._music.begun_alike(ids, others)

    @property
    def _music(self) -> Music:
        return Music(self.voices)


NOTHING_BEGINS = VoiceMeaning("text", rest=-1, onsets=(0, 0))  # words do not begin as notes do
MEANINGS: Mapping[str, Meaning] = {
    **{name: Meaning(music.voices, STEPS_PER_BAR) for name, music in MUSIC.items()},
    "text": Meaning((NOTHING_BEGINS,), 1),
    "words": Meaning((NOTHING_BEGINS,), 1),
}


def meaning_of(tokenizer: Tokenizer) -> Meaning:
    """Look up what the ids of a tokenizer mean; ConfigError where no metric is defined for it."""
    if tokenizer.name not in MEANINGS:
        raise ConfigError(f"no metrics for tokenizer {tokenizer.name!r}; there are for {', '.join(MEANINGS)}")
    return MEANINGS[tokenizer.name]
