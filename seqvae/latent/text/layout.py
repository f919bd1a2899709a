"""Texts to the ids of a model and back: one sentence, or the sentences of a paragraph side by side."""

from dataclasses import dataclass
from typing import Protocol

from numpy.typing import ArrayLike

from seqvae.config import ModelConfig
from seqvae.dataset.text.cutting import cut_sentences
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.paragraphs import decode_paragraph, encode_paragraph
from seqvae.tokens.sentences import Ids


class Layout(Protocol):
    """How texts lie in the window of a model."""

    @property
    def max_length(self) -> int:
        """How many ids a text may have at most, its ends included."""

    def encode(self, text: str) -> Ids:
        """Return the ids `(time, 1)` of a text; TokenError if it does not fit."""

    def decode(self, ids: ArrayLike) -> str:
        """Return the text of ids `(time, 1)`."""


@dataclass(frozen=True)
class Sentences:
    """A text is one sentence."""

    tokenizer: SentenceTokenizer
    max_length: int

    def encode(self, text: str) -> Ids:
        """Return the ids up to the end, `(time, 1)`."""
        return self.tokenizer.encode(text, max_length=self.max_length)

    def decode(self, ids: ArrayLike) -> str:
        """Return what stands before the end."""
        return self.tokenizer.decode(ids)


@dataclass(frozen=True)
class Paragraphs:
    """A text is several sentences, cut by the rule of `seqvae prepare`."""

    tokenizer: SentenceTokenizer
    max_sentences: int
    sentence_length: int

    @property
    def max_length(self) -> int:
        """How many ids all sentences may have together."""
        return self.max_sentences * self.sentence_length

    def encode(self, text: str) -> Ids:
        """Return the ids of all sentences, each padded to its place, `(time, 1)`."""
        return encode_paragraph(
            cut_sentences(text),
            self.tokenizer,
            max_sentences=self.max_sentences,
            max_length=self.sentence_length,
        )

    def decode(self, ids: ArrayLike) -> str:
        """Return the sentences, a space apart, empty ones left out."""
        return " ".join(decode_paragraph(ids, self.tokenizer, max_sentences=self.max_sentences))


def layout_of(config: ModelConfig, tokenizer: SentenceTokenizer) -> Layout:
    """Return the layout of a model."""
    if config.bars == 1:
        return Sentences(tokenizer, config.time)
    return Paragraphs(tokenizer, config.bars, config.steps_per_bar)
