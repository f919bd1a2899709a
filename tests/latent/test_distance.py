import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.latent.distance import distance, measure_reconstruction
from tests.latent.making import random_ids

seeds = st.integers(0, 2**32 - 1)
BAR = np.array([63, 1, 1, 1, 65, 1, 1, 1, 67, 1, 1, 1, 0, 0, 0, 0], dtype=np.int16)[:, None]  # of 3/4


@given(seeds, seeds)
def test_distance_is_symmetric_and_within_bounds(one, other):
    """The way back is as long as the way there, and neither is more than 1."""
    a, b = random_ids(one, 3), random_ids(other, 3)

    assert distance(a, b) == distance(b, a)
    assert all(0 <= value <= 1 for value in distance(a, b))


@given(seeds)
def test_distance_to_itself_is_zero(seed):
    """A melody lies where it lies."""
    assert distance(random_ids(seed, 2), random_ids(seed, 2)) == (0, 0)


def test_padding_of_both_does_not_count():
    """One wrong id in a bar of twelve steps is a twelfth, though sixteen ids are compared."""
    other = BAR.copy()
    other[4] = 64

    assert distance(BAR, other) == pytest.approx((1 / 12, 1 / 3))


def test_reconstruction_counts_steps_notes_and_bars():
    """One missing note: the steps right, and the precision, recall and F1 of the onsets."""
    other = BAR.copy()
    other[4] = 1
    found = measure_reconstruction(np.vstack([BAR, BAR]), np.vstack([BAR, other]))

    assert (found.steps_right, found.bars_exact) == (23 / 24, 0.5)
    assert (found.onset_precision, found.onset_recall) == (1, 5 / 6)
    assert found.onset_f1 == pytest.approx(10 / 11)


def test_silence_given_back_is_right():
    """Where there is no note to find and none found, nothing is wrong."""
    silence = np.full((16, 1), 2, dtype=np.int16)

    assert measure_reconstruction(silence, silence).onset_f1 == 1
    assert measure_reconstruction(silence, BAR).onset_precision == 0
