"""Where in z music lives: a Gaussian fitted to the posteriors of many windows, to sample from.

A model trained with beta below 1 does not fill N(0, I), and samples from there sound foreign to it. The
fitted Gaussian has the mean of all mu, and their covariance plus the mean of sigma^2: the first two moments
of the aggregate posterior.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from seqvae.dataset.shards import WindowSet
from seqvae.errors import CheckpointError
from seqvae.latent.codec import encode_windows
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE

FILE_NAME = "posterior.safetensors"
SHRINKAGE = 1e-4  # share of the mean variance added to each dimension, so that the covariance has a root


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A normal distribution over z with full covariance."""

    mean: Tensor  # (latent,)
    cholesky: Tensor  # (latent, latent), lower triangular

    def sample(self, num_samples: int, generator: torch.Generator) -> Tensor:
        """Draw points z, `(num_samples, latent)`."""
        noise = torch.randn(num_samples, len(self.mean), generator=generator)
        return self.mean + noise @ self.cholesky.T

    def save(self, folder: str | Path) -> None:
        """Write the distribution beside the weights of a model."""
        tensors = {"mean": self.mean.float().contiguous(), "cholesky": self.cholesky.float().contiguous()}
        target = Path(folder) / FILE_NAME
        temporary = target.with_suffix(".tmp")
        temporary.write_bytes(safetensors.torch.save(tensors))
        temporary.replace(target)


def standard_normal(latent_size: int) -> Gaussian:
    """Return N(0, I), the prior of training."""
    return Gaussian(torch.zeros(latent_size), torch.eye(latent_size))


def load_posterior(folder: str | Path, latent_size: int) -> Gaussian | None:
    """Read the Gaussian saved in a model folder; None where there is none."""
    path = Path(folder) / FILE_NAME
    if not path.exists():
        return None
    try:
        tensors = safetensors.torch.load_file(path)
        gaussian = Gaussian(tensors["mean"], tensors["cholesky"])
    except (SafetensorError, KeyError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); fit it again or remove it") from error
    if gaussian.mean.shape != (latent_size,) or gaussian.cholesky.shape != (latent_size, latent_size):
        raise CheckpointError(f"{path} is not of latent size {latent_size}; fit it again or remove it")
    return gaussian


def fit_posterior(posteriors: Iterable[Posterior]) -> Gaussian:
    """Fit the Gaussian to batches of posteriors, `(batch, latent)` each."""
    mus, variances = zip(
        *((p.mu.double(), (2 * p.log_sigma.double()).exp()) for p in posteriors), strict=True
    )
    mu = torch.cat(mus)  # (windows, latent)
    centred = mu - mu.mean(dim=0)
    covariance = centred.T @ centred / len(mu) + torch.diag(torch.cat(variances).mean(dim=0))
    covariance += SHRINKAGE * covariance.diagonal().mean() * torch.eye(mu.shape[1], dtype=mu.dtype)
    return Gaussian(mu.mean(dim=0).float(), torch.linalg.cholesky(covariance).float())


def fit_to_windows(model: SequenceVAE, windows: WindowSet, *, limit: int, seed: int = 0) -> Gaussian:
    """Fit the Gaussian to at most `limit` windows of shards, drawn at random; those of training are meant.

    Transposed copies are not drawn: the Gaussian is to describe where the music as written lies.
    """
    order = np.random.default_rng(seed).permutation(len(windows))[:limit]
    ids = windows.windows(np.sort(order))
    return fit_posterior([encode_windows(model, ids)])
