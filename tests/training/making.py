"""Small runs for the tests of training: presets, trainers, and a view that keeps what it is told."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch

from seqvae.config import Preset
from seqvae.dataset.augment import augmentation_of
from seqvae.dataset.batches import Batches
from seqvae.dataset.shards import WindowSet
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.training.metrics import Record
from seqvae.training.run import Outcome, RunSettings, run_training
from seqvae.training.settings import override
from seqvae.training.trainer import Trainer
from tests.dataset.making import melody_ids

SHORT = ("train.num_steps=12", "train.save_every=4", "train.log_every=5", "train.evaluate_every=6")
BARS = (
    "model.encoder=hierarchical",
    "model.decoder=hierarchical",
    "model.bar_size=16",
    "model.top_encoder_size=16",
    "model.conductor_size=16",
    "model.plan_size=8",
)


class Notebook:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.sentences: list[str] = []

    def open(self) -> AbstractContextManager[object]:
        """Nothing has to be set up."""
        return nullcontext()

    def show(self, record: Record, *, seconds_left: float | None) -> None:
        """Keep a record."""
        self.records.append(record)

    def say(self, text: str) -> None:
        """Keep a sentence."""
        self.sentences.append(text)


def debug_preset(*assignments: str, name: str = "debug") -> Preset:
    """Return a debug preset, changed."""
    return override(preset(name), assignments)


def window_set(*, num_bars: int = 24) -> WindowSet:
    """Lay all two-bar windows over one random tune."""
    ids = melody_ids(5, num_bars)
    starts = np.arange(num_bars - 1, dtype=np.int64) * 16
    pitches = np.where(ids >= 3, ids - 3, 60)[starts[:, None] + np.arange(32), 0]
    return WindowSet(
        ids=ids,
        starts=starts,
        lengths=np.full(len(starts), 32, dtype=np.int32),
        pieces=np.zeros(len(starts), dtype=np.int32),
        ranges=np.stack([pitches.min(axis=1), pitches.max(axis=1)], axis=1).astype(np.uint8),
        length=32,
        corpora=("tunes",),
        corpus_indices=np.zeros(len(starts), dtype=np.int32),
    )


def trainer_of(preset: Preset, windows: WindowSet | None = None, *, accumulation: int = 1) -> Trainer:
    """Build a trainer at step 0."""
    torch.manual_seed(preset.train.seed)
    batches = Batches(
        windows or window_set(),
        size=preset.train.batch_size,
        seed=preset.train.seed,
        augmentation=augmentation_of(preset),
        corpus_balance=preset.train.corpus_balance,
    )
    model, cpu = SequenceVAE(preset.model), torch.device("cpu")
    return Trainer(model, preset, batches, device=cpu, accumulation=accumulation)


def run(
    shards: Path,
    folder: Path,
    assignments: Sequence[str] = SHORT,
    *,
    view: Notebook | None = None,
    **settings: object,
) -> Outcome:
    """Train by the debug preset in one thread."""
    options = RunSettings(folder=folder, device="cpu", num_threads=1, **settings)  # type: ignore[arg-type]
    return run_training(shards, debug_preset(*assignments), options, view or Notebook())
