from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.locks import locked_cells, name_bars, read_bars, read_voices, runs_of
from seqvae.tokens.meaning import MEANINGS


@given(st.sets(st.integers(1, 40), min_size=1))
def test_bars_are_read_as_they_are_named(bars):
    """Numbers, names and numbers again are the same bars."""
    numbers = tuple(sorted(bars))

    assert read_bars(name_bars(numbers)) == read_bars(sorted(bars, reverse=True)) == numbers


def test_bars_are_named_in_runs():
    """Neighbours are told as a span."""
    assert read_bars(" 9, 1-4,4 ") == (1, 2, 3, 4, 9)
    assert name_bars((1, 2, 3, 4, 9)) == "1-4, 9"
    assert read_bars("") == ()


@pytest.mark.parametrize("wish", ["0", "4-1", "a", "1-", "-3", "1,,2", "1-99999999", "²", [0], [1.5], [True]])
def test_what_are_no_bars_is_refused(wish):
    """The message shows how to name them."""
    with pytest.raises(ConfigError, match="write them as 1-4,9"):
        read_bars(wish)


def test_voices_are_read_as_one_word_or_several():
    """One, several, or several in one."""
    assert read_voices("drums") == ("drums",)
    assert read_voices(["bass, drums", "bass"]) == ("bass", "drums")
    assert read_voices(()) == ()


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_runs_cover_what_is_locked(flags):
    """Runs are apart, in order, and hold every locked bar and no other."""
    runs = runs_of(np.array(flags))

    assert [any(first <= i < end for first, end in runs) for i in range(len(flags))] == flags
    assert all(one[1] < two[0] for one, two in pairwise(runs))


def test_cells_are_bars_and_voices():
    """A locked bar stays in every voice, a kept voice in every bar."""
    cells = locked_cells((2,), ("drums",), MEANINGS["trio"], 3)

    assert cells.tolist() == [[False, False, True], [True, True, True], [False, False, True]]


@pytest.mark.parametrize(
    ("bars", "voices", "words"),
    [
        ((4,), (), "bar 4 cannot be locked: the clips have bars 1 to 3"),
        ((), ("flute",), "no voice 'flute' to keep; choose from melody, bass, drums"),
        ((1, 2, 3), (), "leave one free"),
        ((), ("melody", "bass", "drums"), "leave one free"),
    ],
    ids=["no such bar", "no such voice", "all bars", "all voices"],
)
def test_what_cannot_stay_is_refused(bars, voices, words):
    """What is not there cannot stay, and something must be free."""
    with pytest.raises(ConfigError, match=words):
        locked_cells(bars, voices, MEANINGS["trio"], 3)
