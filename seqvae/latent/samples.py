"""Clips out of nothing but chance: points drawn where music lies in the latent space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from seqvae.errors import ConfigError
from seqvae.latent.bands.base import Band, Told, Written
from seqvae.latent.bounds import Bounds, Decoded
from seqvae.latent.bounds_report import BoundsReport
from seqvae.latent.codec import BATCH_SIZE, Drawing, draw
from seqvae.latent.decoding.chance import generator_for
from seqvae.latent.fitted import LatentDensity
from seqvae.latent.report import align
from seqvae.latent.results import Clips, numbered
from seqvae.latent.songs.wander import Placed, wander
from seqvae.latent.windows import Fit
from seqvae.model.vae import SequenceVAE

MAX_SAMPLES = 10_000
MOST_BARS = 1000  # half an hour of 4/4


@dataclass(frozen=True, kw_only=True)
class SampleReport:
    """One clip drawn at random."""

    name: str
    num_bars: int
    num_notes: int
    pitches: tuple[int, int] | None  # lowest and highest, drums left out
    mended: Told

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        return {
            "name": self.name,
            "num_bars": self.num_bars,
            "num_notes": self.num_notes,
            "pitches": list(self.pitches) if self.pitches else None,
            "mended": self.mended.as_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class SamplesReport:
    """All clips of one draw."""

    settings: Mapping[str, Any]
    samples: tuple[SampleReport, ...]
    bounds: BoundsReport

    def lines(self) -> list[str]:
        """Say it for people: one row a clip."""
        rows = [["file", "bars", "notes", "pitches", ""], *map(_row, self.samples)]
        return [*self.bounds.lines(), *align(rows)]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        samples = [sample.as_dict() for sample in self.samples]
        return {"settings": dict(self.settings), "bounds": self.bounds.as_dict(), "samples": samples}


class Chance(NamedTuple):
    """What is drawn, and how much it decides."""

    temperature: float
    generator: torch.Generator


class Pieces(NamedTuple):
    """How many pieces, how long, and by what chance."""

    number: int
    num_bars: int
    temperature: float
    seed: int


def sample_clips(
    model: SequenceVAE,
    band: Band[Any],
    prior: LatentDensity,
    num_samples: int,
    *,
    chance: Chance,
    bounds: Bounds,
    settings: Mapping[str, Any],
) -> Clips[SamplesReport]:
    """Draw `num_samples` clips of the model's length; the first ones do not depend on how many follow."""
    _check_number(num_samples)
    sizes = [min(BATCH_SIZE, num_samples - done) for done in range(0, num_samples, BATCH_SIZE)]
    drawn = [one for size in sizes for one in _draw_clips(model, prior, size, chance, bounds)]
    clips = [Placed(bounds.finish(band.write(one.ids), one.num_turned), z) for one, z in drawn]
    return _in_order(clips, bounds, settings)


def sample_pieces(
    model: SequenceVAE,
    band: Band[Any],
    prior: LatentDensity,
    wish: Pieces,
    *,
    bounds: Bounds,
    settings: Mapping[str, Any],
) -> Clips[SamplesReport]:
    """Draw pieces of any length, as `songs/wander.py` tells; piece i depends on the seed and i alone."""
    _check_number(wish.number)
    if not 1 <= wish.num_bars <= MOST_BARS:
        raise ConfigError(f"bars is {wish.num_bars}; choose 1 to {MOST_BARS}")
    pieces = [
        wander(
            model,
            band,
            prior,
            wish.num_bars,
            temperature=wish.temperature,
            generator=generator_for(wish.seed, piece),
            bounds=bounds,
        )
        for piece in range(wish.number)
    ]
    return _in_order(pieces, bounds, settings)


def _check_number(num_samples: int) -> None:
    if not 1 <= num_samples <= MAX_SAMPLES:
        raise ConfigError(f"the number of samples is {num_samples}; choose 1 to {MAX_SAMPLES}")


def _in_order(pieces: Sequence[Placed], bounds: Bounds, settings: Mapping[str, Any]) -> Clips[SamplesReport]:
    """Name and describe clips."""
    names = numbered("sample", len(pieces))
    reports = tuple(_report(name, piece.written) for name, piece in zip(names, pieces, strict=True))
    scores, points = tuple(piece.written.score for piece in pieces), tuple(piece.z for piece in pieces)
    told = SamplesReport(settings=settings, samples=reports, bounds=bounds.report)
    return Clips(scores, names, names, told, points)


def _draw_clips(
    model: SequenceVAE, prior: LatentDensity, num_samples: int, chance: Chance, bounds: Bounds
) -> list[tuple[Decoded, Tensor]]:
    """Draw clips of one window, each one's chance in one piece, with its point `(1, latent)`."""
    points, drawings = [], []
    for _ in range(num_samples):
        points.append(prior.sample(1, chance.generator))
        drawings.append(draw(model, 1, chance.temperature, chance.generator))
    noises = [drawing.noise for drawing in drawings if drawing]
    drawing = Drawing(chance.temperature, torch.cat(noises)) if noises else None
    bars = model.config.bars
    decoded = bounds.decode(model, torch.stack(points), Fit("loop", bars, bars, bars), drawing)
    return list(zip(decoded, points, strict=True))


def _report(name: str, clip: Written) -> SampleReport:
    pitches = [note.pitch for track in clip.score.tracks if not track.is_drum for note in track.notes]
    return SampleReport(
        name=name,
        num_bars=len(clip.bars),
        num_notes=sum(len(track.notes) for track in clip.score.tracks),
        pitches=(min(pitches), max(pitches)) if pitches else None,
        mended=clip.mended,
    )


def _row(sample: SampleReport) -> list[str]:
    pitches = "to".join(f" {pitch} " for pitch in sample.pitches or ()).strip()
    notes = ", ".join(sample.mended.lines())
    return [f"{sample.name}.mid", str(sample.num_bars), str(sample.num_notes), pitches, notes]
