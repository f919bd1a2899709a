"""Noise by which performances are drawn."""

import torch
from torch import Tensor


def logistic_noise(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw standard logistic noise: its sigmoid is a quantile, uniform in 0..1."""
    uniform = torch.rand(shape, generator=generator, dtype=torch.float64).clamp(1e-9, 1 - 1e-9)
    return torch.logit(uniform).float()
