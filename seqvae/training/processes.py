"""The processes of a run: one alone, or several that torchrun started, which take every step together."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from seqvae.device import choose_device
from seqvae.errors import ConfigError, SeqvaeError, TrainingError


@dataclass(frozen=True)
class Processes:
    """How many processes take the steps of a run, and which of them this one is."""

    count: int = 1
    rank: int = 0
    local_rank: int = 0  # on its machine

    @property
    def is_first(self) -> bool:
        """Tell whether this one prints, measures and saves for all."""
        return self.rank == 0

    def choose_device(self, name: str) -> torch.device:
        """Return the device of this process: with several each has a GPU of its own."""
        device = choose_device(name)
        if self.count == 1 or device.type == "cpu":
            return device
        if ":" in name:
            raise ConfigError(f"--device {name} is a single GPU for {self.count} processes; choose cuda")
        own = choose_device(f"cuda:{self.local_rank}")
        torch.cuda.set_device(own)
        return own

    def sum(self, tensor: Tensor) -> Tensor:
        """Add up a tensor over all processes; each gets the same bits."""
        if self.count == 1:
            return tensor
        total = tensor.detach().clone()
        distributed.all_reduce(total)
        return total

    def gather(self, rows: Tensor) -> Tensor:
        """Put the `(batch, ...)` of all processes one after another: `(count * batch, ...)`."""
        if self.count == 1:
            return rows
        found = [torch.empty_like(rows) for _ in range(self.count)]
        distributed.all_gather(found, rows.contiguous())
        return torch.cat(found)

    def largest(self, number: int) -> int:
        """Return the largest of the numbers that the processes name."""
        if self.count == 1:
            return number
        numbers = torch.tensor([number])
        distributed.all_reduce(numbers, op=distributed.ReduceOp.MAX)
        return int(numbers)

    @contextmanager
    def agreed(self) -> Iterator[None]:
        """Let all processes go on or none: the first that failed tells why, the others end without a word."""
        failure: SeqvaeError | None = None
        try:
            yield
        except SeqvaeError as error:
            failure = error
        first = self.count - self.largest(self.count - self.rank if failure else 0)
        if failure and first == self.rank:
            raise failure
        if first < self.count:
            raise SystemExit(1)

    @contextmanager
    def told_losses(self) -> Iterator[None]:
        """Tell in one line that another process is gone."""
        try:
            yield
        except RuntimeError as error:  # gloo has no class of its own
            if self.count == 1 or not (isinstance(error, distributed.DistError) or "gloo" in str(error)):
                raise
            raise TrainingError(
                f"process {self.rank} of {self.count}: another process of this run is gone; "
                "see what it said, then go on with --resume"
            ) from error


ALONE = Processes()


@contextmanager
def joined() -> Iterator[Processes]:
    """Meet the other processes that torchrun started, if it did."""
    count = int(os.environ["WORLD_SIZE"]) if distributed.is_torchelastic_launched() else 1
    if count == 1:
        yield ALONE
        return
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    yield Processes(count, distributed.get_rank(), int(os.environ["LOCAL_RANK"]))
    gc.collect()  # what still holds the group in a cycle would wait for it with the interpreter's lock
    distributed.destroy_process_group()  # not by one that fails: it ends, and the others hear of it
