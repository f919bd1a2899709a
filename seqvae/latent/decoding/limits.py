"""What may not be written, as logits of minus infinity: pure functions of `(rows, vocab)`."""

import torch
from torch import Tensor

NEVER = float("-inf")


def forbid(logits: Tensor, history: Tensor, *, end_id: int, no_repeat: int, is_last: bool) -> Tensor:
    """Forbid padding, repeated runs and, in the last step, all but the end: `(rows, vocab)`, the same shape.

    `history` `(rows, steps)` holds what each line has so far. The end is always allowed.
    """
    allowed = logits.clone()
    if is_last:
        allowed[:, :end_id] = allowed[:, end_id + 1 :] = NEVER
        return allowed
    allowed[:, 0] = NEVER  # padding
    return without_repeats(allowed, history, no_repeat) if no_repeat else allowed


def without_repeats(logits: Tensor, history: Tensor, size: int) -> Tensor:
    """Forbid each id that would close a run of `size` ids which the line, `(rows, steps)`, has already."""
    if history.shape[1] < size:
        return logits
    runs = history.unfold(1, size, 1)  # (rows, runs, size)
    now = history[:, None, history.shape[1] - size + 1 :]  # (rows, 1, size - 1), the run that is begun
    is_again = (runs[:, :, :-1] == now).all(dim=-1)  # (rows, runs)
    row, run = is_again.nonzero(as_tuple=True)
    return logits.index_put((row, runs[row, run, -1]), logits.new_tensor(NEVER))


def keep_top_k(logits: Tensor, count: int) -> Tensor:
    """Keep the `count` likeliest ids of each row, and what equals the last of them; 0 keeps all."""
    if not 0 < count < logits.shape[-1]:
        return logits
    least = logits.topk(count, dim=-1).values[:, -1:]
    return logits.masked_fill(logits < least, NEVER)


def keep_top_p(logits: Tensor, share: float) -> Tensor:
    """Keep the fewest likeliest ids of each row that together have this share of the probability."""
    if share >= 1:
        return logits
    ordered, order = logits.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered  # (rows, vocab), 0 for the likeliest, which always stays
    is_left = torch.zeros_like(logits, dtype=torch.bool).scatter(1, order, before >= share)
    return logits.masked_fill(is_left, NEVER)
