"""What goes wrong around a training run: it is killed, the disk is full, the clock jumps."""

import errno
import json
import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
import torch

from seqvae.checkpoint import load_model
from seqvae.errors import OutputError
from seqvae.model.vae import Posterior, SequenceVAE
from seqvae.training.state import saved_states
from seqvae.training.trainer import Trainer
from tests.training.killing import SAVING, die_in, forks
from tests.training.making import SHORT, Notebook, run
from tests.training.test_run import lines_of, stop_after, tensors_of

MOST_CALLS = 160_000  # of Python from start to kill; to start takes 40,000, a step with its state 30,000
NUM_KILLS = 24
FAILING = (
    "fsync",
    "replace",
    "mkdir",
    "open",
    "unlink",
)  # functions of os that a full or read-only disk refuses


class Disk:
    """A disk that fails from its n-th operation on, until it is mended."""

    def __init__(self, monkeypatch, *, first: int, number: int) -> None:
        self.left = first
        self.refused = 0
        for name in FAILING:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name), number))

    def _failing(self, function, number: int):
        def fail_or_work(*arguments, **options):
            self.left -= 1
            if self.left < 0:
                self.refused += 1
                raise OSError(number, os.strerror(number))
            return function(*arguments, **options)

        return fail_or_work


def files_of(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def nan_posterior(posterior: Posterior) -> Posterior:
    """Spoil one number."""
    mu = posterior.mu.clone()
    mu[0, 0] = float("nan")
    return Posterior(mu, posterior.log_sigma)


@contextmanager
def room_for(num_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk does, in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
def test_a_run_killed_at_random_moments_loses_nothing(shards, tmp_path):
    """After kill -9 in the middle of anything, 24 times, the run ends to the bit as one never stopped."""
    run(shards, tmp_path / "whole", SAVING)
    generator, context, folder = np.random.default_rng(), forks(), tmp_path / "parts"
    moments = [int(generator.integers(1, MOST_CALLS)) for _ in range(NUM_KILLS)]
    steps = []
    for moment in moments:
        process = context.Process(target=die_in, args=(shards, folder, moment))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL, moments
        steps.append(max((int(place.name[5:]) for place in saved_states(folder / "states")), default=-1))
    run(shards, folder, SAVING, resume=True)

    assert steps == sorted(steps), (moments, steps)
    assert 0 < steps[-1] < 40, moments  # 7 to 13 mostly, but chance once came to 2
    assert tensors_of(folder) == tensors_of(tmp_path / "whole"), moments
    assert lines_of(folder) == lines_of(tmp_path / "whole"), moments
    kept = {"config.json", "lock", "metrics.jsonl", "model", "states"}
    assert {path.name for path in folder.iterdir()} == kept


@pytest.mark.parametrize("first", [0, 1, 5, 9, 14, 20, 27, 35])
def test_a_disk_that_fails_anywhere_costs_nothing_saved(shards, tmp_path, monkeypatch, first):
    """One line tells it, every state that is there is whole, and the run goes on when the disk is mended."""
    assignments = ("train.num_steps=2", "train.save_every=1", "train.log_every=1")
    with monkeypatch.context() as patch:
        disk = Disk(patch, first=first, number=errno.ENOSPC)
        with pytest.raises(OutputError, match=r"cannot be written.*No space left on device"):
            run(shards, tmp_path / "run", assignments)
    states = saved_states(tmp_path / "run" / "states")
    view = Notebook()
    outcome = run(shards, tmp_path / "run", assignments, resume=bool(states), force=not states, view=view)

    assert disk.refused
    assert outcome.step == 2
    assert not [sentence for sentence in view.sentences if "trying the one before" in sentence]


def test_a_disk_that_fills_up_in_the_middle_of_a_file(shards, tmp_path, monkeypatch):
    """Half a state is taken back; with room again the run ends to the bit as one that had room all along."""
    run(shards, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_after(patch, 3)
        run(shards, tmp_path / "run")
    before = sorted(path.name for path in (tmp_path / "run").rglob("*"))
    size = (tmp_path / "run" / "states" / "step-000000003" / "state.safetensors").stat().st_size
    with room_for(size // 2), pytest.raises(OutputError, match=r"cannot be written.*go on with --resume"):
        run(shards, tmp_path / "run", resume=True)
    left = sorted(path.name for path in (tmp_path / "run").rglob("*"))
    run(shards, tmp_path / "run", resume=True)

    assert left == before
    assert tensors_of(tmp_path / "run") == tensors_of(tmp_path / "whole")
    assert lines_of(tmp_path / "run") == lines_of(tmp_path / "whole")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES], ids=["read-only", "not ours"])
def test_a_run_that_cannot_be_written_in_can_be_read(shards, tmp_path, monkeypatch, number):
    """Training there is refused in one line before anything changes; the model can still be loaded."""
    run(shards, tmp_path / "run")
    before = files_of(tmp_path / "run")
    open_file = os.open

    def read_only(path, flags, *arguments, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(number, os.strerror(number))
        return open_file(path, flags, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        with pytest.raises(OutputError, match=rf"cannot be written in \({os.strerror(number)}\)"):
            run(shards, tmp_path / "run", resume=True)
        assert load_model(tmp_path / "run" / "model").notes["step"] == 12
    assert files_of(tmp_path / "run") == before


def test_a_folder_that_became_read_only_is_told_in_one_line(shards, tmp_path, monkeypatch):
    """What cannot be swept away or replaced is no traceback."""
    run(shards, tmp_path / "run")
    Disk(monkeypatch, first=1, number=errno.EROFS)  # the lock can be had

    with pytest.raises(OutputError, match=r"Read-only file system"):
        run(shards, tmp_path / "run", force=True)


def test_a_clock_that_jumps_changes_nothing(shards, tmp_path, monkeypatch):
    """Nobody asks what time it is: rates and spans come from a clock that only goes on."""

    def jump() -> float:
        raise AssertionError("the time of day was asked for")

    with monkeypatch.context() as patch:
        patch.setattr(time, "time", jump)
        patch.setattr(time, "time_ns", jump)
        run(shards, tmp_path / "run")
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()

    assert all(json.loads(line).get("seconds", 0.0) >= 0 for line in lines)


def test_a_batch_that_is_not_finite_leaves_no_trace(shards, tmp_path, monkeypatch):
    """A loss of nan is counted and skipped: weights, average, rate and means stay finite."""
    advance, forward = Trainer.advance, SequenceVAE.encode

    def spoilt(trainer):
        is_bad = trainer.counters.step == 5
        with monkeypatch.context() as patch:
            if is_bad:
                patch.setattr(SequenceVAE, "encode", lambda model, ids: nan_posterior(forward(model, ids)))
            return advance(trainer)

    monkeypatch.setattr(Trainer, "advance", spoilt)
    everything = (*SHORT, "train.ema_decay=0.9", "objective.target_kl=5", "train.log_every=1")
    run(shards, tmp_path / "run", everything)
    lines = [line for line in lines_of(tmp_path / "run") if line["kind"] == "train"]

    assert [line["skipped"] for line in lines] == [0] * 5 + [1] * 7
    assert "loss" not in lines[5]
    assert all(isfinite(value) for line in lines for value in line.values() if isinstance(value, float))
    assert all(torch.isfinite(t).all() for t in load_model(tmp_path / "run" / "model").model.parameters())
