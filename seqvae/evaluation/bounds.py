"""Lower bounds on log p(x) by sampling: the ELBO and the importance-weighted bound, in nats per sequence."""

from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.losses import gaussian_log_density, importance_weighted_nats
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE


class Bounds(NamedTuple):
    """Two bounds from the same samples; for every sequence the first is at most the second."""

    elbo: Tensor  # (batch,)
    importance_weighted: Tensor  # (batch,)


def bounds_of_samples(
    log_likelihood: Tensor, z: Tensor, posterior: Posterior, log_prior: Tensor | None = None
) -> Bounds:
    """Bound log p(x) from log p(x|z) `(samples, batch)` at draws z `(samples, batch, latent)`.

    `log_prior` `(samples, batch)` is that of z; by default N(0, I) is the prior.
    """
    prior = (
        gaussian_log_density(z, torch.zeros_like(z), torch.zeros_like(z)) if log_prior is None else log_prior
    )
    log_posterior = gaussian_log_density(z, posterior.mu, posterior.log_sigma)
    log_joint = log_likelihood + prior
    return Bounds((log_joint - log_posterior).mean(dim=0), importance_weighted_nats(log_joint, log_posterior))


def sample_bounds(
    model: SequenceVAE, ids: Tensor, noise: Tensor, *, batch_size: int, posterior: Posterior | None = None
) -> Bounds:
    """Bound log p of `(batch, time, voices)` ids by samples drawn with `(samples, batch, latent)` noise.

    They are drawn from the encoder's posterior unless another `(batch, latent)` is given. At most
    `batch_size` pairs of sequence and sample are decoded at once.
    """
    posterior = posterior or model.encode(ids)
    z = posterior.sample(noise)
    rows = torch.arange(len(ids), device=ids.device).repeat(len(noise))  # (samples * batch,)
    parts = zip(torch.split(z.flatten(0, 1), batch_size), torch.split(rows, batch_size), strict=True)
    nats = [model.score(some_z, ids[some]).nats for some_z, some in parts]
    log_prior = model.log_prior(z.flatten(0, 1)).view(z.shape[:2])
    return bounds_of_samples(-torch.cat(nats).view(z.shape[:2]), z, posterior, log_prior)
