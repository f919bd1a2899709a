"""Mixtures of logistics over whole numbers: how likely each is, and which one lies at a quantile.

A whole number takes the mass between the halves around it, the lowest and the highest all that lies beyond
(Salimans et al. 2017, section 2.1), so that these are probabilities and compare with counts.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

LOG_SCALE_RANGE = (-5.0, 2.0)


class Scale(NamedTuple):
    """Whole numbers and the unit in which a network has them: (number - centre) / width."""

    lowest: int
    highest: int
    centre: float
    width: float

    def to_unit(self, numbers: Tensor) -> Tensor:
        """Return numbers in units of the network."""
        return (numbers - self.centre) / self.width


class Logistics(NamedTuple):
    """A mixture for each of `(...)` values."""

    log_weights: Tensor  # (..., logistics)
    means: Tensor  # (..., logistics)
    log_scales: Tensor  # (..., logistics)

    @classmethod
    def from_outputs(cls, outputs: Tensor) -> "Logistics":
        """Read the outputs of a network, `(..., 3 * logistics)`."""
        weights, means, log_scales = outputs.float().chunk(3, dim=-1)
        return cls(functional.log_softmax(weights, dim=-1), means, log_scales.clamp(*LOG_SCALE_RANGE))

    @property
    def mean(self) -> Tensor:
        """Return the mean of each mixture, `(...)`."""
        return (self.log_weights.exp() * self.means).sum(dim=-1)

    def moved(self, shift: Tensor) -> "Logistics":
        """Return the mixtures moved by `(...)`."""
        return self._replace(means=self.means + shift[..., None])


def log_mass(mixture: Logistics, values: Tensor, scale: Scale) -> Tensor:
    """Return log P of `(...)` values, whole numbers in units of the network: `(...)`."""
    half, tiny = 0.5 / scale.width, 1e-4
    lowest, highest = ((end - scale.centre) / scale.width for end in (scale.lowest, scale.highest))
    sharpness = (-mixture.log_scales).exp()
    above = (values[..., None] + half - mixture.means) * sharpness
    below = (values[..., None] - half - mixture.means) * sharpness
    is_low, is_high = (values <= lowest + tiny)[..., None], (values >= highest - tiny)[..., None]
    # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)), in which nothing cancels
    mass = functional.logsigmoid(above).masked_fill(is_high, 0.0)
    mass = mass + functional.logsigmoid(-below).masked_fill(is_low, 0.0)
    between = torch.log(-torch.expm1(below - above))
    mass = mass + between.masked_fill(is_low | is_high, 0.0)
    return torch.logsumexp(mixture.log_weights + mass, dim=-1)


def at_quantile(mixture: Logistics, quantiles: Tensor, scale: Scale) -> Tensor:
    """Return the whole number at each of `(...)` quantiles, found by halving: `(...)`; at .5 the median."""
    weights, sharpness = mixture.log_weights.exp(), (-mixture.log_scales).exp()
    low = torch.full(quantiles.shape, scale.lowest)
    high = torch.full(quantiles.shape, scale.highest)
    for _ in range((scale.highest - scale.lowest).bit_length()):
        middle = (low + high) // 2
        distances = (scale.to_unit(middle + 0.5)[..., None] - mixture.means) * sharpness
        is_reached = (weights * torch.sigmoid(distances)).sum(dim=-1) >= quantiles
        low, high = (
            torch.where(is_reached, low, middle + 1).minimum(high),
            torch.where(is_reached, middle, high),
        )
    return low
