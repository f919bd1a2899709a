"""What decides the content of shards, apart from the corpus itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from seqvae.dataset.windows import Ids
from seqvae.errors import ConfigError
from seqvae.midi.notes import Score
from seqvae.midi.quantize import Bar
from seqvae.tokens.base import Tokenizer
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.meaning import MEANINGS, Meaning
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.melody_decode import STEPS_PER_BAR
from seqvae.tokens.trio import TrioTokenizer

MAX_BARS = 64


class Report(Protocol):
    """What encoding changed and left out."""

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return whole numbers by kind and name."""


class Clip(Protocol):
    """A run of bars, encoded."""

    @property
    def ids(self) -> Ids:
        """Return the ids, `(bars * 16, voices)`."""

    @property
    def report(self) -> Report:
        """Return what encoding changed and left out."""


class MusicTokenizer(Tokenizer, Protocol):
    """Scores to ids, bars that do not fit left out."""

    def encode_spans(self, score: Score, *, bars: Callable[[], Sequence[Bar]]) -> Sequence[Clip]:
        """Encode every longest run of the score's bars that fit."""


CORPUS_TOKENIZERS: Mapping[str, Callable[[DrumMap], MusicTokenizer]] = {
    "melody": lambda _: MelodyTokenizer(),  # it hears no drums
    "drums": DrumTokenizer,
    "trio": TrioTokenizer,
}


@dataclass(frozen=True, kw_only=True)
class PrepareSettings:
    """How a corpus becomes windows and splits; nothing else changes a byte of the shards."""

    tokenizer: MusicTokenizer = field(default_factory=MelodyTokenizer)
    bars: int = 2
    strict: bool = False  # files that break the MIDI standard are left out instead of mended
    more_voices: bool = False  # trio: lone voices, and every other track as the melody, to train on alone
    seed: int = 0
    valid_share: float = 0.05  # of the bars of each corpus
    test_share: float = 0.05
    same_music_share: float = 0.15  # pieces that share so much of the smaller one stay in one split

    def __post_init__(self) -> None:
        """Refuse what cannot be prepared."""
        if not 1 <= self.bars <= MAX_BARS:
            raise ConfigError(f"bars {self.bars} is outside 1..{MAX_BARS}")
        if self.seed < 0:
            raise ConfigError(f"seed is {self.seed}; choose 0 or more")
        if min(self.valid_share, self.test_share) < 0 or self.valid_share + self.test_share >= 1:
            raise ConfigError(
                f"valid share {self.valid_share} and test share {self.test_share} must not be negative "
                "and must leave something to train on"
            )
        if self.more_voices and not isinstance(self.tokenizer, TrioTokenizer):
            raise ConfigError(
                f"more voices are there for trios alone, not for the tokenizer {self.tokenizer.name!r}"
            )
        if not 0 < self.same_music_share <= 1:
            raise ConfigError(f"same-music share {self.same_music_share} is outside 0..1 (0 excluded)")

    @property
    def steps_per_bar(self) -> int:
        """Ids that a bar takes."""
        return STEPS_PER_BAR

    @property
    def steps_per_window(self) -> int:
        """Ids that a window takes."""
        return self.bars * self.steps_per_bar

    @property
    def meaning(self) -> Meaning:
        """What the tokenizer's ids mean to a comparison of content."""
        return MEANINGS[self.tokenizer.name]
