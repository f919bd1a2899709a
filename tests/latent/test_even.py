"""Steps chosen from a fine walk."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.latent.even import TURNING_BACK, choose_steps

SHARES = st.integers(0, 8).map(lambda eighths: eighths / 8)
DISTANCES = st.lists(st.tuples(SHARES, SHARES), min_size=5, max_size=9)


def turning_back(steps):
    """Sum by how much distances turn back."""
    return sum(max(a - c, 0) + max(d - b, 0) for (a, b), (c, d) in pairwise(steps))


def cost_of(steps):
    """Sum what a choice costs, in the plainest way."""
    parts = [a / (a + b) if a + b else 0.5 for a, b in steps]
    uneven = [(part - number / (len(steps) - 1)) ** 2 for number, part in enumerate(parts)][1:]
    return sum(uneven) + TURNING_BACK * turning_back(steps)


@given(DISTANCES, st.integers(2, 5))
def test_no_choice_costs_less(points, num_steps):
    """Of all choices the one made costs least, so none turns back where another never does."""
    inner = range(1, len(points) - 1)
    choices = [(0, *some, len(points) - 1) for some in combinations(inner, num_steps - 2)]
    least = min(cost_of([points[i] for i in choice]) for choice in choices)
    chosen = choose_steps(*zip(*points, strict=True), num_steps)

    assert cost_of([points[i] for i in chosen]) == pytest.approx(least)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, len(points) - 1, num_steps)
    assert chosen == sorted(set(chosen))


def test_an_even_walk_stays_as_it_is():
    """Where every point is as far from the one before, every second one is chosen."""
    to_start = [i / 8 for i in range(9)]

    assert choose_steps(to_start, to_start[::-1], 5) == [0, 2, 4, 6, 8]


def test_what_stays_the_same_is_spread_evenly():
    """Where nothing changes but tempo and loudness, which go by z, steps lie evenly in z."""
    assert choose_steps([0.0] * 17, [0.0] * 17, 5) == [0, 4, 8, 12, 16]
    assert choose_steps([0, 0.5, 0.5, 0.5, 0.5, 0.5, 1], [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0], 3) == [0, 3, 6]
