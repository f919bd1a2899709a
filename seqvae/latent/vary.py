"""Clips like a given clip, at a chosen distance in the latent space."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqvae.errors import ConfigError
from seqvae.latent.around import points_around
from seqvae.latent.bands.base import Told
from seqvae.latent.bounds import Bounds, Decoded, bounds_of
from seqvae.latent.bounds_report import BoundsReport
from seqvae.latent.decoding.chance import generator_for
from seqvae.latent.distance import Distance, distance
from seqvae.latent.ends import PathEnd, draw_for, find_points, fit_inputs, report_inputs
from seqvae.latent.fitted import LatentDensity
from seqvae.latent.inputs import SourceClip
from seqvae.latent.report import InputReport, align
from seqvae.latent.results import Clips, numbered
from seqvae.latent.samples import MAX_SAMPLES
from seqvae.latent.steps import play_like
from seqvae.latent.walk import WalkOptions
from seqvae.midi.notes import Score
from seqvae.model.vae import SequenceVAE


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How many variations, how far away, and by what chance."""

    number: int
    amount: float  # of a right angle between z and its variation
    temperature: float
    seed: int

    def __post_init__(self) -> None:
        """Check the number; the rest is checked where it is used."""
        if not 1 <= self.number <= MAX_SAMPLES:
            raise ConfigError(f"the number of variations is {self.number}; choose 1 to {MAX_SAMPLES}")


@dataclass(frozen=True, kw_only=True)
class VariationReport:
    """One clip like another."""

    name: str
    num_notes: int
    distance: Distance  # to the clip it is like
    mended: Told

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        distances = self.distance._asdict()
        return {
            "name": self.name,
            "num_notes": self.num_notes,
            "distance": distances,
            "mended": self.mended.as_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class VariationsReport:
    """A clip and all that was made of it."""

    settings: Mapping[str, Any]
    input: InputReport
    variations: tuple[VariationReport, ...]
    bounds: BoundsReport

    def lines(self) -> list[str]:
        """Say it for people: the input, then one row a variation."""
        rows = [["file", "notes", f"distance to {self.input.label}", ""], *map(_row, self.variations)]
        return [
            *self.input.lines(),
            *self.bounds.lines(),
            "",
            *align(rows),
            "distance: share of steps / of notes that differ",
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        variations = [report.as_dict() for report in self.variations]
        told = {"settings": dict(self.settings), "input": self.input.as_dict()}
        return told | {"bounds": self.bounds.as_dict(), "variations": variations}


def vary_clip(
    model: SequenceVAE,
    source: SourceClip,
    prior: LatentDensity,
    wish: Wish,
    *,
    options: WalkOptions,
    settings: Mapping[str, Any],
) -> Clips[VariationsReport]:
    """Turn z of every window by the same angle, towards points of the prior; the norms stay.

    Variation i depends on the seed and i alone.
    """
    (end,) = ends = fit_inputs([source], options.fit, model.config.bars, options.overlap)
    bounds = bounds_of(ends, model.config.vocab_size, options.bound_wishes)
    found = find_points(model, ends, options.refine)
    names = numbered("variation", wish.number)
    built, points = [], []
    for line, name in enumerate(names):
        chance = generator_for(wish.seed, line)
        towards = prior.sample(end.fit.num_windows, chance)[None]  # (1, windows, latent)
        drawing = draw_for(model, end.fit, wish.temperature, chance)
        z = points_around(found.points, towards, wish.amount)
        (decoded,) = bounds.decode(model, z, end.fit, drawing)
        built.append(_build(end, name, decoded, bounds))
        points.append(z[0])
    reports = tuple(report for _, report in built)
    told = VariationsReport(
        settings=settings,
        input=report_inputs(model, ends, found)[0],
        variations=reports,
        bounds=bounds.report,
    )
    return Clips(tuple(score for score, _ in built), names, names, told, tuple(points))


def _build(end: PathEnd, name: str, decoded: Decoded, bounds: Bounds) -> tuple[Score, VariationReport]:
    written = play_like(end, decoded, bounds)
    report = VariationReport(
        name=name,
        num_notes=sum(len(track.notes) for track in written.score.tracks),
        distance=distance(end.clip.ids, decoded.ids, end.source.band.meaning),
        mended=written.mended,
    )
    return written.score, report


def _row(one: VariationReport) -> list[str]:
    apart = f"{one.distance.steps:.3f} / {one.distance.onsets:.3f}"
    return [f"{one.name}.mid", str(one.num_notes), apart, ", ".join(one.mended.lines())]
