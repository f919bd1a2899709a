import numpy as np
import pytest

from seqvae.evaluation.text.bleu import bleu, count_grams
from seqvae.evaluation.text.diversity import distinct_share, self_bleu


def plain_self_bleu(sentences) -> float:
    """Compute it as it is defined, slowly."""
    sums = {"words_written": 0.0, "words_due": 0.0}
    for place, words in enumerate(sentences):
        others = sentences[:place] + sentences[place + 1 :]
        sums["words_written"] += len(words)
        sums["words_due"] += min((abs(len(o) - len(words)), len(o)) for o in others)[1]
        for size in range(1, 5):
            grams = count_grams(words, size)
            found = sum(min(n, max(count_grams(o, size)[gram] for o in others)) for gram, n in grams.items())
            sums[f"matched_{size}"] = sums.get(f"matched_{size}", 0.0) + found
            sums[f"written_{size}"] = sums.get(f"written_{size}", 0.0) + grams.total()
    return float(bleu({name: np.float64(value) for name, value in sums.items()}))


def test_self_bleu_agrees_with_its_definition():
    """Leaving out each sentence in turn gives the same number as two highest counts of each n-gram."""
    generator = np.random.default_rng(1)
    sentences = [[str(w) for w in generator.integers(3, size=generator.integers(1, 9))] for _ in range(25)]

    assert self_bleu(sentences) == pytest.approx(plain_self_bleu(sentences))


def test_equal_sentences_have_self_bleu_one_and_foreign_ones_zero():
    """A model that always says the same has 1, one that never repeats a word 0."""
    assert self_bleu([["a", "b", "c", "d"]] * 3) == pytest.approx(1)
    assert self_bleu([[f"{row}{word}" for word in range(5)] for row in range(4)]) == 0


def test_one_sentence_or_none_has_no_self_bleu():
    """Nothing to compare with gives 0 or no number, never an error."""
    assert self_bleu([["a", "b", "c", "d"]]) == 0
    assert np.isnan(self_bleu([]))


def test_distinct_share_counts_different_sentences():
    """Two of three are different."""
    assert distinct_share(["a", "b", "a"]) == pytest.approx(2 / 3)
    assert np.isnan(distinct_share([]))
