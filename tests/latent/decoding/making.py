"""A decoder small enough to list all it can write: a recurrence over five ids, with z in its state."""

from itertools import product
from typing import Self

import torch
from torch import Tensor

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws, write_ids

VOCAB, END = 5, 1
START = VOCAB


class ToyStepper:
    """What comes next depends on z, on the step and on all ids before; every logit is its own."""

    def __init__(self, z: Tensor, seed: int = 0) -> None:
        chance = torch.Generator().manual_seed(seed)
        self.z = z  # (rows, 3)
        self.embedding = torch.randn(VOCAB + 1, 6, generator=chance)
        self.recurrent = torch.randn(6, 6, generator=chance)
        self.project = torch.randn(3, 6, generator=chance)
        self.head = 0.7 * torch.randn(6, VOCAB, generator=chance)

    def start(self) -> tuple[Tensor, Tensor]:
        """Begin with z."""
        return self.z @ self.project, torch.zeros(len(self.z), 6)

    def step(self, ids: Tensor, state: tuple[Tensor, Tensor], step: int) -> tuple[Tensor, tuple]:
        """Take one step of a plain recurrence."""
        h, c = state
        assert len(h) == len(ids) == len(self.z)
        h = torch.tanh(h @ self.recurrent + self.embedding[ids[:, 0]] + 0.1 * step)
        return (h @ self.head)[:, None], (h, c)

    def select(self, rows: Tensor) -> Self:
        """Take these rows of z."""
        new = type(self)(self.z[rows])
        new.__dict__ |= {name: value for name, value in self.__dict__.items() if name != "z"}
        return new


def toy(num_rows: int = 1, seed: int = 0) -> ToyStepper:
    """Build a decoder for some points."""
    return ToyStepper(torch.randn(num_rows, 3, generator=torch.Generator().manual_seed(seed + 100)), seed)


def write(stepper: ToyStepper, rules: Decoding, *, seed: int = 0, lines=None, longest: int = 6) -> list[list]:
    """Write a line for each row; return the ids up to the end."""
    first = torch.full((len(stepper.z), 1), START)
    draws = Draws(seed, lines or range(len(stepper.z)))
    ids = write_ids(stepper, first, rules, draws=draws, max_length=longest, end_id=END).tolist()
    return [line[: line.index(END) + 1] for line in ids]


def log_p(stepper: ToyStepper, line: list[int]) -> float:
    """Score one line for the first row, step by step."""
    state, ids, total = stepper.start(), torch.tensor([[START]]), 0.0
    for step, each in enumerate(line):
        logits, state = stepper.step(ids, state, step)
        total += float(logits[0, 0].log_softmax(dim=-1)[each])
        ids = torch.tensor([[each]])
    return total


def all_lines(longest: int) -> list[list[int]]:
    """List every line that may be written: no padding, one end, at most so many ids."""
    inner = list(range(2, VOCAB))
    return [[*body, END] for size in range(longest) for body in product(inner, repeat=size)]
