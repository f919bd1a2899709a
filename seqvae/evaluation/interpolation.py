"""How good the way between two clips is: the curves of Roberts et al. (2018), figure 3, as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.accuracy import ratio
from seqvae.evaluation.ngram import NGramModel

Ids = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PathCurves:
    """Means over pairs, one value for each point of the paths, and what they say."""

    alphas: Floats  # (points,) 0..1
    distance_to_start: Floats  # (points,) share of steps that differ from clip A
    distance_to_end: Floats  # (points,) share of steps that differ from clip B
    cost: Floats  # (points,) nats of a 5-gram model
    relative_cost: Floats  # (points,) cost over the linear mix of the costs of both ends
    stuck_share: float  # of the points between the ends: equal to both neighbours
    monotone_share: float  # of the moves: as far from A as before, or farther
    distances_rise: bool  # the mean distance to A never falls

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }


def describe_paths(paths: Ids, start: Ids, end: Ids, alphas: Floats, judge: NGramModel) -> PathCurves:
    """Describe `(pairs, points, time, voices)` paths between clips A and B, each `(pairs, time, voices)`.

    Costs are of the first voice, and relative to the ends of the paths as they were written.
    """
    to_start = hamming(paths, start[:, None])
    costs = path_costs(paths, judge)
    return PathCurves(
        alphas=alphas,
        distance_to_start=to_start.mean(axis=0),
        distance_to_end=hamming(paths, end[:, None]).mean(axis=0),
        cost=costs.mean(axis=0),
        relative_cost=relative_costs(costs, alphas),
        stuck_share=stuck_share(paths),
        monotone_share=monotone_share(to_start),
        distances_rise=bool((np.diff(to_start.mean(axis=0)) >= 0).all()),
    )


def hamming(paths: Ids, reference: Ids) -> Floats:
    """Return the share of ids that differ, over time and voices: `(..., time, voices)` -> `(...)`."""
    shares: Floats = (paths != reference).mean(axis=(-2, -1), dtype=np.float64)
    return shares


def path_costs(paths: Ids, judge: NGramModel) -> Floats:
    """Return the nats of a 5-gram model for each point of `(pairs, points, time, voices)`."""
    pairs, points, time, _ = paths.shape
    return judge.cost(paths[..., 0].reshape(pairs * points, time)).reshape(pairs, points)


def relative_costs(costs: Floats, alphas: Floats) -> Floats:
    """Divide the mean of `(pairs, points)` costs by that of the linear mix of both ends, -> `(points,)`."""
    mix = (1 - alphas) * costs[:, :1] + alphas * costs[:, -1:]  # (pairs, points)
    return ratio(costs.mean(axis=0), mix.mean(axis=0))


def stuck_share(paths: Ids) -> float:
    """Return how many points between ends that differ equal both neighbours; NaN without any."""
    same = (paths[:, 1:] == paths[:, :-1]).all(axis=(2, 3))  # (pairs, moves)
    ends_differ = (paths[:, 0] != paths[:, -1]).any(axis=(1, 2))
    stuck = (same[:, 1:] & same[:, :-1])[ends_differ]
    return float(stuck.mean()) if stuck.size else float("nan")


def monotone_share(distances: Floats) -> float:
    """Return how many moves along `(pairs, points)` do not come closer again."""
    return float((np.diff(distances, axis=1) >= 0).mean())


def blend_steps(start: Ids, end: Ids, alphas: Floats, generator: np.random.Generator) -> Ids:
    """Take each step from B with probability alpha, the baseline: `(pairs, time, voices)` -> paths of them.

    Every point draws anew; a step takes all its voices from one clip.
    """
    pairs, time, _ = start.shape
    drawn = generator.random((pairs, len(alphas), time, 1))
    return np.where(drawn < alphas[:, None, None], end[:, None], start[:, None])
