"""What decides the content of shards, apart from the corpus itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seqvae.dataset.windows import NoteIds
from seqvae.errors import ConfigError
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.melody_decode import FIRST_NOTE, HOLD, REST, STEPS_PER_BAR

CORPUS_TOKENIZERS: Mapping[str, Callable[[], MelodyTokenizer]] = {"melody": MelodyTokenizer}
MAX_BARS = 64


@dataclass(frozen=True, kw_only=True)
class PrepareSettings:
    """How a corpus becomes windows and splits; nothing else changes a byte of the shards."""

    tokenizer: MelodyTokenizer = field(default_factory=MelodyTokenizer)
    bars: int = 2
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
    def meaning(self) -> NoteIds:
        """What the tokenizer's ids mean to a comparison of content."""
        return NoteIds(hold=HOLD, rest=REST, first_note=FIRST_NOTE)
