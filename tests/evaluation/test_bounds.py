from dataclasses import replace
from math import log, pi

import pytest
import torch

from seqvae.evaluation.bounds import Bounds, bounds_of_samples, sample_bounds
from seqvae.losses import gaussian_log_density
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset

NOISE = 0.5  # standard deviation of x given z


def toy_bounds(x, posterior: Posterior, num_samples: int, seed: int = 0) -> Bounds:
    """Bound a toy in which z is standard normal and x is z with noise in each dimension; samples nest."""
    generator = torch.Generator().manual_seed(seed)
    z = posterior.sample(torch.randn(num_samples, *x.shape, generator=generator))
    likelihood = gaussian_log_density(x, z, torch.full_like(z, log(NOISE)))
    return bounds_of_samples(likelihood, z, posterior)


def evidence(x) -> torch.Tensor:
    """Return log p(x) of the toy: normal with variance 1 + NOISE ** 2."""
    variance = 1 + NOISE**2
    return (-0.5 * (x**2 / variance + log(2 * pi * variance))).sum(dim=1)


def toy_data() -> torch.Tensor:
    """Draw `(100, 3)` clips of the toy."""
    return 1.2 * torch.randn(100, 3, generator=torch.Generator().manual_seed(1))


def exact_posterior(x) -> Posterior:
    """Return the posterior of the toy by Bayes' rule."""
    variance = 1 / (1 + NOISE**-2)
    return Posterior(x * variance / NOISE**2, torch.full_like(x, 0.5 * log(variance)))


def broad_posterior(x) -> Posterior:
    """Return a posterior that is too broad."""
    exact = exact_posterior(x)
    return Posterior(exact.mu, exact.log_sigma + 0.5)


def test_exact_posterior_gives_the_evidence():
    """Where q is the true posterior, both bounds are log p(x) from any samples."""
    x = toy_data()

    for bound in toy_bounds(x, exact_posterior(x), 4):
        torch.testing.assert_close(bound, evidence(x), atol=1e-4, rtol=0)


def test_bound_rises_from_elbo_to_evidence():
    """One sample gives the ELBO; more samples come closer to log p(x)."""
    x = toy_data()
    many = [toy_bounds(x, broad_posterior(x), count) for count in (1, 5, 50, 5000)]
    bounds = [bound.importance_weighted.mean().item() for bound in many]

    assert many[0].elbo.mean().item() == pytest.approx(bounds[0], abs=1e-5)
    assert bounds == sorted(bounds)
    assert bounds[-1] == pytest.approx(evidence(x).mean().item(), abs=0.01)


def test_bound_is_never_below_the_elbo():
    """Jensen's inequality holds for every sequence, not only on average."""
    x = toy_data()
    bounds = toy_bounds(x, broad_posterior(x), 7)

    assert (bounds.importance_weighted >= bounds.elbo - 1e-6).all()


def test_sampled_elbo_is_likelihood_less_kl():
    """Averaged over many samples, the ELBO is the one in closed form."""
    x, broad = toy_data(), broad_posterior(toy_data())
    kl = (0.5 * (broad.mu**2 + (2 * broad.log_sigma).exp() - 1) - broad.log_sigma).sum(dim=1)
    spread = (x - broad.mu) ** 2 + (2 * broad.log_sigma).exp()
    likelihood = (-0.5 * (spread / NOISE**2 + log(2 * pi)) - log(NOISE)).sum(dim=1)

    found = toy_bounds(x, broad, 5000).elbo
    assert (found - (likelihood - kl)).mean().item() == pytest.approx(0, abs=0.02)


def test_bounds_are_by_the_prior_that_the_model_learned():
    """Both are those of its own log p(z), far from N(0, I) here."""
    torch.manual_seed(0)
    model = SequenceVAE(replace(preset("debug").model, prior="learned")).eval().requires_grad_(False)
    assert model.prior is not None
    model.prior.mean.add_(2)
    ids = torch.randint(3, 131, (4, 32, 1))
    noise = torch.randn(3, 4, 8)
    posterior = model.encode(ids)
    z = posterior.sample(noise)  # (3, 4, 8)
    nats = torch.stack([model.score(one, ids).nats for one in z])
    log_prior = torch.stack([model.prior.log_density(one) for one in z])
    told = torch.distributions.Normal(posterior.mu, posterior.log_sigma.exp()).log_prob(z).sum(dim=-1)
    weights = -nats + log_prior - told
    found = sample_bounds(model, ids, noise, batch_size=5)

    torch.testing.assert_close(found.elbo, weights.mean(dim=0))
    torch.testing.assert_close(found.importance_weighted, weights.logsumexp(dim=0) - log(3))
