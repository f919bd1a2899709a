from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.around import points_around

seeds = st.integers(0, 10_000)
amounts = st.floats(0, 1)


def two_points(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw points, `(3, 8)` and `(3, 8)`."""
    chance = torch.Generator().manual_seed(seed)
    return 5 * torch.randn(3, 8, generator=chance), torch.randn(3, 8, generator=chance)


@given(seeds, amounts)
def test_norm_stays_and_the_angle_is_as_chosen(seed, amount):
    """However far, the point is as far from the origin; the angle is a share of a right angle."""
    z, towards = two_points(seed)
    turned = points_around(z, towards, amount)
    cosines = torch.nn.functional.cosine_similarity(z.double(), turned.double(), dim=-1)

    assert torch.allclose(turned.norm(dim=-1), z.norm(dim=-1), rtol=1e-5)
    assert torch.allclose(cosines, torch.cos(torch.tensor(amount * torch.pi / 2)).double(), atol=1e-5)


@given(seeds)
def test_it_turns_towards_the_other_point(seed):
    """The further, the nearer the direction of the other point, within a right angle."""
    z, towards = two_points(seed)
    aside = towards - (towards * z).sum(dim=-1, keepdim=True) / z.square().sum(dim=-1, keepdim=True) * z
    along = [(points_around(z, towards, amount) * aside).sum(dim=-1) for amount in (0.0, 0.3, 0.6, 1.0)]

    assert all((one < other).all() for one, other in pairwise(along))


def test_no_amount_and_no_direction_change_nothing():
    """At 0 the point is the same to the bit, the origin stays, and a z on the way to itself is finite."""
    z, towards = two_points(0)

    assert torch.equal(points_around(z, towards, 0.0), z)
    assert torch.equal(points_around(torch.zeros(2, 8), towards[:2], 0.5), torch.zeros(2, 8))
    assert points_around(z, 2 * z, 0.5).isfinite().all()


def test_one_point_has_many_variations():
    """A single z, `(1, latent)`, turns towards each of several points."""
    z, towards = two_points(1)

    assert points_around(z[:1], towards, 0.5).shape == (3, 8)
    assert points_around(z[:1], towards, 0.0).shape == (3, 8)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_amount_has_a_range(amount):
    """Beyond a right angle there is nothing left to keep."""
    with pytest.raises(ConfigError, match="choose 0, the same, to 1"):
        points_around(*two_points(0), amount)
