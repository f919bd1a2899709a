"""Paragraphs of sentences, each with its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import TokenError
from seqvae.tokens.paragraphs import decode_paragraph, encode_paragraph
from seqvae.tokens.sentences import END
from seqvae.tokens.words import WordTokenizer

WORDS = WordTokenizer(["a", "b", "c"])
SENTENCES = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(" ".join), max_size=3)


@given(SENTENCES)
def test_decoding_inverts_encoding(sentences):
    """Sentences that fit come back as they were."""
    ids = encode_paragraph(sentences, WORDS, max_sentences=3, max_length=5)

    assert ids.shape == (15, 1)
    assert decode_paragraph(ids, WORDS, max_sentences=3) == sentences


@given(SENTENCES)
def test_every_sentence_has_one_end(sentences):
    """So have those that are missing."""
    grid = encode_paragraph(sentences, WORDS, max_sentences=3, max_length=5).reshape(3, 5)

    assert ((grid == END).sum(axis=1) == 1).all()


def test_what_does_not_fit_is_refused():
    """Too many sentences, or one that is too long, are named."""
    with pytest.raises(TokenError, match="3 sentences, at most 2 fit"):
        encode_paragraph(["a", "b", "c"], WORDS, max_sentences=2, max_length=5)
    with pytest.raises(TokenError, match="takes 4 ids with its end, at most 3 fit"):
        encode_paragraph(["a b c"], WORDS, max_sentences=2, max_length=3)
