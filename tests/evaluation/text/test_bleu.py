from math import exp

import numpy as np
import pytest

from seqvae.evaluation.text.bleu import BLEU_COLUMNS, bleu, count_bleu, split_words, sum_counts

CAT = ["the", "cat", "sat", "on", "the", "mat"]


def score(*pairs) -> float:
    """Compute BLEU of (written, due) pairs."""
    return float(bleu(sum_counts([count_bleu(written, due) for written, due in pairs])))


def test_the_same_sentence_scores_one():
    """What was rebuilt word for word has BLEU 1."""
    assert score((CAT, CAT)) == pytest.approx(1)


def test_hand_computed_sentence():
    """6 words written, 5 / 6, 4 / 5, 3 / 4 and 2 / 3 of the n-grams match: their geometric mean is BLEU."""
    written = ["the", "cat", "sat", "on", "the", "hat"]

    assert score((written, CAT)) == pytest.approx((5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** 0.25)


def test_repeated_words_are_clipped():
    """The article six times matches the two that are due, and no bigram."""
    counts = count_bleu(["the"] * 6, CAT)

    assert (counts["matched_1"], counts["written_1"], counts["matched_2"]) == (2, 6, 0)


def test_short_output_is_penalised():
    """Five of six words, all right: precisions are 1, the penalty exp(1 - 6 / 5)."""
    assert score((CAT[:5], CAT)) == pytest.approx(exp(1 - 6 / 5))
    assert score((CAT, CAT[:5])) < 1  # a longer one pays by its precisions alone


def test_counts_add_up_over_sentences():
    """BLEU of a set is that of its summed counts, not the mean of its sentences."""
    other = ["a", "dog", "ran", "in"]
    wrong = ["a", "dog", "ran", "out"]

    # 1-grams 9 / 10, 2-grams 7 / 8, 3-grams 5 / 6, 4-grams 3 / 4
    assert score((CAT, CAT), (wrong, other)) == pytest.approx((9 / 10 * 7 / 8 * 5 / 6 * 3 / 4) ** 0.25)


def test_nothing_in_common_scores_zero_and_short_sentences_nothing():
    """No match is BLEU 0; sentences below four words have no BLEU at all."""
    assert score((["no"] * 6, CAT)) == 0
    assert np.isnan(score((["the", "cat"], ["the", "cat"])))
    assert score(([], CAT)) == 0 or np.isnan(score(([], CAT)))


def test_leading_axes_are_kept():
    """Sums of many draws give a BLEU each."""
    counts = count_bleu(CAT, CAT)
    sums = {name: np.full((2, 3), counts[name]) for name in BLEU_COLUMNS}

    np.testing.assert_allclose(bleu(sums), np.ones((2, 3)))


def test_agrees_with_sacrebleu():
    """A reference library gives the same number for the same words."""
    sacrebleu = pytest.importorskip("sacrebleu")
    generator = np.random.default_rng(0)
    due = [[f"w{word}" for word in generator.integers(4, size=9)] for _ in range(30)]
    written = [[f"w{word}" for word in generator.integers(4, size=8)] for _ in range(30)]
    metric = sacrebleu.BLEU(tokenize="none", smooth_method="none")
    expected = metric.corpus_score([" ".join(w) for w in written], [[" ".join(d) for d in due]]).score

    assert 100 * score(*zip(written, due, strict=True)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, Tom!", ["Don't", "stop", ",", "Tom", "!"]),
        ("It costs $5.", ["It", "costs", "$", "5", "."]),
        ("", []),
    ],
    ids=["apostrophe", "signs", "empty"],
)
def test_words_and_marks(text, words):
    """Marks of punctuation are words of their own, an apostrophe inside is none."""
    assert split_words(text) == words
