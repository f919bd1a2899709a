"""What a walk or a reconstruction did to its inputs and where its steps lie, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqvae.latent.bands.base import Told
from seqvae.latent.bounds_report import BoundsReport
from seqvae.latent.distance import Distance, Reconstruction
from seqvae.latent.paths import Place, Spot
from seqvae.latent.refining import BETA
from seqvae.latent.songs.bars import BarsTaken
from seqvae.latent.windows import Fit
from seqvae.midi.counts import count_of, plain
from seqvae.tokens.found import Found


@dataclass(frozen=True, kw_only=True)
class InputReport:
    """One input: what was taken from it, what it lost, how well the model knows it."""

    label: str
    found: Found
    repairs: Mapping[str, int]
    ignored: Mapping[str, int]  # events that a Score has no place for
    bars: BarsTaken
    encode: Told
    fit: Fit
    reconstruction: Reconstruction
    num_cut: int  # notes cut at a bar line in the untouched copy
    nats: tuple[float, float] | None = None  # what the whole clip costs before and after refining

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line, the name first."""
        facts = [*self.bars.lines(), *self.encode.lines(), *self.found.lines()]
        facts += [
            f"mended while reading: {count_of(count, reason)}" for reason, count in self.repairs.items()
        ]
        facts += [f"ignored: {count_of(count, kind)}" for kind, count in self.ignored.items()]
        facts += self.fit.lines()
        if self.num_cut:
            verb = "ends" if self.num_cut == 1 else "end"
            facts.append(f"{self.num_cut} of the own notes {verb} early, at a bar line")
        if self.nats:
            before, after = self.nats
            facts.append(f"refined: {before:.1f} nats, {BETA:g} times the KL among them, became {after:.1f}")
        facts += self.reconstruction.lines()
        return [self.label, *(f"  {fact}" for fact in facts)]

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        refined = {"nats_before": self.nats[0], "nats_after": self.nats[1]} if self.nats else None
        return {
            "label": self.label,
            "bars": self.bars.as_dict(),
            **self.found.as_dict(),
            "repairs": dict(self.repairs),
            "ignored": dict(self.ignored),
            "encode": self.encode.as_dict(),
            "fit": self.fit.as_dict(),
            "notes_cut_at_bar_lines": self.num_cut,
            "refine": refined,
            "reconstruction": self.reconstruction.as_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """One step of a walk, or cell of a grid."""

    name: str  # of its file
    label: str
    place: Place | Spot
    is_own: bool  # the user's own notes, not the model's
    num_notes: int
    num_bars: int
    tempo: float  # quarters per minute, at the start
    distances: tuple[Distance, ...]  # to each input
    mended: Told

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        return {
            "name": self.name,
            "label": self.label,
            **self.place._asdict(),
            "is_own": self.is_own,
            "num_notes": self.num_notes,
            "num_bars": self.num_bars,
            "quarters_per_minute": self.tempo,
            "distances": [distance._asdict() for distance in self.distances],
            "mended": self.mended.as_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class WalkReport:
    """A whole walk or grid: settings, inputs, steps."""

    settings: Mapping[str, Any]  # model, seed and all options
    inputs: tuple[InputReport, ...]
    steps: tuple[StepReport, ...]
    bounds: BoundsReport = field(default_factory=BoundsReport)

    def lines(self) -> list[str]:
        """Say it for people: the inputs, then a table of the steps."""
        told = [line for report in self.inputs for line in report.lines()]
        labels = [report.label for report in self.inputs]
        head = ["file", "notes", "tempo", *(f"distance to {label}" for label in labels), ""]
        rows = [_row(step) for step in self.steps]
        told += self.bounds.lines()
        return [*told, "", *align([head, *rows]), "distance: share of steps / of notes that differ"]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        return {
            "settings": dict(self.settings),
            "inputs": [report.as_dict() for report in self.inputs],
            "bounds": self.bounds.as_dict(),
            "steps": [report.as_dict() for report in self.steps],
        }


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out rows of cells in columns, one line each."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]


def _row(step: StepReport) -> list[str]:
    apart = [f"{one.steps:.3f} / {one.onsets:.3f}" for one in step.distances]
    note = ", ".join([*["own notes"] * step.is_own, *step.mended.lines()])
    return [f"{step.name}.mid", str(step.num_notes), plain(step.tempo), *apart, note]
