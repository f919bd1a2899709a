import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.evaluation.text.distance import word_distance

SENTENCES = st.lists(st.sampled_from("abc"), max_size=6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1 / 3), ("a b", "a b c d", 1 / 2), ("", "a", 1), ("", "", 0)],
)
def test_edits_over_the_longer_sentence(first, second, expected):
    """Each word to insert, delete or replace counts one."""
    assert word_distance(first.split(), second.split()) == pytest.approx(expected)


@given(SENTENCES, SENTENCES)
def test_distance_is_symmetric_and_zero_for_equals_alone(first, second):
    """It does not matter which sentence comes first."""
    assert word_distance(first, second) == word_distance(second, first)
    assert (word_distance(first, second) == 0) == (first == second)


@given(SENTENCES, SENTENCES, SENTENCES)
def test_edits_obey_the_triangle(first, second, third):
    """The way over a third sentence is no shorter."""
    edits = [
        word_distance(a, b) * max(len(a), len(b))
        for a, b in ((first, third), (first, second), (second, third))
    ]

    assert edits[0] <= edits[1] + edits[2] + 1e-9
