"""Voices that the encoder does not hear while it trains, so that a model can fill in what is missing."""

import numpy as np
import torch
from torch import Tensor

from seqvae.model.decoder import PAD_ID


def drop_voices(
    ids: Tensor, share: float, *, absent_ids: tuple[int, ...], generator: np.random.Generator
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
