"""What the decoder is told of the past while it trains: the truth, its own guesses, or nothing."""

import numpy as np
import torch
from torch import Tensor

from seqvae.training.parts import Draws


def hide_tokens(
    inputs: Tensor, share: float, *, hidden_id: int, generator: np.random.Generator | Draws
) -> Tensor:
    """Replace a share of the steps of `(batch, time, voices)` ids by `hidden_id`, all voices at once."""
    if not share:
        return inputs
    batch, time, _ = inputs.shape
    hidden = torch.from_numpy(generator.random((batch, time, 1), dtype=np.float32) < share)
    return inputs.masked_fill(hidden.to(inputs.device), hidden_id)


def mix_history(
    ids: Tensor, logits: Tensor, *, true_share: float, generator: np.random.Generator | Draws
) -> Tensor:
    """Replace some of `(batch, time, voices)` ids by samples from `logits` `(batch, time, voices, vocab)`.

    Parallel scheduled sampling (Mihaylova & Martins 2019; Duckworth et al. 2019): the logits come from a
    first pass that heard the true ids, because going step by step, each on the last one's sample, takes as
    long as generating. A step is replaced in all voices or in none.
    """
    batch, time, voices = ids.shape
    replaced = torch.from_numpy(generator.random((batch, time, 1), dtype=np.float32) >= true_share)
    levels = torch.from_numpy(generator.random((batch, time, voices, 1), dtype=np.float32))
    cumulative = logits.float().softmax(dim=-1).cumsum(dim=-1)
    sampled = (cumulative < levels.to(ids.device) * cumulative[..., -1:]).sum(dim=-1)  # (batch, time, voices)
    return torch.where(replaced.to(ids.device), sampled, ids)
