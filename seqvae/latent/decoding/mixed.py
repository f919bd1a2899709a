"""Two decoders that write one line together: the log probabilities of both, each with its share."""

from typing import Self

import torch
from torch import Tensor

from seqvae.latent.decoding.stepper import State, Stepper


class MixedStepper:
    """Score by (1 - share) * log p of the first decoder + share * log p of the second, row by row.

    What either cannot write (-inf) stays impossible where it has a share. Both states lie side by side.
    """

    def __init__(self, first: Stepper, second: Stepper, shares: Tensor) -> None:
        self._first = first
        self._second = second
        self._shares = shares  # (rows,), of the second

    def start(self) -> State:
        """Return the state before the first step."""
        return _beside(self._first.start(), self._second.start())

    def step(self, ids: Tensor, state: State, step: int) -> tuple[Tensor, State]:
        """Score what follows ids `(rows, voices)`: log p `(rows, voices, vocab)`, and the next state."""
        (h, other_h), (c, other_c) = (half.chunk(2, dim=-1) for half in state)
        logits, next_state = self._first.step(ids, (h, c), step)
        other_logits, other_state = self._second.step(ids, (other_h, other_c), step)
        shares = self._shares[:, None, None]
        mixed = _weighed(logits, 1 - shares) + _weighed(other_logits, shares)
        return mixed, _beside(next_state, other_state)

    def select(self, rows: Tensor) -> Self:
        """Return the decoder of these rows, which may repeat."""
        return type(self)(self._first.select(rows), self._second.select(rows), self._shares[rows])


def _weighed(logits: Tensor, shares: Tensor) -> Tensor:
    """Return log probabilities times shares, 0 without a share even of what is impossible."""
    return torch.where(shares > 0, logits.log_softmax(dim=-1) * shares, 0.0)


def _beside(first: State, second: State) -> State:
    h, c = (torch.cat(pair, dim=-1) for pair in zip(first, second, strict=True))
    return h, c
