"""What stands at a place between inputs: the user's own notes, or what was decoded, played as they are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.latent.bands.base import Feel, Ids, Manner, Told, Written
from seqvae.latent.bounds import Bounds, Decoded
from seqvae.latent.distance import distance
from seqvae.latent.ends import PathEnd, own_written
from seqvae.latent.expression import bars_between, tempi_before, tempo_map_of
from seqvae.latent.paths import Place, Spot
from seqvae.latent.report import StepReport
from seqvae.midi.notes import Score
from seqvae.tokens.drum_decode import end_of


class Step(NamedTuple):
    """One step as music and as ids."""

    score: Score
    ids: Ids  # (path_bars * 16, voices)
    mended: Told
    is_own: bool


class Mixed(NamedTuple):
    """What a step takes from the inputs beside ids."""

    nearest: Sequence[PathEnd]  # those it lies between, the nearest first
    feel: Feel
    tempi: NDArray[np.float64]  # (path_bars,), microseconds per quarter


def own_step(ends: Sequence[PathEnd], index: int, bounds: Bounds) -> Step:
    """Return an input itself; of all but the first with what stays of the first."""
    written = own_written(ends[index])
    kept = bounds.finish(written) if index else written
    return Step(kept.score, ends[index].clip.ids, kept.mended, True)


def mixed_step(mixed: Mixed, decoded: Decoded, bounds: Bounds) -> Step:
    """Turn what was decoded into music in the bars, with the looks and in the manner of the inputs."""
    nearest = mixed.nearest[0].source
    bars = bars_between(decoded.ids, *(end.clip.bars for end in mixed.nearest))
    of_voices = zip(*(end.source.looks for end in mixed.nearest), strict=True)
    looks = [next(filter(None, of_voice), None) for of_voice in of_voices]
    manner = Manner(looks, bars, mixed.feel, tempo_map_of(mixed.tempi, bars))
    kept = bounds.finish(nearest.band.write(decoded.ids, manner), decoded.num_turned)
    return Step(kept.score, decoded.ids, kept.mended, False)


def play_like(end: PathEnd, decoded: Decoded, bounds: Bounds) -> Written:
    """Turn what was decoded into music in the bars, with the looks and in the manner of one input."""
    source, bars = end.source, end.clip.bars
    manner = Manner(source.looks, bars, end.feel, tempi_before(end_of(bars), source.score))
    return bounds.finish(source.band.write(decoded.ids, manner), decoded.num_turned)


def report_step(
    name: str, label: str, place: Place | Spot, step: Step, ends: Sequence[PathEnd]
) -> StepReport:
    """Tell where a step lies and how far from each input."""
    return StepReport(
        name=name,
        label=label,
        place=place,
        is_own=step.is_own,
        num_notes=sum(len(track.notes) for track in step.score.tracks),
        num_bars=ends[0].fit.path_bars,
        tempo=60e6 / step.score.tempi[0].microseconds_per_quarter,
        distances=tuple(distance(end.clip.ids, step.ids, end.source.band.meaning) for end in ends),
        mended=step.mended,
    )
