"""Paragraphs as ids: one sentence after another, each with its end, all padded to one length.

What is missing of a paragraph's sentences is empty sentences: an end and nothing before it.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from seqvae.errors import TokenError
from seqvae.tokens.sentences import END, Ids


class Coder(Protocol):
    """What codes one sentence."""

    def encode(self, text: str, *, max_length: int | None = None) -> Ids:
        """Encode a sentence as ids `(time, 1)`, its end included."""

    def decode(self, ids: ArrayLike) -> str:
        """Return the text before the first end."""


def encode_paragraph(sentences: Sequence[str], coder: Coder, *, max_sentences: int, max_length: int) -> Ids:
    """Encode up to `max_sentences` of up to `max_length` ids: `(max_sentences * max_length, 1)`.

    TokenError where there are more of them, or one is longer.
    """
    if len(sentences) > max_sentences:
        raise TokenError(f"{len(sentences)} sentences, at most {max_sentences} fit; shorten the paragraph")
    grid = np.zeros((max_sentences, max_length, 1), dtype=np.int16)
    grid[:, 0] = END
    for row, sentence in zip(grid, sentences, strict=False):
        ids = coder.encode(sentence, max_length=max_length)
        row[: len(ids)] = ids
    return grid.reshape(-1, 1)


def decode_paragraph(ids: ArrayLike, coder: Coder, *, max_sentences: int) -> list[str]:
    """Return the sentences of ids `(time, 1)`, empty ones left out."""
    rows = np.asarray(ids).reshape(max_sentences, -1)
    return [text for text in map(coder.decode, rows) if text]
