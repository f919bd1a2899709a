"""Ids of sentences become text, and text becomes words and characters to count."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.checkpoint import LoadedModel
from seqvae.evaluation.text.bleu import split_words
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import WordTokenizer

Ids = NDArray[np.integer[Any]]


def sentence_tokenizer(loaded: LoadedModel) -> SentenceTokenizer:
    """Return the tokenizer of a model of text."""
    assert isinstance(loaded.tokenizer, TextTokenizer | WordTokenizer)
    return loaded.tokenizer


def texts_of(loaded: LoadedModel, ids: Ids) -> list[str]:
    """Return the text of each of `(sentences, time, 1)`; the sentences of a paragraph are a space apart."""
    tokenizer, steps = sentence_tokenizer(loaded), loaded.config.steps_per_bar
    if loaded.config.bars == 1:
        return [tokenizer.decode(row) for row in ids]
    paragraphs = [[tokenizer.decode(part) for part in row.reshape(-1, steps)] for row in ids]
    return [" ".join(filter(None, sentences)) for sentences in paragraphs]


def words_for_bleu(loaded: LoadedModel, text: str) -> list[str]:
    """Split a text into the words that BLEU compares: those of the vocabulary where it has whole words."""
    return text.split() if isinstance(loaded.tokenizer, WordTokenizer) else split_words(text)


def num_words(text: str) -> int:
    """Count the words that a perplexity is taken over: what stands between spaces, and the end."""
    return len(text.split()) + 1


def num_characters(text: str) -> int:
    """Count the characters that bits are divided by: all of the text, and its line break."""
    return len(text) + 1
