"""From sums over windows to metrics with confidence intervals, per corpus and together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.accuracy import Counts, Floats, accuracies, ratio
from seqvae.evaluation.bootstrap import interval, resample_sums, sum_by_piece
from seqvae.evaluation.latent import latent_metrics
from seqvae.evaluation.measure import GUESSES, HISTORIES, Measurements

TOGETHER = "together"  # all windows of the split, each step counting alike
CORPUS_MEAN = "corpus_mean"  # each corpus counting alike
NATS_PER_BIT = log(2)
SIZES = (  # counts of what was measured; their mean would say nothing
    "windows",
    "pieces",
    "bound_windows",
    "information_windows",
    "short.windows",
)

Values = dict[str, float]
Intervals = dict[str, tuple[float, float]]
OfSums = Callable[[Counts], dict[str, Floats]]
OfPlaces = Callable[[NDArray[np.bool_]], Values]


@dataclass(frozen=True)
class Metrics:
    """Metrics by group (each corpus, together, and the mean over corpora), then by name."""

    values: Mapping[str, Values]
    intervals: Mapping[str, Intervals]  # 95 %, over pieces drawn anew; not for the latent metrics


def compute_metrics(measurements: Measurements, corpora: Sequence[str], *, seed: int) -> Metrics:
    """Sum up measurements of music; a corpus without windows is left out."""

    def of_places(inside: NDArray[np.bool_]) -> Values:
        return latent_metrics(measurements.mu[inside])

    return compute_groups(measurements, corpora, of_sums=metrics_of_sums, of_places=of_places, seed=seed)


def compute_groups(
    measurements: Measurements,
    corpora: Sequence[str],
    *,
    of_sums: OfSums,
    of_places: OfPlaces,
    seed: int,
) -> Metrics:
    """Compute for each corpus, together and on average what sums of columns tell, and what places do.

    `of_sums` gets an interval over pieces drawn anew, `of_places` sees which windows belong to the group.
    """
    values: dict[str, Values] = {}
    replicates: dict[str, dict[str, Floats]] = {}
    everything = np.ones(len(measurements), dtype=bool)
    places = {TOGETHER: everything} | {name: measurements.corpora == i for i, name in enumerate(corpora)}
    for group, inside in places.items():
        if inside.any():
            point, replicates[group] = _compute_group(measurements, inside, of_sums, seed=seed)
            values[group] = point | of_places(inside) | _sizes(measurements, inside)
    present = [name for name in corpora if name in values]
    values[CORPUS_MEAN] = {
        name: float(np.mean([values[corpus][name] for corpus in present]))
        for name in values[TOGETHER]
        if name not in SIZES
    }
    replicates[CORPUS_MEAN] = {
        name: np.mean([replicates[corpus][name] for corpus in present], axis=0)
        for name in replicates[TOGETHER]
    }
    intervals = {
        group: {name: interval(drawn) for name, drawn in names.items()} for group, names in replicates.items()
    }
    return Metrics(values, intervals)


def metrics_of_sums(sums: Counts) -> dict[str, Floats]:
    """Turn sums with any leading axes into every metric that is a ratio of sums.

    Those of one voice among several have its name in front.
    """
    metrics = _accuracies(sums, "")
    metrics["gap"] = metrics["teacher_forced.accuracy"] - metrics["free_running.accuracy"]
    metrics["gap_at_mu"] = metrics["teacher_forced_at_mu.accuracy"] - metrics["free_running_at_mu.accuracy"]
    metrics |= _costs(sums)
    for voice in voices_among(sums, "due"):
        metrics |= {f"{voice}.{name}": values for name, values in _accuracies(sums, f"{voice}.").items()}
    return metrics


def voices_among(names: Iterable[str], last: str) -> list[str]:
    """List the voices in front of a name, as in `bass.due`."""
    return [name.removesuffix(f".{last}") for name in names if name.endswith(f".{last}")]


def _accuracies(sums: Counts, voice: str) -> dict[str, Floats]:
    """Turn sums into accuracies by history; `voice` is empty, or stands before the names of its counts."""
    metrics: dict[str, Floats] = {}
    totals = _behind(voice, sums)
    for name in (*HISTORIES, *GUESSES):
        hits = _behind(f"{name}.{voice}", sums)
        metrics |= {f"{name}.{metric}": values for metric, values in accuracies(hits, totals).items()}
        if "told" in hits:
            metrics[f"{name}.pitch_when_due"] = ratio(hits["told"], totals["notes"])
    return metrics


def _behind(start: str, sums: Counts) -> Counts:
    """Return the sums whose names begin so, by the rest of their names."""
    return {name.removeprefix(start): values for name, values in sums.items() if name.startswith(start)}


def _costs(sums: Counts) -> dict[str, Floats]:
    """Average nats and bits over windows, and over the steps that are due."""
    windows, due = sums["windows"], sums["due"]
    elbo = -sums["reconstruction_nats"] - sums["kl_nats"]
    bounded = sums["bound_windows"]
    fitted: dict[str, Floats] = {}
    if "fitted_kl_nats" in sums:
        fitted_elbo = -sums["reconstruction_nats"] - sums["fitted_kl_nats"]
        fitted = {
            "fitted_kl_nats": ratio(sums["fitted_kl_nats"], windows),
            "fitted_kl_bits": ratio(sums["fitted_kl_nats"], windows) / NATS_PER_BIT,
            "fitted_elbo_nats": ratio(fitted_elbo, windows),
            "fitted_elbo_bits": ratio(fitted_elbo, windows) / NATS_PER_BIT,
        }
    if "normal_kl_nats" in sums:
        fitted["normal_kl_nats"] = ratio(sums["normal_kl_nats"], windows)
        fitted["normal_kl_bits"] = fitted["normal_kl_nats"] / NATS_PER_BIT
    return fitted | {
        "kl_nats": ratio(sums["kl_nats"], windows),
        "kl_bits": ratio(sums["kl_nats"], windows) / NATS_PER_BIT,
        "reconstruction_nats": ratio(sums["reconstruction_nats"], windows),
        "reconstruction_nats_at_mu": ratio(sums["reconstruction_nats_at_mu"], windows),
        "elbo_nats": ratio(elbo, windows),
        "elbo_bits": ratio(elbo, windows) / NATS_PER_BIT,
        "elbo_nats_per_step": ratio(elbo, due),
        "elbo_bits_per_step": ratio(elbo, due) / NATS_PER_BIT,
        "bound_nats": ratio(sums["bound_nats"], bounded),
        "bound_bits": ratio(sums["bound_nats"], bounded) / NATS_PER_BIT,
        "bound_elbo_nats": ratio(sums["bound_elbo_nats"], bounded),
    }


def _compute_group(
    measurements: Measurements, inside: NDArray[np.bool_], of_sums: OfSums, *, seed: int
) -> tuple[Values, dict[str, Floats]]:
    """Compute the metrics of some windows, and those of `(replicates,)` draws of their pieces."""
    names = list(measurements.columns)
    columns = np.stack([measurements.columns[name][inside] for name in names], axis=1)  # (windows, columns)
    pieces = measurements.pieces[inside]
    drawn = resample_sums(sum_by_piece(columns, pieces), seed=seed)  # (replicates, columns)
    point = of_sums(dict(zip(names, columns.sum(axis=0), strict=True)))
    values = {name: float(value) for name, value in point.items()}
    return values, of_sums(dict(zip(names, drawn.T, strict=True)))


def _sizes(measurements: Measurements, inside: NDArray[np.bool_]) -> Values:
    return {
        "windows": float(inside.sum()),
        "pieces": float(len(np.unique(measurements.pieces[inside]))),
        "bound_windows": float(measurements.columns["bound_windows"][inside].sum()),
    }
