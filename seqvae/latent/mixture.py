"""A mixture of Gaussians with full covariances, and how it is fitted to points."""

from dataclasses import dataclass
from math import log, pi

import torch
from torch import Tensor

NUM_ROUNDS = 20
TINY = 1e-9
SHRINKAGE = 1e-4  # share of the mean variance added to each dimension, so that a covariance has a root


@dataclass(frozen=True, eq=False)
class Mixture:
    """Normal distributions over z, each with its share."""

    weights: Tensor  # (components,), sum 1
    means: Tensor  # (components, latent)
    roots: Tensor  # (components, latent, latent), lower triangular Cholesky factors of the covariances

    @property
    def latent_size(self) -> int:
        """The number of dimensions."""
        return self.means.shape[1]

    def sample(self, num_samples: int, generator: torch.Generator) -> Tensor:
        """Draw points, `(num_samples, latent)`."""
        chosen = torch.multinomial(self.weights, num_samples, replacement=True, generator=generator)
        noise = torch.randn(num_samples, self.latent_size, 1, generator=generator)
        return self.means[chosen] + (self.roots[chosen] @ noise)[..., 0]

    def log_densities(self, points: Tensor) -> Tensor:
        """Return the log of share times density, up to a constant: `(n, latent)` -> `(n, components)`."""
        columns = []
        for weight, mean, root in zip(self.weights, self.means, self.roots, strict=True):
            white = torch.linalg.solve_triangular(root, (points - mean).T, upper=False)  # (latent, n)
            columns.append(weight.log() - root.diagonal().log().sum() - 0.5 * white.square().sum(dim=0))
        return torch.stack(columns, dim=1)

    def log_density(self, points: Tensor) -> Tensor:
        """Return the log of the density, `(n, latent)` -> `(n,)`."""
        return self.log_densities(points).logsumexp(dim=1) - 0.5 * self.latent_size * log(2 * pi)


def standard_normal(latent_size: int) -> Mixture:
    """Return N(0, I), the prior of training."""
    return Mixture(torch.ones(1), torch.zeros(1, latent_size), torch.eye(latent_size)[None])


def fit_mixture(points: Tensor, variance: Tensor, num_components: int, generator: torch.Generator) -> Mixture:
    """Fit a mixture to `(n, latent)` by expectation maximisation, then widen it by `variance`, `(latent,)`.

    Each covariance is drawn towards that of all points with the weight of `latent` of them, so that small
    components stay round.
    """
    points, variance = points.double(), variance.double()
    shares = _shares_of_nearest(points, points[_spread(points, min(num_components, len(points)), generator)])
    narrow = torch.zeros_like(variance)
    for _ in range(NUM_ROUNDS if num_components > 1 else 0):
        shares = _maximise(points, shares, narrow).log_densities(points).softmax(dim=1)
    fitted = _maximise(points, shares, variance)
    return Mixture(fitted.weights.float(), fitted.means.float(), fitted.roots.float())


def _spread(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Choose points far from one another, as k-means++ does: `(count,)` rows."""
    chosen = [int(torch.randint(len(points), (1,), generator=generator))]
    nearest = (points - points[chosen[0]]).square().sum(dim=1)
    while len(chosen) < count:
        chosen.append(int(torch.multinomial(nearest + TINY, 1, generator=generator)))
        nearest = torch.minimum(nearest, (points - points[chosen[-1]]).square().sum(dim=1))
    return torch.tensor(chosen)


def _shares_of_nearest(points: Tensor, centres: Tensor) -> Tensor:
    nearest = torch.cdist(points, centres).argmin(dim=1)
    return torch.nn.functional.one_hot(nearest, len(centres)).to(points.dtype)


def _maximise(points: Tensor, shares: Tensor, variance: Tensor) -> Mixture:
    """Return the mixture that explains points of which component k has `shares[:, k]`."""
    size = points.shape[1]
    overall = points.mean(dim=0)
    spread = (points - overall).T @ (points - overall) / len(points)
    least = SHRINKAGE * spread.diagonal().mean() + TINY
    floor = torch.diag(variance + least)
    counts = shares.sum(dim=0)
    means = (shares.T @ points + overall * TINY) / (counts[:, None] + TINY)
    roots = []
    for share, count, mean in zip(shares.T, counts, means, strict=True):
        centred = points - mean
        scatter = (centred * share[:, None]).T @ centred
        roots.append(torch.linalg.cholesky((scatter + size * spread) / (count + size) + floor))
    return Mixture((counts + TINY) / (counts + TINY).sum(), means, torch.stack(roots))
