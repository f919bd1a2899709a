"""What the strategies ask of a decoder that writes one step at a time."""

from typing import Protocol, Self

from torch import Tensor

State = tuple[Tensor, Tensor]  # h and c, each (rows, hidden)


class Stepper(Protocol):
    """A decoder for some points z, one row each."""

    def start(self) -> State:
        """Return the state before the first step."""

    def step(self, ids: Tensor, state: State, step: int) -> tuple[Tensor, State]:
        """Score what follows ids `(rows, voices)`: logits `(rows, voices, vocab)`, and the next state."""

    def select(self, rows: Tensor) -> Self:
        """Return the decoder of these rows, which may repeat."""


def select_state(state: State, rows: Tensor) -> State:
    """Return the state of these rows."""
    h, c = state
    return h[rows], c[rows]
