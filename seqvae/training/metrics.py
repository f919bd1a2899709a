"""Metrics: means over the steps since the last line, and the file of JSON lines they go to."""

import json
import os
from dataclasses import dataclass, field
from math import isfinite, log
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from seqvae.training.files import write_whole
from seqvae.training.trainer import StepResult

Record = dict[str, Any]
ACTIVE_VARIANCE = 0.01  # of mu over the data: Burda et al. 2016
METRICS_NAME = "metrics.jsonl"
SUMMED = {"loss", "reconstruction", "grad_norm", "kl"}
MOST_COUNTED = 10**15


@dataclass
class Moments:
    """Sums over latent vectors, for their variance per dimension."""

    count: int = 0
    total: Tensor | None = None  # (latent,) float64
    squares: Tensor | None = None  # (latent,) float64

    def add(self, mu: Tensor) -> None:
        """Count `(batch, latent)` in."""
        mu = mu.double()
        total, squares = mu.sum(dim=0), mu.square().sum(dim=0)
        self.count += len(mu)
        self.total = total if self.total is None else self.total + total
        self.squares = squares if self.squares is None else self.squares + squares

    def active_units(self) -> int:
        """Count the dimensions in which mu varies."""
        if self.total is None or self.squares is None:
            return 0
        variance = self.squares / self.count - (self.total / self.count).square()
        return int((variance >= ACTIVE_VARIANCE).sum())


@dataclass
class Meter:
    """Sums over the steps since the last line of metrics."""

    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    moments: Moments = field(default_factory=Moments)

    def add(self, result: StepResult) -> None:
        """Count one step in; a skipped one would make every mean nan and is left out."""
        if result.skipped:
            return
        terms = result.terms
        self._add("loss", float(terms.loss.detach()))
        self._add("reconstruction", float(terms.reconstruction.detach()))
        self._add("grad_norm", result.grad_norm)
        if terms.kl is not None and terms.mu is not None:
            self._add("kl", float(terms.kl))
            self.moments.add(terms.mu)

    def record(self) -> Record:
        """Return the means, with the KL in bits and the active units."""
        means: Record = {name: total / self.counts[name] for name, total in self.sums.items()}
        if "kl" in means:
            means["kl_bits"] = means["kl"] / log(2)
            means["active_units"] = self.moments.active_units()
        return means

    def to_dict(self) -> Record:
        """Return plain numbers, so that a resumed run writes the same line as one never stopped."""
        lists = {
            name: None if tensor is None else tensor.tolist()
            for name, tensor in (("total", self.moments.total), ("squares", self.moments.squares))
        }
        return {"sums": self.sums, "counts": self.counts, "moments": {"count": self.moments.count, **lists}}

    @classmethod
    def from_dict(cls, values: Record, *, device: torch.device) -> "Meter":
        """Undo `to_dict`."""
        moments = values["moments"]
        tensors = {
            name: None
            if moments[name] is None
            else torch.tensor(moments[name], dtype=torch.float64, device=device)
            for name in ("total", "squares")
        }
        return cls(dict(values["sums"]), dict(values["counts"]), Moments(moments["count"], **tensors))

    def check(self, latent_size: int) -> None:
        """Raise ValueError for what no run leaves: the file that it came from may be anybody's."""
        sums = all(type(total) is float and isfinite(total) for total in self.sums.values())
        counts = all(type(count) is int and 0 < count <= MOST_COUNTED for count in self.counts.values())
        sums = sums and self.sums.keys() <= SUMMED
        moments = self.moments
        tensors = [tensor for tensor in (moments.total, moments.squares) if tensor is not None]
        fits = all(tensor.shape == (latent_size,) and tensor.isfinite().all() for tensor in tensors)
        fits = fits and len(tensors) in (0, 2)
        is_count = type(moments.count) is int and len(tensors) // 2 <= moments.count <= MOST_COUNTED
        if not (sums and counts and fits and is_count and self.sums.keys() == self.counts.keys()):
            raise ValueError("its sums are none of this run")

    def _add(self, name: str, value: float) -> None:
        self.sums[name] = self.sums.get(name, 0.0) + value
        self.counts[name] = self.counts.get(name, 0) + 1


class MetricsFile:
    """One JSON object a line; each has `kind` and `step`."""

    def __init__(self, folder: Path, *, last_step: int) -> None:
        """Open for appending; lines of steps after `last_step` are dropped, and a torn last line too."""
        self._path = folder / METRICS_NAME
        kept = [line for line in _lines(self._path) if _step_of(line) <= last_step]
        write_whole(self._path, "".join(line + "\n" for line in kept).encode())

    def write(self, record: Record) -> None:
        """Append one line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def flush(self) -> None:
        """Force the lines to the disk: a saved state must not be ahead of them."""
        with self._path.open("a", encoding="utf-8") as file:
            os.fsync(file.fileno())

    def last(self, kind: str) -> Record:
        """Return the last line of a kind, nothing when there is none."""
        records = (json.loads(line) for line in reversed(_lines(self._path)))
        return next((record for record in records if record["kind"] == kind), {})


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _step_of(line: str) -> float:
    try:
        record = json.loads(line)
        return float(record["step"]) if isinstance(record["kind"], str) else float("inf")
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):  # no line of ours
        return float("inf")
