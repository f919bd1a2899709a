"""A run that is killed in the middle, in a process of its own."""

import os
import signal
import sys
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import FrameType

import torch._dynamo  # noqa: F401  # torch imports it for the first optimiser, which takes longer than a run

from tests.training.making import run

SAVING = ("train.num_steps=40", "train.save_every=1", "train.log_every=2", "train.evaluate_every=7")


def die_in(shards: Path, folder: Path, num_calls: int) -> None:
    """Go on with a run, and kill this process as kill -9 does when it has begun or ended so many calls."""
    left = num_calls

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    resume = any((folder / "states").glob("step-?????????"))
    sys.setprofile(count)
    run(shards, folder, SAVING, resume=resume, force=not resume)


def forks() -> ForkServerContext:
    """Return what forks processes from one that has imported everything."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context
