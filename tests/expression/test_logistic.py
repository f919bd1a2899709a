import pytest
import torch

from seqvae.expression.logistic import Logistics, Scale, at_quantile, log_mass

SCALES = [Scale(1, 127, 64, 32), Scale(-60, 59, 0, 30)]


def mixtures(seed: int = 0) -> Logistics:
    """Draw narrow and wide mixtures of three, some far outside the numbers."""
    return Logistics.from_outputs(3 * torch.randn(20, 9, generator=torch.Generator().manual_seed(seed)))


def all_numbers(scale: Scale) -> torch.Tensor:
    """List the whole numbers of a scale."""
    return torch.arange(scale.lowest, scale.highest + 1)


@pytest.mark.parametrize("scale", SCALES, ids=["velocity", "offset"])
def test_masses_sum_to_one(scale):
    """Some number is played for certain."""
    numbers = all_numbers(scale)
    each = Logistics(*(part[:, None] for part in mixtures()))  # (20, 1, 3)
    mass = log_mass(each, scale.to_unit(numbers.float()).expand(20, -1), scale).exp()

    torch.testing.assert_close(mass.sum(dim=1), torch.ones(20), atol=1e-4, rtol=0)


@pytest.mark.parametrize("scale", SCALES, ids=["velocity", "offset"])
def test_mass_is_the_difference_of_two_sigmoids(scale):
    """A slow version in double precision gives the same where it is exact."""
    mixture = mixtures()
    number = scale.lowest + 7
    value = (torch.tensor([number - 0.5, number + 0.5], dtype=torch.float64) - scale.centre) / scale.width
    weights, means, scales = (part.double() for part in mixture)
    below, above = (torch.sigmoid((edge - means) / scales.exp()) for edge in value)
    expected = (weights.exp() * (above - below)).sum(dim=1)

    found = log_mass(mixture, scale.to_unit(torch.full((20,), float(number))), scale).exp()
    torch.testing.assert_close(found.double(), expected, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("scale", SCALES, ids=["velocity", "offset"])
def test_quantile_inverts_the_sum_of_masses(scale):
    """The number at a quantile is the first up to which the masses reach it."""
    numbers = all_numbers(scale)
    each = Logistics(*(part[:, None] for part in mixtures()))
    up_to = log_mass(each, scale.to_unit(numbers.float()).expand(20, -1), scale).exp().double().cumsum(dim=1)

    for quantile in (0.03, 0.5, 0.9):
        found = at_quantile(mixtures(), torch.full((20,), quantile), scale)
        expected = scale.lowest + (up_to < quantile).sum(dim=1)
        assert (found - expected).abs().max() <= 1  # rounding at an edge
        assert (found == expected).double().mean() > 0.9


def test_far_away_values_cost_a_finite_number():
    """Where float32 has no mass left the cost is still told, and so is its slope."""
    means = torch.tensor([[50.0, -50.0]], requires_grad=True)
    cost = -log_mass(
        Logistics(torch.full((1, 2), -0.7), means, torch.full((1, 2), -5.0)), torch.zeros(1), SCALES[0]
    )
    cost.sum().backward()

    assert torch.isfinite(cost).all()
    assert means.grad.abs().sum() > 0
