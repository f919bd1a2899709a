"""How different sentences are from one another."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.text.bleu import BLEU_COLUMNS, MATCHED, ORDER, WRITTEN, Words, bleu, count_grams


def distinct_share(texts: Sequence[str]) -> float:
    """Return how many different sentences there are, of all; NaN of none."""
    return len(set(texts)) / len(texts) if texts else float("nan")


def self_bleu(sentences: Sequence[Words]) -> float:
    """Return BLEU-4 (0..1) of each sentence against all others as its references, summed over all.

    An n-gram counts as often as it stands in the other that has it most; the reference length is that of the
    other closest in length, the shorter of two. Zhu et al. 2018 average over sentences instead.
    """
    sums = dict.fromkeys(BLEU_COLUMNS, 0.0)
    for size, matched, written in zip(range(1, ORDER + 1), MATCHED, WRITTEN, strict=True):
        grams = [count_grams(words, size) for words in sentences]
        sums[matched] = float(_matched_by_others(grams))
        sums[written] = float(sum(counts.total() for counts in grams))
    lengths = np.array([len(words) for words in sentences])
    sums["words_written"] = float(lengths.sum())
    sums["words_due"] = float(sum(_closest_other(lengths, place) for place in range(len(lengths))))
    return float(bleu({name: np.array(value) for name, value in sums.items()}))


def _matched_by_others(grams: Sequence[Counter[tuple[str, ...]]]) -> int:
    """Count the n-grams of each sentence that another one has, clipped by the one that has it most."""
    most: dict[tuple[str, ...], tuple[int, int]] = {}  # the two highest counts in any sentences
    for counts in grams:
        for gram, count in counts.items():
            first, second = most.get(gram, (0, 0))
            most[gram] = (max(first, count), max(second, min(first, count)))
    matched = 0
    for counts in grams:
        for gram, count in counts.items():
            first, second = most[gram]
            matched += min(count, second if count == first else first)
    return matched


def _closest_other(lengths: NDArray[np.int64], place: int) -> int:
    """Return the length, of another sentence, that is closest to the one at `place`."""
    others = np.delete(lengths, place)
    if not len(others):
        return 0
    closest = np.lexsort((others, np.abs(others - lengths[place])))[0]
    return int(others[closest])
