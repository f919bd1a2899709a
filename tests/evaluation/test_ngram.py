from itertools import product

import numpy as np
import pytest

from seqvae.errors import ConfigError
from seqvae.evaluation.ngram import NGramModel
from tests.evaluation.making import random_ids


@pytest.fixture(scope="module")
def judge() -> NGramModel:
    """Train a trigram model of four ids on a pattern with noise."""
    generator = np.random.default_rng(0)
    pattern = np.tile([0, 1, 2, 1], (30, 8))
    noisy = np.where(generator.random(pattern.shape) < 0.1, generator.integers(0, 4, pattern.shape), pattern)
    return NGramModel(noisy, vocab_size=4, order=3)


def test_probabilities_sum_to_one(judge):
    """After any two ids, seen or not, the next ones share a probability of 1."""
    histories = np.array(list(product(range(4), repeat=2)))
    after = [np.hstack([histories, np.full((16, 1), next_id)]) for next_id in range(4)]

    total = sum(judge.probabilities(sequences)[:, 2] for sequences in after)
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_all_sequences_share_one():
    """The probabilities of all sequences of a length sum to 1, the first id included."""
    judge = NGramModel(np.array([[0, 1, 2], [0, 1, 1], [2, 2, 0]]), vocab_size=3, order=5)
    everything = np.array(list(product(range(3), repeat=4)))

    assert np.exp(-judge.cost(everything)).sum() == pytest.approx(1, abs=1e-12)


def test_bigram_by_hand():
    """Two bigrams of one context, one seen twice: the discounted shares of Kneser and Ney."""
    judge = NGramModel(np.array([[0, 0, 1]]), vocab_size=2, order=2)
    # bigrams: start 0, 0 0, 0 1, each once; no gram was seen twice, so the discount is 0.5
    # unigrams by the number of ids before them: 0 follows two, 1 follows one
    p0 = (2 - 0.5) / 3 + 0.5 * 2 / 3 * 0.5
    after_zero = (1 - 0.5) / 2 + 0.5 * 2 / 2 * p0

    assert judge.probabilities(np.array([[0, 0]]))[0, 1] == pytest.approx(after_zero)


def test_familiar_music_costs_less(judge):
    """The pattern that was learned costs less than its shuffle."""
    pattern = np.tile([0, 1, 2, 1], (1, 4))
    shuffled = np.random.default_rng(1).permutation(pattern[0])[None]

    assert judge.cost(pattern)[0] < judge.cost(shuffled)[0]


def test_melodies_fit_in_five_grams():
    """Five melody ids in a row fit in one number."""
    judge = NGramModel(random_ids(0, vocab_size=131)[..., 0], vocab_size=131)

    assert np.isfinite(judge.cost(random_ids(1, vocab_size=131)[..., 0])).all()


def test_too_many_grams_are_refused():
    """A vocabulary whose grams cannot be numbered is met with a remedy."""
    with pytest.raises(ConfigError, match="5-grams of 9000 ids are too many to number; lower the order"):
        NGramModel(np.zeros((1, 5)), vocab_size=9000)
