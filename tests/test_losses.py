"""Losses against slow plain versions and against torch.distributions."""

from math import log

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from seqvae.losses import (
    free_bits,
    gaussian_log_density,
    importance_weighted_nats,
    kl_per_dimension,
    reconstruction_nats,
)


def test_kl_equals_that_of_torch() -> None:
    """The closed form agrees with torch.distributions."""
    mu, log_sigma = torch.randn(4, 3), torch.randn(4, 3)
    expected = kl_divergence(Normal(mu, log_sigma.exp()), Normal(0.0, 1.0))

    torch.testing.assert_close(kl_per_dimension((mu, log_sigma)), expected)


def test_density_equals_that_of_torch() -> None:
    """The Gaussian log density agrees with torch.distributions."""
    z, mu, log_sigma = torch.randn(4, 3), torch.randn(4, 3), torch.randn(4, 3)
    expected = Normal(mu, log_sigma.exp()).log_prob(z).sum(-1)

    torch.testing.assert_close(gaussian_log_density(z, mu, log_sigma), expected)


def test_reconstruction_is_summed_over_steps_and_voices() -> None:
    """Each sequence's nats are the sum of its steps' cross-entropies, taken one by one."""
    logits, ids = torch.randn(2, 3, 2, 5), torch.randint(5, (2, 3, 2))
    plain = [
        -sum(logits[b, t, v].log_softmax(0)[ids[b, t, v]] for t in range(3) for v in range(2))
        for b in range(2)
    ]

    torch.testing.assert_close(reconstruction_nats(logits, ids), torch.stack(plain))


def test_no_free_bits_is_the_plain_kl() -> None:
    """Zero free nats leave the sum over dimensions, averaged over the batch, in both modes."""
    kl = torch.rand(6, 4)

    torch.testing.assert_close(free_bits(kl, nats=0.0, mode="dimension"), kl.sum(1).mean())
    torch.testing.assert_close(free_bits(kl, nats=0.0, mode="total"), kl.sum(1).mean())


def test_free_bits_of_a_dimension_stop_its_gradient() -> None:
    """A dimension whose batch mean is below its free nats is not pushed down any further."""
    kl = torch.tensor([[0.1, 2.0], [0.3, 4.0]], requires_grad=True)
    free_bits(kl, nats=0.5, mode="dimension").backward()

    assert kl.grad is not None
    assert kl.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]


def test_what_is_free_the_whole_batch_tells() -> None:
    """Parts of a batch that are told its mean add up to the value and the gradient of the whole."""
    kl = torch.tensor([[0.1, 2.0], [1.3, 0.1], [0.3, 0.1], [0.7, 4.0]], requires_grad=True)
    whole = free_bits(kl, nats=0.5, mode="dimension")
    parts = [
        free_bits(kl[part::2], nats=0.5, mode="dimension", batch_mean=kl.detach().mean(dim=0)) / 2
        for part in range(2)
    ]
    gradients = [torch.autograd.grad(value, kl, retain_graph=True)[0] for value in (whole, sum(parts))]

    torch.testing.assert_close(sum(parts), whole)
    torch.testing.assert_close(gradients[1], gradients[0])


def test_total_free_bits_forgive_each_sequence_alone() -> None:
    """A sequence below its total pays nothing and does not lend the rest to another."""
    kl = torch.tensor([[0.5, 0.5], [3.0, 4.0]])

    assert free_bits(kl, nats=2.0, mode="total").item() == pytest.approx((0.0 + 5.0) / 2)


def test_one_importance_sample_is_the_elbo_and_more_never_lower_the_mean() -> None:
    """K = 1 gives the single weight; the logarithm of a mean is at least the mean of logarithms."""
    joint, posterior = torch.randn(50, 7), torch.randn(50, 7)

    torch.testing.assert_close(importance_weighted_nats(joint[:1], posterior[:1]), (joint - posterior)[0])
    assert (importance_weighted_nats(joint, posterior) >= (joint - posterior).mean(0)).all()


def test_equal_weights_give_their_value() -> None:
    """Weights that are all alike leave no gap: the bound is that weight."""
    bound = importance_weighted_nats(torch.full((8, 2), log(0.25)), torch.zeros(8, 2))

    torch.testing.assert_close(bound, torch.full((2,), log(0.25)))
