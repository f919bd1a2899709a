"""What is minimised and measured, as pure functions of tensors, in nats."""

from math import log
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional


def reconstruction_nats(logits: Tensor, ids: Tensor) -> Tensor:
    """Return -log p(x | z) summed over time and voices: `(batch, time, voices, vocab)`, ids -> `(batch,)`."""
    return voice_nats(logits, ids).sum(dim=1)


def voice_nats(logits: Tensor, ids: Tensor) -> Tensor:
    """Return -log p(x | z) summed over time: `(batch, time, voices, vocab)`, ids -> `(batch, voices)`."""
    nats = functional.cross_entropy(logits.flatten(0, -2).float(), ids.flatten(), reduction="none")
    return nats.view(ids.shape).sum(dim=1)


def sequence_nats(logits: Tensor, ids: Tensor, rows: Tensor, num_rows: int) -> Tensor:
    """Return -log p summed over the ids of each sequence, `(num_rows, voices)`.

    `(n, voices, vocab)` and `(n, voices)` are steps of all sequences, `rows` `(n,)` tells whose.
    """
    nats = functional.cross_entropy(logits.flatten(0, -2).float(), ids.flatten(), reduction="none")
    return nats.new_zeros(num_rows, ids.shape[1]).index_add(0, rows, nats.view(ids.shape))


def kl_per_dimension(posterior: tuple[Tensor, Tensor]) -> Tensor:
    """Return KL(q(z | x) || N(0, 1)) of every dimension, from mu and log sigma, all `(batch, latent)`.

    Kingma and Welling 2014, appendix B.
    """
    mu, log_sigma = posterior
    return 0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma


def free_bits(
    kl: Tensor, *, nats: float, mode: Literal["dimension", "total"], batch_mean: Tensor | None = None
) -> Tensor:
    """Return the KL that costs something, a scalar, from `(batch, latent)`.

    "dimension": each dimension's batch mean is free up to `nats` (Li et al. 2019); "total": the sum over
    dimensions of each sequence is (what the free bits of Roberts et al. 2018 do in code). Where `kl` is of
    a part of a batch, `batch_mean` `(latent,)` is the mean of the whole.
    """
    if mode == "dimension" and batch_mean is not None:
        return torch.where(batch_mean >= nats, kl.mean(dim=0), nats).sum()
    if mode == "dimension":
        return kl.mean(dim=0).clamp(min=nats).sum() if nats else kl.sum(dim=1).mean()
    return (kl.sum(dim=1) - nats).clamp(min=0).mean()


def importance_weighted_nats(log_joint: Tensor, log_posterior: Tensor) -> Tensor:
    """Return the bound on log p(x) of K samples: twice `(samples, batch)` -> `(batch,)`.

    Burda et al. 2016, equation 8: `log_joint` is log p(x | z_k) + log p(z_k), `log_posterior` log q(z_k | x).
    """
    weights = log_joint - log_posterior
    return torch.logsumexp(weights, dim=0) - log(len(weights))


def gaussian_log_density(z: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """Return log N(z; mu, sigma^2) summed over the last axis."""
    scaled = (z - mu) * (-log_sigma).exp()
    return (-0.5 * scaled.square() - log_sigma - 0.5 * log(2 * torch.pi)).sum(dim=-1)
