"""Learning a prior: what it is told of, and what it gains."""

from dataclasses import replace

import pytest
import torch

from seqvae.errors import ConfigError, DataError
from seqvae.latent.mixture import standard_normal
from seqvae.losses import gaussian_log_density
from seqvae.model.encoder import Posterior
from seqvae.model.prior import AutoregressivePrior, PriorConfig
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.training import prior as learning
from seqvae.training.prior import PriorTraining, encode_some, learn_prior, rates
from tests.training.making import window_set

QUICK = PriorTraining(num_windows=256, num_steps=150, batch_size=64, learning_rate=5e-3)


@pytest.fixture(scope="module")
def model() -> SequenceVAE:
    """Build the smallest model, as it begins."""
    torch.manual_seed(0)
    return SequenceVAE(preset("debug").model).eval()


def test_rates_are_those_of_normal_distributions():
    """The mean over noise is the KL between Gaussians, where the prior is one."""
    prior = AutoregressivePrior(PriorConfig(parts=1, part_size=2, components=1)).eval()
    posterior = Posterior(torch.tensor([[0.3, -1.0]]), torch.tensor([[-1.0, 0.2]]))
    own, other = (
        torch.distributions.Normal(posterior.mu, posterior.log_sigma.exp()),
        torch.distributions.Normal(torch.zeros(2), torch.tensor(-0.3).exp()),
    )
    noise = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(0))
    many = Posterior(*(one.expand(len(noise), -1) for one in posterior))
    expected = torch.distributions.kl_divergence(own, other).sum()

    assert float(rates(prior, many, noise).detach().mean()) == pytest.approx(float(expected), abs=0.02)


def test_what_no_gaussian_tells_is_learned(model, monkeypatch):
    """A second unit that is the first or its negative costs less than any Gaussian of their moments takes."""
    chance = torch.Generator().manual_seed(1)
    first = torch.randn(4096, 1, generator=chance)
    sign = torch.where(torch.rand(4096, 1, generator=chance) < 0.5, 1.0, -1.0)
    mu = torch.cat([first, sign * first], dim=1)
    points = Posterior(mu, torch.full_like(mu, -3.0))
    monkeypatch.setattr(learning, "encode_some", lambda *_: points)
    pair = SequenceVAE(replace(preset("debug").model, latent_size=2)).eval()
    told: list[float] = []
    prior = learn_prior(pair, window_set(), QUICK, lambda _, bits: told.append(bits))
    noise = torch.randn(mu.shape, generator=chance)
    z = points.sample(noise)
    normal = gaussian_log_density(z, *points) - standard_normal(2).log_density(z)

    assert len(told) == QUICK.num_steps
    assert float(rates(prior, points, noise).mean()) < float(normal.mean()) - 0.7
    assert not prior.training


def test_windows_are_drawn_in_other_keys_and_learned_alike(model):
    """As many as are asked for, and the same prior from the same seed."""
    first, again = (encode_some(model, window_set(), QUICK) for _ in range(2))
    as_written = encode_some(model, window_set(), replace(QUICK, transpose_semitones=0))
    few = replace(QUICK, num_windows=70, num_steps=5)
    twins = [learn_prior(model, window_set(), few).state_dict() for _ in range(2)]

    assert first.mu.shape == (256, model.config.latent_size)
    assert torch.equal(first.mu, again.mu)
    assert not torch.equal(first.mu, as_written.mu)
    assert len(encode_some(model, window_set(), few).mu) == 70
    assert all(torch.equal(own, other) for own, other in zip(*(t.values() for t in twins), strict=True))


def test_it_is_refused_what_cannot_be_learned_from(model):
    """No windows, and settings out of bounds."""
    empty = replace(window_set(), starts=window_set().starts[:0])
    with pytest.raises(DataError, match="no windows to learn a prior from"):
        learn_prior(model, empty, QUICK)
    with pytest.raises(ConfigError, match=r"dropout is 1.0; choose 0 to below 1"):
        PriorTraining(dropout=1.0)
