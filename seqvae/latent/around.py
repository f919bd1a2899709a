"""Points at a chosen distance from a point, as far from the origin as it."""

import torch
from torch import Tensor

from seqvae.errors import ConfigError

RIGHT_ANGLE = torch.pi / 2


def points_around(z: Tensor, towards: Tensor, amount: float) -> Tensor:
    """Turn z, `(..., latent)`, by `amount` of a right angle towards other points, `(..., latent)`.

    0 leaves z where it is; at 1 it has nothing left of its own direction. The norm stays.
    """
    if not 0 <= amount <= 1:
        raise ConfigError(f"amount is {amount}; choose 0, the same, to 1, nothing in common")
    norm = z.double().norm(dim=-1, keepdim=True)
    own = z.double() / norm.clamp_min(1e-300)
    aside = towards.double() - (towards.double() * own).sum(dim=-1, keepdim=True) * own
    aside = aside / aside.norm(dim=-1, keepdim=True).clamp_min(1e-300)
    angle = torch.tensor(amount * RIGHT_ANGLE, dtype=torch.float64)
    turned: Tensor = norm * (torch.cos(angle) * own + torch.sin(angle) * aside)
    return turned.to(z.dtype) if amount else z.expand_as(turned)
