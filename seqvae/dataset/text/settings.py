"""What decides the content of text shards, apart from the corpus itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from seqvae.errors import ConfigError
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.pieces import MAX_PIECE, MIN_VOCABULARY
from seqvae.tokens.sentences import MAX_VOCABULARY
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import MAX_WORD, WordTokenizer

TextKind = Literal["text", "words"]
DEFAULT_VOCABULARY: Mapping[TextKind, int] = {"text": 4000, "words": MAX_VOCABULARY}
MAX_PIECES = 4095
MAX_SENTENCES = 256
MOST_LEARNED = 500_000  # sentences that pieces are learned from: a million take sentencepiece 800 MB
SEPARATOR = "\n"  # between the sentences of one window


class Trainable(Protocol):
    """A kind of tokenizer that is learned from sentences."""

    def train(self, sentences: Iterable[str], *, vocab_size: int) -> SentenceTokenizer:
        """Learn from the sentences of the train split."""


TRAINABLE: Mapping[TextKind, Trainable] = {"text": TextTokenizer, "words": WordTokenizer}


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How lines become sentences, ids and splits; nothing else changes a byte of the shards."""

    tokenizer: TextKind = "text"
    vocab_size: int = 0  # 0: that of DEFAULT_VOCABULARY
    max_pieces: int = 64  # longer sentences are left out; the end comes on top
    per_template: int = 5  # sentences that differ in names, pronouns, case and punctuation only; 0: all stay
    split_sentences: bool = False  # paragraphs are cut into sentences; otherwise each line is one
    sentences: int = 1  # of a window; more than one are neighbours in a paragraph
    seed: int = 0
    valid_share: float = 0.05  # of the sentences of each corpus
    test_share: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot be prepared."""
        if self.tokenizer not in get_args(TextKind):
            raise ConfigError(
                f"unknown tokenizer {self.tokenizer!r}; choose from {', '.join(get_args(TextKind))}"
            )
        if self.vocab_size and not MIN_VOCABULARY <= self.vocab_size <= MAX_VOCABULARY:
            raise ConfigError(f"vocabulary {self.vocab_size} is outside {MIN_VOCABULARY}..{MAX_VOCABULARY}")
        if not 1 <= self.max_pieces <= MAX_PIECES:
            raise ConfigError(f"{self.max_pieces} pieces at most is outside 1..{MAX_PIECES}")
        if not 1 <= self.sentences <= MAX_SENTENCES:
            raise ConfigError(f"{self.sentences} sentences in a window is outside 1..{MAX_SENTENCES}")
        if self.per_template < 0:
            raise ConfigError(f"{self.per_template} sentences per template; choose 1 or more, or 0 for all")
        if self.seed < 0:
            raise ConfigError(f"seed is {self.seed}; choose 0 or more")
        if min(self.valid_share, self.test_share) < 0 or self.valid_share + self.test_share >= 1:
            raise ConfigError(
                f"valid share {self.valid_share} and test share {self.test_share} must not be negative "
                "and must leave something to train on"
            )

    @property
    def max_length(self) -> int:
        """Ids of the longest sentence, its end included."""
        return self.max_pieces + 1

    @property
    def too_long(self) -> str:
        """Name the reason for which a sentence is left out."""
        return f"longer than {self.max_pieces} {'words' if self.tokenizer == 'words' else 'pieces'}"

    def train(self, sentences: Iterable[str]) -> SentenceTokenizer:
        """Learn the tokenizer."""
        vocab_size = self.vocab_size or DEFAULT_VOCABULARY[self.tokenizer]
        return TRAINABLE[self.tokenizer].train(sentences, vocab_size=vocab_size)

    def cannot_fit(self, sentence: str) -> bool:
        """Tell without a tokenizer what is too long for any; a piece has at most 16 characters."""
        if SEPARATOR in sentence:
            return any(map(self.cannot_fit, sentence.split(SEPARATOR)))
        if self.tokenizer == "text":
            return len(sentence) > MAX_PIECE * self.max_pieces
        words = sentence.split()
        return len(words) > self.max_pieces or any(len(word) > MAX_WORD for word in words)
