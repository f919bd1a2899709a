"""Write lines id by id, all rows at once, until all have ended."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.errors import ConfigError
from seqvae.latent.decoding.beam import search_ids
from seqvae.latent.decoding.chance import gumbel_rows
from seqvae.latent.decoding.limits import forbid, keep_top_k, keep_top_p
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.stepper import Stepper, select_state

Choice = Callable[[Tensor, int], Tensor]


class Draws(NamedTuple):
    """Whose chance each row has: rows of the same line share it."""

    seed: int
    lines: Sequence[int]


@torch.no_grad()
def write_ids(
    stepper: Stepper, first: Tensor, rules: Decoding, *, draws: Draws, max_length: int, end_id: int
) -> Tensor:
    """Write a line for each row by the rules: first ids `(rows, 1)` -> `(rows, longest)`.

    Each line closes with the end, 0 stands behind it; the step that fills `max_length` can only end.
    """
    longest = min(rules.max_length or max_length, max_length)
    if rules.beams > 1:
        return search_ids(stepper, first, rules, max_length=longest, end_id=end_id)
    written = first.new_zeros(len(first), longest)
    rows = torch.arange(len(first), device=first.device)  # those still at work
    state, ids = stepper.start(), first
    for step in range(longest):
        logits, state = stepper.step(ids, state, step)
        is_last = step == longest - 1
        allowed = forbid(
            logits[:, 0], written[rows, :step], end_id=end_id, no_repeat=rules.no_repeat, is_last=is_last
        )
        chosen = _choose(allowed, rules, Draws(draws.seed, [draws.lines[row] for row in rows.tolist()]), step)
        written[rows, step] = chosen
        going = (chosen != end_id).nonzero()[:, 0]
        if not len(going):
            return written[:, : step + 1]
        if len(going) < len(rows):
            stepper, state, rows = stepper.select(going), select_state(state, going), rows[going]
        ids = chosen[going, None]
    raise AssertionError("the last step ends every line")


def chooser(rules: Decoding, draws: Draws, *, max_length: int, end_id: int) -> Choice:
    """Return how a decoder that steps by itself chooses ids; no beams.

    The choice takes logits `(rows, voices, vocab)` and the step, and returns ids `(rows, voices)`; each row
    has a line of its own in `draws`.
    """
    if rules.beams > 1:
        raise ConfigError("this model writes sentences side by side, without beams; choose one beam")
    longest = min(rules.max_length or max_length, max_length)
    written: list[Tensor] = []

    def choose(logits: Tensor, step: int) -> Tensor:
        history = torch.stack([*written, logits.new_zeros(len(logits)).long()], dim=1)[:, :-1]  # (rows, step)
        is_last = step >= longest - 1
        allowed = forbid(logits[:, 0], history, end_id=end_id, no_repeat=rules.no_repeat, is_last=is_last)
        written.append(_choose(allowed, rules, draws, step))
        return written[-1][:, None]

    return choose


def _choose(logits: Tensor, rules: Decoding, draws: Draws, step: int) -> Tensor:
    """Choose an id for each row: `(rows, vocab)` -> `(rows,)`."""
    if not rules.temperature:
        return logits.argmax(dim=-1)
    likely = keep_top_p(keep_top_k(logits / rules.temperature, rules.top_k), rules.top_p)
    noise = gumbel_rows(draws.seed, draws.lines, step, logits.shape[-1]).to(logits.device)
    return (likely + noise).argmax(dim=-1)
