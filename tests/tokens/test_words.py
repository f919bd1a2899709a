from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import TokenError
from seqvae.tokens.base import build_tokenizer
from seqvae.tokens.sentences import END
from seqvae.tokens.words import MAX_WORD, UNKNOWN, WordTokenizer
from tests.tokens.writing import grammar

lines = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1).filter(
    lambda texts: any(text.split() for text in texts)
)


@given(lines)
def test_decode_inverts_encode_but_for_spaces(texts):
    """Every line of the corpus comes back with its words one space apart."""
    tokenizer = WordTokenizer.train(texts)

    assert [tokenizer.decode(tokenizer.encode(text)) for text in texts] == [
        " ".join(t.split()) for t in texts
    ]


@given(lines)
def test_words_are_numbered_by_frequency(texts):
    """A smaller id is a word at least as frequent."""
    counts = Counter(word for text in texts for word in text.split())
    words = WordTokenizer.train(texts).to_config()["words"]

    assert sorted(words) == sorted(counts)
    assert sorted(counts.values(), reverse=True) == [counts[word] for word in words]


def test_a_limit_makes_rare_words_unknown():
    """Beyond the limit `<unk>` stands for what is left, and encoding never fails."""
    tokenizer = WordTokenizer.train(grammar(), vocab_size=10)

    assert tokenizer.vocab_size == 10
    assert tokenizer.decode(tokenizer.encode("Tom paints unicorns")).endswith(f" {UNKNOWN}")
    assert tokenizer.count_unknown("unicorns and gryphons") == 3


def test_unk_in_the_corpus_is_a_word():
    """The Penn Treebank's own `<unk>` takes what the vocabulary lacks."""
    tokenizer = WordTokenizer.train(["the <unk> said no"])
    ids = tokenizer.encode("no unicorn said <unk>")

    assert (ids.shape, ids.dtype, ids[-1, 0]) == ((5, 1), np.int16, END)
    assert tokenizer.decode(ids) == "no <unk> said <unk>"
    assert tokenizer.vocab_size == 2 + 4


def test_a_new_word_without_unk_is_refused():
    """The word is named."""
    with pytest.raises(TokenError, match="the word 'unicorn' is not in the vocabulary, and <unk> is neither"):
        WordTokenizer(["a", "horse"]).encode("a unicorn")


def test_a_line_too_long_is_refused():
    """The limit counts the end."""
    tokenizer = WordTokenizer(["a"])

    assert len(tokenizer.encode("a a a", max_length=4)) == 4
    with pytest.raises(TokenError, match="takes 5 ids with its end, at most 4 fit"):
        tokenizer.encode("a a a a", max_length=4)


def test_config_builds_an_equal_tokenizer():
    """What a tokenizer says of itself builds it again."""
    config = WordTokenizer.train(grammar()).to_config()

    assert build_tokenizer(config).to_config() == config


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(None, "without its list of words", id="missing"),
        pytest.param([1], "without its list of words", id="numbers"),
        pytest.param([], r"0 words are outside 1\.\.32766", id="none"),
        pytest.param([str(n) for n in range(32_767)], "32767 words are outside", id="many"),
        pytest.param(["a b"], "'a b' is no word", id="space"),
        pytest.param([""], "'' is no word", id="empty"),
        pytest.param(["x" * (MAX_WORD + 1)], "is no word", id="long"),
        pytest.param(["a", "a"], "stands twice", id="twice"),
    ],
)
def test_a_broken_config_is_refused(words, message):
    """A list that no corpus gives ends as one line."""
    with pytest.raises(TokenError, match=message):
        build_tokenizer({"name": "words", "words": words})
