from dataclasses import replace

import numpy as np
import pytest
import torch

from seqvae.latent import refining
from seqvae.latent.mixture import Mixture, standard_normal
from seqvae.latent.refining import refine_posterior
from seqvae.losses import kl_per_dimension
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from tests.latent.making import random_ids

IDS = torch.from_numpy(random_ids(0, 10).reshape(5, 32, 1).astype(np.int64))


@pytest.fixture(scope="module")
def model() -> SequenceVAE:
    """Build the smallest model, whose weights are large enough for z to be heard."""
    torch.manual_seed(0)
    model = SequenceVAE(preset("debug").model).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model


@pytest.fixture(scope="module")
def encoded(model) -> Posterior:
    """Encode five windows of two bars."""
    with torch.no_grad():
        return model.encode(IDS)


def cost(model, posterior, beta) -> torch.Tensor:
    """Return what each window costs on average over 200 draws of z."""
    noise = torch.randn(200, *posterior.mu.shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        nats = torch.stack([model.score(posterior.sample(one), IDS).nats for one in noise])
    return nats.mean(dim=0) + beta * kl_per_dimension(posterior).sum(dim=1)


@pytest.mark.parametrize("beta", [0.0, 0.1, 1.0])
def test_windows_gain_by_noise_that_was_not_heard(model, encoded, beta):
    """The bound gets better in expectation, for every window and any weight of the KL."""
    refined = refine_posterior(model, IDS, encoded, 40, beta=beta)

    assert (cost(model, refined.posterior, beta) < cost(model, encoded, beta)).all()
    assert (refined.after < refined.before).all()


def test_nothing_is_kept_that_costs_more(model, encoded, monkeypatch):
    """Steps far too wide make it worse: every window keeps what the encoder said, to the bit."""
    monkeypatch.setattr(refining, "MU_RATE", 1000.0)
    refined = refine_posterior(model, IDS, encoded, 3)

    assert torch.equal(refined.posterior.mu, encoded.mu)
    assert torch.equal(refined.posterior.log_sigma, encoded.log_sigma)
    assert torch.equal(refined.before, refined.after)


def test_where_only_the_prior_counts_the_posterior_becomes_it(model, encoded):
    """With a weight of 10,000 what remains is KL(q || N(0, I)), whose best is 0."""
    refined = refine_posterior(model, IDS, encoded, 400, beta=1e4).posterior

    assert kl_per_dimension(encoded).sum(dim=1).min() > 0.3
    assert kl_per_dimension(refined).sum(dim=1).max() < 0.01


def test_a_fitted_prior_is_what_counts(model, encoded):
    """The same by another prior: what remains is the KL to that."""
    spread = torch.diag(torch.full((8,), 0.5))
    prior = Mixture(torch.ones(1), torch.full((1, 8), 2.0), spread[None])
    refined = refine_posterior(model, IDS, encoded, 400, beta=1e4, prior=prior).posterior

    torch.testing.assert_close(refined.mu, torch.full_like(refined.mu, 2.0), rtol=0, atol=0.1)
    torch.testing.assert_close(refined.log_sigma.exp(), torch.full_like(refined.mu, 0.5), rtol=0.2, atol=0)


def test_by_a_fitted_n_0_i_it_is_as_by_n_0_i(model, encoded):
    """Where both are the same so is what comes out."""
    plain, fitted = (
        refine_posterior(model, IDS, encoded, 10, beta=1.0, prior=prior)
        for prior in (None, standard_normal(8))
    )

    torch.testing.assert_close(fitted.posterior.mu, plain.posterior.mu, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(fitted.after, plain.after)


def test_a_weight_trades_nats_for_bits(model, encoded):
    """The dearer the KL, the less of it."""
    kl = [
        kl_per_dimension(refine_posterior(model, IDS, encoded, 40, beta=beta).posterior).sum().item()
        for beta in (0.01, 1.0, 100.0)
    ]

    assert kl == sorted(kl, reverse=True)
    assert kl[0] > 1.5 * kl[-1]


def test_a_window_is_refined_as_if_alone(model, encoded, monkeypatch):
    """Whatever stands beside it, and however many go at once."""
    together = refine_posterior(model, IDS, encoded, 8)
    monkeypatch.setattr(refining, "BATCH_SIZE", 2)
    in_parts = refine_posterior(model, IDS, encoded, 8)
    alone = refine_posterior(model, IDS[3:4], Posterior(*(one[3:4] for one in encoded)), 8)

    for some, all_of_them in zip(in_parts.posterior, together.posterior, strict=True):
        torch.testing.assert_close(some, all_of_them, rtol=1e-3, atol=1e-4)
    for some, all_of_them in zip(alone.posterior, together.posterior, strict=True):
        torch.testing.assert_close(some, all_of_them[3:4], rtol=1e-3, atol=1e-4)


def test_weights_get_no_gradients(model, encoded):
    """Nor does it matter that the caller wants none at all."""
    with torch.no_grad():
        inside = refine_posterior(model, IDS, encoded, 2)
    outside = refine_posterior(model, IDS, encoded, 2)

    assert torch.equal(inside.posterior.mu, outside.posterior.mu)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(value.requires_grad for value in (*outside.posterior, outside.before, outside.after))


@pytest.mark.parametrize(("name", "changes"), [("debug", {"lookback": (2, 16)}), ("debug-trio", {})])
def test_other_models_are_refined_too(name, changes):
    """Where steps look back, and where there are several voices."""
    torch.manual_seed(0)
    other = SequenceVAE(replace(preset(name).model, **changes)).eval()
    ids = IDS.repeat(1, 1, other.config.voices)
    with torch.no_grad():
        refined = refine_posterior(other, ids, other.encode(ids), 10)

    assert (refined.after < refined.before).all()


def test_no_window_is_no_matter(model, encoded):
    """Nothing comes of nothing; a window that is not a number keeps what it had and harms no other."""
    none = refine_posterior(model, IDS[:0], Posterior(*(one[:0] for one in encoded)), 3)
    mu = encoded.mu.clone()
    mu[2] = torch.nan
    refined = refine_posterior(model, IDS, Posterior(mu, encoded.log_sigma), 8)
    whole = refine_posterior(model, IDS, encoded, 8)

    assert none.posterior.mu.shape == (0, model.config.latent_size)
    assert torch.equal(refined.posterior.log_sigma[2], encoded.log_sigma[2])
    torch.testing.assert_close(refined.posterior.mu[3:], whole.posterior.mu[3:], rtol=1e-3, atol=1e-4)


def test_no_steps_refine_nothing(model, encoded):
    """Zero steps return what the encoder said."""
    refined = refine_posterior(model, IDS, encoded, 0)

    assert torch.equal(refined.posterior.mu, encoded.mu)
    assert torch.equal(refined.before, refined.after)
