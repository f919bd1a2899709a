"""What a model does not hear while it trains, so that it can do without: voices, and z."""

import numpy as np
import torch
from torch import Tensor

from seqvae.model.decoder import PAD_ID
from seqvae.training.parts import Draws


def drop_voices(
    ids: Tensor, share: float, *, absent_ids: tuple[int, ...], generator: np.random.Generator | Draws
) -> Tensor:
    """Write a share of the voices of `(batch, time, voices)` ids as absent, from beginning to end.

    Where that would leave no voice all stay. Padding stays too: it is the metre.
    """
    absent = torch.tensor(absent_ids, device=ids.device)
    drawn = torch.from_numpy(generator.random((len(ids), 1, len(absent_ids)), dtype=np.float32) < share)
    is_due = ids != PAD_ID
    there = (is_due & (ids != absent)).any(dim=1, keepdim=True)  # (batch, 1, voices)
    drawn = drawn.to(ids.device)
    leaves_some = (there & ~drawn).any(dim=2, keepdim=True)
    return torch.where(drawn & leaves_some & is_due, absent, ids)


def drop_latents(z: Tensor, share: float, *, generator: np.random.Generator | Draws) -> Tensor:
    """Put 0 for a share of the rows of `(batch, latent)`: there the decoder learns to be a language model."""
    dropped = torch.from_numpy(generator.random((len(z), 1), dtype=np.float32) < share)
    return z.masked_fill(dropped.to(z.device), 0.0)
