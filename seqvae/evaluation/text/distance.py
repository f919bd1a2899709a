"""How far two sentences lie apart, in words."""

from collections.abc import Sequence

from seqvae.evaluation.text.bleu import Words


def word_distance(first: Words, second: Words) -> float:
    """Return the words to insert, delete or replace, over the words of the longer one: 0 equal, 1 nothing."""
    longer = max(len(first), len(second))
    return _edits(first, second) / longer if longer else 0.0


def _edits(first: Words, second: Words) -> int:
    """Return the edit distance of Levenshtein, a row of its table at a time."""
    row: Sequence[int] = range(len(second) + 1)
    for above, word in enumerate(first, start=1):
        following = [above]
        for place, other in enumerate(second):
            following.append(min(row[place] + (word != other), row[place + 1] + 1, following[place] + 1))
        row = following
    return row[-1]
