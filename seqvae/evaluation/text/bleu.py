"""BLEU-4 from counts of single sentences that add up over any set of them.

Papineni et al. 2002: the geometric mean of the clipped precisions of 1- to 4-grams, summed over the set,
times the brevity penalty. Nothing is smoothed and case counts. Words are those of `split_words`.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.accuracy import ratio

Floats = NDArray[np.float64]
Words = Sequence[str]

ORDER = 4
MATCHED = tuple(f"matched_{size}" for size in range(1, ORDER + 1))
WRITTEN = tuple(f"written_{size}" for size in range(1, ORDER + 1))
BLEU_COLUMNS = (*MATCHED, *WRITTEN, "words_written", "words_due")

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Split a sentence into words, an apostrophe inside is part of one, and single marks of punctuation."""
    return _WORD.findall(text)


def count_bleu(written: Words, due: Words) -> dict[str, float]:
    """Count what BLEU needs of one sentence and what it should have been."""
    counts = {"words_written": float(len(written)), "words_due": float(len(due))}
    for size, matched, total in zip(range(1, ORDER + 1), MATCHED, WRITTEN, strict=True):
        grams = count_grams(written, size)
        counts[matched] = float((grams & count_grams(due, size)).total())
        counts[total] = float(grams.total())
    return counts


def count_grams(words: Words, size: int) -> Counter[tuple[str, ...]]:
    """Count the n-grams of one size."""
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))


def bleu(sums: Mapping[str, Floats]) -> Floats:
    """Return BLEU-4 (0..1) of sums with any leading axes; NaN where no sentence has four words."""
    precisions = np.stack(
        [ratio(sums[matched], sums[total]) for matched, total in zip(MATCHED, WRITTEN, strict=True)]
    )
    with np.errstate(divide="ignore"):
        mean = np.exp(np.log(precisions).mean(axis=0))
        brevity = np.exp(np.minimum(0, 1 - sums["words_due"] / np.maximum(sums["words_written"], 1e-9)))
    score: Floats = mean * brevity
    return score


def sum_counts(counts: Sequence[Mapping[str, float]]) -> dict[str, Floats]:
    """Add up the counts of several sentences."""
    return {name: np.array(sum(count[name] for count in counts)) for name in BLEU_COLUMNS}
