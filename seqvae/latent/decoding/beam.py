"""Beam search: the best of many lines, of which so many are kept at each step.

Lines that have ended stay in the beam and compete with those that go on, all ranked by
log p / length ** length_power. One beam is greedy, and a beam as wide as there are lines finds the best.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.latent.decoding.limits import NEVER, forbid
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.stepper import Stepper, select_state


class Beam(NamedTuple):
    """The lines that are kept, the best first."""

    ids: Tensor  # (rows, beams, steps)
    log_p: Tensor  # (rows, beams)
    lengths: Tensor  # (rows, beams), ids with the end
    has_ended: Tensor  # (rows, beams)


class Kept(NamedTuple):
    """A beam after one more step, and the old line that each of its lines goes on from."""

    beam: Beam
    parents: Tensor  # (rows * beams,)


@torch.no_grad()
def search_ids(stepper: Stepper, first: Tensor, rules: Decoding, *, max_length: int, end_id: int) -> Tensor:
    """Find a line for each row: first ids `(rows, 1)` -> `(rows, longest)`, 0 behind the ends."""
    rows, width = len(first), rules.beams
    stepper = stepper.select(torch.arange(rows, device=first.device).repeat_interleave(width))
    beam = _first_beam(first, width)
    state, ids = stepper.start(), first.repeat_interleave(width, dim=0)
    for step in range(max_length):
        logits, state = stepper.step(ids, state, step)
        is_last = step == max_length - 1
        history = beam.ids.flatten(0, 1)
        log_p = logits[:, 0].log_softmax(dim=-1)
        allowed = forbid(log_p, history, end_id=end_id, no_repeat=rules.no_repeat, is_last=is_last)
        beam, parents = _grow(beam, allowed.view(rows, width, -1), rules.length_power, end_id)
        state, ids = select_state(state, parents), beam.ids[:, :, -1].reshape(-1, 1)
        if bool((beam.has_ended | beam.log_p.isneginf()).all()):
            break
    best = beam.ids[:, 0]  # (rows, steps)
    return best[:, : int(beam.lengths[:, 0].max())]


def _first_beam(first: Tensor, width: int) -> Beam:
    """Return one empty line for each row, and places that nothing stands in yet."""
    log_p = torch.full((len(first), width), NEVER, device=first.device)
    log_p[:, 0] = 0.0
    nothing = torch.zeros(len(first), width, dtype=torch.long, device=first.device)
    return Beam(ids=nothing[..., None][..., :0], log_p=log_p, lengths=nothing, has_ended=nothing.bool())


def _grow(beam: Beam, log_p: Tensor, length_power: float, end_id: int) -> Kept:
    """Keep the best of all lines by one id longer, `(rows, beams, vocab)`, and of those that have ended."""
    rows, width, vocab = log_p.shape
    still = torch.full_like(log_p, NEVER)
    still[..., 0] = 0.0  # a line that has ended goes on in padding, at no cost
    total = beam.log_p[..., None] + torch.where(beam.has_ended[..., None], still, log_p)
    lengths = beam.lengths + ~beam.has_ended  # (rows, beams)
    ranks = (total / lengths[..., None].to(total.dtype) ** length_power).view(rows, -1)
    kept = ranks.topk(width, dim=-1).indices  # (rows, beams)
    parents, ids = kept // vocab, kept % vocab
    grown = Beam(
        ids=torch.cat([beam.ids.gather(1, parents[..., None].expand_as(beam.ids)), ids[..., None]], dim=-1),
        log_p=total.view(rows, -1).gather(1, kept),
        lengths=lengths.gather(1, parents),
        has_ended=beam.has_ended.gather(1, parents) | (ids == end_id),
    )
    offsets = torch.arange(rows, device=ids.device)[:, None] * width
    return Kept(grown, (parents + offsets).flatten())
