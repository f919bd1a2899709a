"""The way through candidates."""

from itertools import combinations_with_replacement, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.latent.text.way import DETOUR_PRICE, PLACE_PRICE, REPEAT_PRICE, Candidate, choose_way

numbers = st.floats(0, 1, width=32)
candidates = st.builds(Candidate, numbers, numbers, st.floats(-4, 0, width=32))


def worth(way, targets) -> float:
    """Add up what a way is worth, as the module says."""
    near = sum(
        one.fluency - DETOUR_PRICE * one.detour - PLACE_PRICE * abs(one.place - target)
        for one, target in zip(way, targets, strict=True)
    )
    return near - REPEAT_PRICE * sum(one is two for one, two in pairwise(way))


@given(st.lists(candidates, min_size=1, max_size=5), st.integers(1, 4))
def test_no_way_is_worth_more(found, num_steps):
    """The way is the best of all that never turn back."""
    targets = [(step + 1) / (num_steps + 1) for step in range(num_steps)]
    way = [found[index] for index in choose_way(found, targets)]
    ordered = sorted(range(len(found)), key=lambda index: found[index])
    ways = combinations_with_replacement(ordered, num_steps)

    assert len(way) == num_steps
    assert all(one.place <= two.place for one, two in pairwise(way))
    best = max(worth_of_indices(found, indices, targets) for indices in ways)
    assert worth_of_indices(found, choose_way(found, targets), targets) == pytest.approx(best)


def worth_of_indices(found, indices, targets) -> float:
    """Tell equal candidates apart by their index."""
    near = worth([found[index]._replace() for index in indices], targets)
    return near - REPEAT_PRICE * sum(one == two for one, two in pairwise(indices))


def test_nothing_leads_nowhere():
    """Without candidates or steps there is no way."""
    assert choose_way([], [0.5]) == []
    assert choose_way([Candidate(0.5, 0.0, -1.0)], []) == []


def test_a_lonely_candidate_stays():
    """One candidate stands for all steps."""
    assert choose_way([Candidate(0.5, 0.0, -1.0)], [0.25, 0.5, 0.75]) == [0, 0, 0]
