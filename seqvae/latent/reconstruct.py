"""A clip through the model and back: what the latent space keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from seqvae.latent.bands.base import Told
from seqvae.latent.bounds import bounds_of
from seqvae.latent.bounds_report import BoundsReport
from seqvae.latent.distance import Distance, distance
from seqvae.latent.ends import draw_for, find_points, fit_inputs, report_inputs
from seqvae.latent.inputs import SourceClip, own_score
from seqvae.latent.report import InputReport
from seqvae.latent.results import Clips
from seqvae.latent.steps import play_like
from seqvae.latent.walk import WalkOptions
from seqvae.midi.resample import at_one_resolution
from seqvae.model.vae import SequenceVAE

CLIP_NAMES = ("original", "reconstruction")


@dataclass(frozen=True, kw_only=True)
class ReconstructionReport:
    """One clip and what came back of it."""

    settings: Mapping[str, Any]
    input: InputReport
    distance: Distance
    mended: Told
    bounds: BoundsReport

    def lines(self) -> list[str]:
        """Say it for people."""
        return [*self.input.lines(), *self.bounds.lines(), *(f"  {line}" for line in self.mended.lines())]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        return {
            "settings": dict(self.settings),
            "input": self.input.as_dict(),
            "distance": self.distance._asdict(),
            "bounds": self.bounds.as_dict(),
            "mended": self.mended.as_dict(),
        }


def reconstruct_clip(
    model: SequenceVAE,
    source: SourceClip,
    *,
    temperature: float,
    generator: torch.Generator,
    options: WalkOptions,
    settings: Mapping[str, Any],
) -> Clips[ReconstructionReport]:
    """Return the user's own notes and what the model makes of them, in the same bars, tempo and loudness."""
    (end,) = ends = fit_inputs([source], options.fit, model.config.bars, options.overlap)
    bounds = bounds_of(ends, model.config.vocab_size, options.bound_wishes)
    found = find_points(model, ends, options.refine)
    drawing = draw_for(model, end.fit, temperature, generator)
    (decoded,) = bounds.decode(model, found.points, end.fit, drawing)
    written = play_like(end, decoded, bounds)
    report = ReconstructionReport(
        settings=settings,
        input=report_inputs(model, ends, found)[0],
        distance=distance(end.clip.ids, decoded.ids, source.band.meaning),
        mended=written.mended,
        bounds=bounds.report,
    )
    scores = at_one_resolution([own_score(source, end.fit)[0], written.score])
    return Clips(scores, CLIP_NAMES, CLIP_NAMES, report, (found.points[0],) * len(CLIP_NAMES))
