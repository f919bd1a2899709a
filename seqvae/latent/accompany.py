"""The missing voices of a trio, written to those that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.bands.base import Told, Written
from seqvae.latent.bounds import Bounds, Wishes, bounds_of
from seqvae.latent.bounds_report import BoundsReport
from seqvae.latent.codec import encode_windows
from seqvae.latent.decoding.chance import generator_for
from seqvae.latent.ends import EndPoints, PathEnd, draw_for, fit_inputs, report_inputs
from seqvae.latent.inputs import SourceClip
from seqvae.latent.report import InputReport, align
from seqvae.latent.results import Clips, numbered
from seqvae.latent.samples import MAX_SAMPLES, Chance
from seqvae.latent.steps import play_like
from seqvae.latent.walk import WalkOptions
from seqvae.midi.resample import at_one_resolution
from seqvae.model.vae import SequenceVAE


@dataclass(frozen=True, kw_only=True)
class AccompanimentReport:
    """One way to fill in what is missing."""

    name: str
    num_notes: Mapping[str, int]  # of each voice
    mended: Told

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        return {"name": self.name, "num_notes": dict(self.num_notes), "mended": self.mended.as_dict()}


@dataclass(frozen=True, kw_only=True)
class AccompanimentsReport:
    """A song and all that was written to it."""

    settings: Mapping[str, Any]
    input: InputReport
    bounds: BoundsReport
    accompaniments: tuple[AccompanimentReport, ...]

    def lines(self) -> list[str]:
        """Say it for people: the input, then one row an accompaniment."""
        voices = list(self.accompaniments[0].num_notes)
        rows = [["file", *(f"{voice} notes" for voice in voices), ""], *map(_row, self.accompaniments)]
        return [*self.input.lines(), *self.bounds.lines(), "", *align(rows)]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        return {
            "settings": dict(self.settings),
            "input": self.input.as_dict(),
            "bounds": self.bounds.as_dict(),
            "accompaniments": [report.as_dict() for report in self.accompaniments],
        }


def accompany_clip(
    model: SequenceVAE,
    source: SourceClip,
    number: int,
    *,
    temperature: float,
    seed: int,
    options: WalkOptions,
    settings: Mapping[str, Any],
) -> Clips[AccompanimentsReport]:
    """Hear the song without the missing voices, and write them step by step beside those that are there.

    z is drawn around the mean of its posterior, the less the colder. Accompaniment i depends on the seed
    and i alone.
    """
    if not 1 <= number <= MAX_SAMPLES:
        raise ConfigError(f"the number of accompaniments is {number}; choose 1 to {MAX_SAMPLES}")
    for name, value in (("keep", options.keep), ("lock_bars", options.lock_bars), ("refine", options.refine)):
        if value:
            raise ConfigError(f"{name} says nothing to accompany: voices that are there stay; leave it out")
    (end,) = ends = fit_inputs([source], options.fit, model.config.bars, options.overlap)
    bounds = _bounds_of(end, model.config.vocab_size, options)
    posterior = encode_windows(model, end.windows)
    names = numbered("accompaniment", number)
    built, points = [], []
    for line in range(number):
        chance = Chance(temperature, generator_for(seed, line))
        noise = torch.randn(posterior.mu.shape, generator=chance.generator)
        z = posterior.sample(min(chance.temperature, 1.0) * noise)  # (windows, latent)
        built.append(_write(model, end, bounds, z, chance))
        points.append(z)
    voices = [voice.name for voice in source.band.meaning.voices]
    pairs = zip(names, built, strict=True)
    found = EndPoints(posterior.mu[None], [None])
    told = AccompanimentsReport(
        settings=settings,
        input=report_inputs(model, ends, found)[0],
        bounds=bounds.report,
        accompaniments=tuple(_report(name, written, voices) for name, written in pairs),
    )
    scores = at_one_resolution([written.score for written in built])
    return Clips(scores, names, names, told, tuple(points))


def _bounds_of(end: PathEnd, vocab_size: int, options: WalkOptions) -> Bounds:
    """Keep the voices that are there throughout, and let the others be there too."""
    source, voices = end.source, end.source.band.meaning.voices
    if any(voice.absent < 0 for voice in voices):
        raise ConfigError("this model has no voices that may be missing; choose one of trios")
    given = tuple(voice.name for voice, tracks in zip(voices, source.tracks, strict=True) if tracks)
    if len(given) == len(voices):
        raise TokenError(
            f"{source.label} has all voices; leave out those to write anew, as with --tracks drums=none"
        )
    missing = tuple(index for index, voice in enumerate(voices) if voice.name not in given)
    return replace(bounds_of([end], vocab_size, Wishes(given, (), options.scale)), present=missing)


def _write(model: SequenceVAE, end: PathEnd, bounds: Bounds, z: Tensor, chance: Chance) -> Written:
    drawing = draw_for(model, end.fit, chance.temperature, chance.generator)
    (decoded,) = bounds.decode(model, z[None], end.fit, drawing)
    return play_like(end, decoded, bounds)


def _report(name: str, written: Written, voices: Sequence[str]) -> AccompanimentReport:
    pairs = list(zip(written.score.tracks, written.voices, strict=True))
    counts = {
        voice: sum(len(track.notes) for track, its_voice in pairs if its_voice == index)
        for index, voice in enumerate(voices)
    }
    return AccompanimentReport(name=name, num_notes=counts, mended=written.mended)


def _row(one: AccompanimentReport) -> list[str]:
    return [f"{one.name}.mid", *map(str, one.num_notes.values()), ", ".join(one.mended.lines())]
