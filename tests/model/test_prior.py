"""The learned prior: a density that integrates to 1, samples that follow it, and nothing heard too early."""

from dataclasses import replace
from math import log, pi

import pytest
import torch

from seqvae.config import ModelConfig
from seqvae.errors import ConfigError
from seqvae.losses import gaussian_log_density, kl_per_dimension
from seqvae.model.encoder import Posterior
from seqvae.model.prior import AutoregressivePrior, PriorConfig, prior_config_of
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset

LAYOUTS = {"two parts": (2, 1), "two units of a part": (1, 2)}


def shaken(parts: int, part_size: int, *, scale: float = 0.4) -> AutoregressivePrior:
    """Build a small prior whose weights say something about everything."""
    torch.manual_seed(0)
    config = PriorConfig(parts=parts, part_size=part_size, hidden_size=8, width=12, components=3)
    prior = AutoregressivePrior(config).eval().requires_grad_(False)
    for weights in prior.parameters():
        weights.add_(scale * torch.randn(weights.shape))
    prior.mean.add_(0.5)
    prior.spread.mul_(1.5)
    return prior


def grid(low: float, high: float, count: int) -> tuple[torch.Tensor, float]:
    """Return the middles of the cells of a square grid, `(count ** 2, 2)`, and their area."""
    step = (high - low) / count
    middles = low + step * (torch.arange(count) + 0.5)
    return torch.cartesian_prod(middles, middles), step**2


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_density_integrates_to_one(layout):
    """It is one, with the spread of its units and all."""
    points, area = grid(-60, 60, 1200)

    assert float(shaken(*layout).log_density(points).exp().sum()) * area == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_samples_follow_the_density(layout):
    """Quarters of the plane get as many samples as the integral of the density says."""
    prior = shaken(*layout)
    points, area = grid(-60, 60, 1200)
    samples = prior.sample(20_000, torch.Generator().manual_seed(1))
    centre = samples.median(dim=0).values
    shares = prior.log_density(points).exp() * area
    for first in (False, True):
        for second in (False, True):
            inside, among = (
                ((of[:, 0] > centre[0]) == first) & ((of[:, 1] > centre[1]) == second)
                for of in (points, samples)
            )
            assert float(shares[inside].sum()) == pytest.approx(float(among.float().mean()), abs=0.02)


@pytest.mark.parametrize("layout", [(3, 4), (1, 12)], ids=["three parts", "one part"])
def test_a_unit_is_told_by_those_before_alone(layout):
    """The part of the density that is one unit's does not move with a later one, and does with all before."""
    prior = shaken(*layout)
    points = torch.randn(1, 12, generator=torch.Generator().manual_seed(2))
    jacobian = torch.autograd.functional.jacobian(lambda z: of_units(prior, z), points)[0, :, 0]  # (12, 12)

    told = of_units(prior, points).sum() - 6 * log(2 * pi) - prior.spread.log().sum()

    torch.testing.assert_close(told, prior.log_density(points)[0])
    assert (jacobian.triu(1) == 0).all()
    assert (jacobian.tril() != 0).sum() == 12 * 13 // 2


def of_units(prior: AutoregressivePrior, points: torch.Tensor) -> torch.Tensor:
    """Split the log of a density into its units, `(n, latent)`, by leaving out what comes later."""
    parts = (points.view(len(points), *prior.mean.shape) - prior.mean) / prior.spread
    shares, means, log_scales = prior._mixtures(parts)
    white = (parts[..., None] - means) * (-log_scales).exp()
    return (shares - log_scales - 0.5 * white.square()).logsumexp(dim=-1).flatten(1)


def test_it_begins_as_a_bell_over_each_unit():
    """Before it has learned anything units are alike and hear nothing of one another."""
    prior = AutoregressivePrior(PriorConfig(parts=3, part_size=4))
    points = torch.randn(6, 12, generator=torch.Generator().manual_seed(3))
    whole = prior.log_density(points)
    alone = torch.stack([prior.log_density(torch.eye(12)[i] * points) for i in range(12)]).sum(dim=0)

    torch.testing.assert_close(whole, alone - 11 * prior.log_density(torch.zeros(1, 12)))


def test_samples_are_drawn_from_the_generator_alone():
    """The same seed gives the same point, which is finite."""
    prior = shaken(4, 3)
    first, again = (prior.sample(2, torch.Generator().manual_seed(5)) for _ in range(2))

    assert torch.equal(first, again)
    assert first.shape == (2, prior.latent_size)
    assert torch.isfinite(first).all()


def test_a_prior_has_a_part_for_each_wave():
    """Z laid out by bars has as many waves as bars; a dense one is a single part."""
    laid_out, dense = (prior_config_of(preset(name).model) for name in ("trio-16bar", "drums-2bar"))

    assert (laid_out.parts, laid_out.latent_size) == (16, preset("trio-16bar").model.latent_size)
    assert (dense.parts, dense.part_size) == (1, preset("drums-2bar").model.latent_size)
    assert prior_config_of(ModelConfig(vocab_size=9, latent_size=7)).part_size == 7


@pytest.mark.parametrize("change", [{"parts": 0}, {"part_size": 0}, {"components": 65}, {"width": 5000}])
def test_absurd_shapes_are_refused(change):
    """A file says what shape it has, and may say anything."""
    with pytest.raises(ConfigError, match=next(iter(change))):
        PriorConfig(**({"parts": 2, "part_size": 2} | change))


def test_a_model_has_the_prior_that_its_settings_name():
    """N(0, I) has no weights; the rate to it is the KL, and to a learned prior that and what z tells."""
    model = preset("debug").model
    torch.manual_seed(0)
    plain = SequenceVAE(model).eval()
    torch.manual_seed(0)
    learned = SequenceVAE(replace(model, prior="learned")).eval()
    posterior = Posterior(torch.randn(5, 8), 0.3 * torch.randn(5, 8))
    z = posterior.sample(torch.randn(5, 8))
    told = gaussian_log_density(z, *posterior)
    normal = torch.distributions.Normal(0, 1).log_prob(z).sum(dim=1)

    assert plain.prior is None
    assert all(torch.equal(own, learned.state_dict()[name]) for name, own in plain.state_dict().items())
    torch.testing.assert_close(plain.log_prior(z), normal)
    torch.testing.assert_close(plain.rate(posterior, z), kl_per_dimension(posterior).sum(dim=1))
    torch.testing.assert_close(learned.log_prior(z), learned.prior.log_density(z))
    estimates = told - learned.log_prior(z), told - normal
    expected = estimates[0] - estimates[1] + kl_per_dimension(posterior).sum(dim=1)
    torch.testing.assert_close(learned.rate(posterior, z), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": "flat"}, "choose from normal, learned"),
        ({"prior": "learned", "latent_dropout": 0.1}, "beside a learned prior choose 0"),
        ({"prior": "learned", "end_id": 1}, "text has a normal one"),
        ({"prior_size": 0}, "prior_size"),
        ({"prior_components": 65}, "prior_components"),
    ],
)
def test_models_that_cannot_have_a_learned_prior_are_refused(change, message):
    """Nor are absurd sizes allocated."""
    with pytest.raises(ConfigError, match=message):
        ModelConfig.from_dict(preset("debug").model.to_dict() | change)
