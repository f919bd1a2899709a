import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.paths import METHODS, Place, lerp, places_on_path, points_on_path, slerp

numbers = st.floats(-100, 100, width=32)
vectors = st.lists(numbers, min_size=5, max_size=5).map(torch.tensor)
fractions = st.floats(0, 1)
A, B = torch.tensor([3.0, 0, 0]), torch.tensor([0.0, 4, 0])


@pytest.mark.parametrize("method", METHODS)
@given(start=vectors, end=vectors)
def test_ends_are_exact(method, start, end):
    """Every path begins and ends where it was told to, to the bit."""
    way = METHODS[method]

    assert torch.equal(way(start, end, 0.0), start)
    assert torch.equal(way(start, end, 1.0), end)


@given(start=vectors, end=vectors, fraction=fractions)
def test_slerp_blends_the_norms(start, end, fraction):
    """Between any two ends, equal, opposite and zero ones too, the norm grows linearly."""
    expected = start.norm() + fraction * (end.norm() - start.norm())

    torch.testing.assert_close(slerp(start, end, fraction).norm(), expected.float(), rtol=1e-4, atol=1e-4)


@given(start=vectors, end=vectors, fraction=fractions)
def test_slerp_is_the_same_backwards(start, end, fraction):
    """From B to A the path is the same, unless the ends are opposite and it depends on the first."""
    there = slerp(start, end, fraction)
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=0)

    if cosine > -0.999:
        torch.testing.assert_close(slerp(end, start, 1 - fraction), there, rtol=1e-3, atol=1e-3)


@given(start=vectors, fraction=fractions)
def test_equal_ends_stay(start, fraction):
    """Between equal ends nothing moves."""
    torch.testing.assert_close(slerp(start, start.clone(), fraction), start, rtol=1e-5, atol=1e-5)


@given(end=vectors, fraction=fractions)
def test_zero_end_takes_the_direction_of_the_other(end, fraction):
    """From zero the path is straight."""
    torch.testing.assert_close(slerp(torch.zeros(5), end, fraction), fraction * end, rtol=1e-4, atol=1e-4)


def test_slerp_turns_at_constant_speed():
    """Half way between orthogonal ends the angle is half, the norm the mean."""
    torch.testing.assert_close(slerp(A, B, 0.5), 3.5 * torch.tensor([0.5, 0.5, 0]).sqrt())


def test_opposite_ends_go_over_the_stated_axis():
    """Between opposite ends the middle lies on the axis the first end reaches least along."""
    end = torch.tensor([-1.0, -2, 0])

    torch.testing.assert_close(slerp(-end, end, 0.5), torch.tensor([0, 0, 5**0.5]))


def test_opposite_ends_of_one_dimension_meet_at_zero():
    """Where there is no way around, the path goes through zero."""
    torch.testing.assert_close(slerp(torch.ones(1), -torch.ones(1), 0.5), torch.zeros(1))


def test_lerp_is_straight():
    """The middle of the straight way is the mean."""
    torch.testing.assert_close(lerp(A, B, 0.5), (A + B) / 2)


def test_rows_of_a_batch_do_not_meet():
    """Each row of a batch goes its own way."""
    starts, ends = torch.stack([A, B, A]), torch.stack([B, -B, A])

    rows = [slerp(start, end, 0.3) for start, end in zip(starts, ends, strict=True)]
    torch.testing.assert_close(slerp(starts, ends, 0.3), torch.stack(rows))


def test_steps_count_both_ends_and_corners_once():
    """Three inputs and three steps a leg make five steps, with every input on the path."""
    places = places_on_path(3, 3)

    assert places == (Place(0, 0.0), Place(0, 0.5), Place(1, 0.0), Place(1, 0.5), Place(1, 1.0))
    assert [place.input_index for place in places] == [0, None, 1, None, 2]
    assert [place.nearest for place in places] == [0, 0, 1, 1, 2]


def test_path_passes_its_inputs():
    """Corners of a path are the inputs themselves."""
    inputs = torch.stack([A, B, -A])

    assert torch.equal(points_on_path(inputs, places_on_path(3, 4))[::3], inputs)


@pytest.mark.parametrize(("inputs", "steps", "words"), [(1, 9, "two inputs or more"), (2, 1, "steps is 1")])
def test_no_path_without_ends(inputs, steps, words):
    """A path needs two inputs and two steps."""
    with pytest.raises(ConfigError, match=words):
        places_on_path(inputs, steps)
