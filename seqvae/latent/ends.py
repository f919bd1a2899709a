"""The inputs of a walk: brought to one length, found in the latent space, measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.latent.bands.base import Clip, Feel, Ids, Written
from seqvae.latent.codec import Drawing, decode_windows, draw, encode_windows, to_device
from seqvae.latent.distance import measure_reconstruction
from seqvae.latent.expression import tempo_profile
from seqvae.latent.inputs import SourceClip, own_score
from seqvae.latent.refining import refine_posterior
from seqvae.latent.report import InputReport
from seqvae.latent.windows import (
    Fit,
    FitRule,
    bar_plan,
    fit_clip,
    join_windows,
    split_windows,
    usual_overlap,
)
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.found import find_in
from seqvae.tokens.meaning import Meaning


@dataclass(frozen=True, slots=True, eq=False)
class PathEnd:
    """One input at the length of the walk."""

    source: SourceClip
    fit: Fit
    clip: Clip  # of path_bars bars
    windows: Ids  # (windows, time, voices), as the encoder hears them
    feel: Feel
    tempi: NDArray[np.float64]  # (path_bars,), microseconds per quarter


class EndPoints(NamedTuple):
    """Where the inputs lie in the latent space."""

    points: Tensor  # (inputs, windows, latent)
    nats: list[tuple[float, float] | None]  # what each input costs before and after refining


def fit_inputs(
    sources: Sequence[SourceClip], rule: FitRule, window_bars: int, overlap_bars: int | None = 0
) -> list[PathEnd]:
    """Bring every input to the length of the longest; overlaps are those of `usual_overlap` where None."""
    lengths = [len(source.clip.bars) for source in sources]
    overlap = usual_overlap(window_bars) if overlap_bars is None else overlap_bars
    fits = [Fit(rule, own_bars, max(lengths), window_bars, overlap) for own_bars in lengths]
    return [_fit_input(source, fit) for source, fit in zip(sources, fits, strict=True)]


def find_points(model: SequenceVAE, ends: Sequence[PathEnd], refine: int = 0) -> EndPoints:
    """Encode every window of every input, and refine its posterior for so many gradient steps."""
    windows = np.stack([end.windows for end in ends])
    size = windows.shape[:2]  # (inputs, windows)
    flat = windows.reshape(-1, *windows.shape[2:])
    posterior = encode_windows(model, flat)
    if not refine:
        return EndPoints(posterior.mu.reshape(*size, -1), [None] * len(ends))
    refined = refine_posterior(model, to_device(model, flat), posterior, refine)
    totals = torch.stack([refined.before, refined.after]).reshape(2, *size).sum(dim=2)  # (2, inputs)
    points = refined.posterior.mu.cpu().reshape(*size, -1)
    return EndPoints(points, [(float(a), float(b)) for a, b in totals.T])


def draw_for(model: SequenceVAE, fit: Fit, temperature: float, generator: torch.Generator) -> Drawing | None:
    """Draw noise bar by bar for the windows of a walk: those that share a bar share its noise."""
    drawing = draw(model, -(-fit.path_bars // fit.window_bars), temperature, generator)
    if drawing is None:
        return None
    by_bar = drawing.noise.reshape(-1, model.config.steps_per_bar, *drawing.noise.shape[2:])
    return drawing._replace(noise=by_bar[fit.window_plan].flatten(1, 2))


def decode_points(
    model: SequenceVAE, points: Tensor, fit: Fit, meaning: Meaning, drawing: Drawing | None = None
) -> list[Ids]:
    """Decode `(clips, windows, latent)` and join the windows of each clip: `(path_bars * 16, voices)`."""
    windows = decode_windows(model, points.flatten(0, 1), drawing)
    by_clip = windows.reshape(len(points), -1, *windows.shape[1:])
    return [join_windows(clip, fit, meaning) for clip in by_clip]


def own_written(end: PathEnd) -> Written:
    """Return the user's own notes of the chosen tracks at the length of the walk."""
    source = end.source
    pairs = enumerate(zip(source.tracks, source.looks, strict=True))
    voices = tuple(voice for voice, (indices, look) in pairs for _ in indices if look is not None)
    return Written(own_score(source, end.fit)[0], end.clip.bars, source.band.nothing_mended, voices)


def report_inputs(model: SequenceVAE, ends: Sequence[PathEnd], found: EndPoints) -> tuple[InputReport, ...]:
    """Let the model give back each input by its own most likely ids, and say how well it does."""
    given_back = decode_points(model, found.points, ends[0].fit, ends[0].source.band.meaning)
    triples = zip(ends, given_back, found.nats, strict=True)
    return tuple(_report_input(end, ids, nats) for end, ids, nats in triples)


def _fit_input(source: SourceClip, fit: Fit) -> PathEnd:
    clip = fit_clip(source.clip, fit, fit.path_bars)
    tempi = tempo_profile(source.score, source.clip.bars)[bar_plan(fit, fit.path_bars)]  # SILENT is the last
    return PathEnd(source, fit, clip, split_windows(source.clip, fit), source.band.feel(clip), tempi)


def _report_input(end: PathEnd, given_back: Ids, nats: tuple[float, float] | None) -> InputReport:
    source = end.source
    own = end.clip.ids[: len(source.clip.ids)]
    taken = [index for indices in source.tracks for index in indices]
    return InputReport(
        label=source.label,
        found=find_in(source.exact, source.clip.bars, taken),
        repairs=source.exact.repairs,
        ignored=source.exact.ignored,
        bars=source.bars,
        encode=source.clip.report,
        fit=end.fit,
        reconstruction=measure_reconstruction(own, given_back[: len(own)], source.band.meaning),
        num_cut=own_score(source, end.fit)[1],
        nats=nats,
    )
