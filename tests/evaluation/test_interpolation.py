import json

import numpy as np
import pytest

from seqvae.evaluation.interpolation import (
    blend_steps,
    describe_paths,
    hamming,
    monotone_share,
    relative_costs,
    stuck_share,
)
from seqvae.evaluation.ngram import NGramModel
from tests.evaluation.making import random_ids

ALPHAS = np.linspace(0, 1, 9)


def blended_paths(num_pairs: int = 60):
    """Blend random pairs step by step; return paths and both ends."""
    start, end = random_ids(0, num_windows=num_pairs), random_ids(1, num_windows=num_pairs)
    return blend_steps(start, end, ALPHAS, np.random.default_rng(2)), start, end


def test_blend_begins_at_a_and_ends_at_b():
    """With alpha 0 no step comes from B, with alpha 1 every step."""
    paths, start, end = blended_paths()

    np.testing.assert_array_equal(paths[:, 0], start)
    np.testing.assert_array_equal(paths[:, -1], end)


def test_blend_moves_away_in_proportion():
    """The distance to A grows as alpha, up to that of B."""
    paths, start, end = blended_paths(4000)

    distances = hamming(paths, start[:, None]).mean(axis=0)
    np.testing.assert_allclose(distances, ALPHAS * hamming(start, end).mean(), atol=0.01)


def test_blend_of_clean_ends_shows_a_hump():
    """Between two patterns that a 5-gram model knows, the blend costs more than the mix of both."""
    start, end = np.tile([3, 1, 4, 1], (50, 8))[..., None], np.tile([5, 5, 1, 2], (50, 8))[..., None]
    judge = NGramModel(np.concatenate([start, end])[..., 0], vocab_size=9)
    paths = blend_steps(start, end, ALPHAS, np.random.default_rng(0))
    curves = describe_paths(paths, start, end, ALPHAS, judge)

    assert curves.relative_cost[[0, -1]] == pytest.approx([1, 1])
    assert curves.relative_cost[4] > 2
    assert curves.distances_rise
    assert json.loads(json.dumps(curves.to_dict()))["distance_to_start"][0] == 0


def test_cost_on_the_line_is_one():
    """Costs that are the linear mix of the ends are 1 relative to it."""
    ends = np.random.default_rng(0).random((5, 2))
    costs = (1 - ALPHAS) * ends[:, :1] + ALPHAS * ends[:, 1:]

    np.testing.assert_allclose(relative_costs(costs, ALPHAS), 1)


def test_stuck_points_equal_both_neighbours():
    """A point counts as stuck where neither the move to it nor the one from it changes anything."""
    moving, resting = [0, 1, 2, 3, 4], [0, 0, 0, 1, 1]
    paths = np.array([moving, resting])[:, :, None, None]

    assert stuck_share(paths[:1]) == 0
    assert stuck_share(paths) == 1 / 6
    assert np.isnan(stuck_share(np.zeros((1, 5, 1, 1))))


def test_moves_back_are_not_monotone():
    """One move of four comes closer to A again."""
    assert monotone_share(np.array([[0.0, 0.2, 0.1, 0.1, 0.5]])) == 0.75
