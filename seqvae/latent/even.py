"""Which points of a fine walk become its steps: those that go on, as evenly as can be.

A straight line in z does not sound straight: some stretches change much, some nothing, and now and then a
step is nearer to where the walk began than the one before. So a leg is decoded at more points than it has
steps, and of these are chosen those that turn back least, which is mostly not at all, and then most evenly.
Of equal choices it is the one most even in z, by which loudness and tempo go.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TURNING_BACK = (
    1000.0  # cost of a distance that turns back by its whole range, beside squares of uneven progress
)
FARTHEST = 64  # points from a step to the next: sixteen times as many as if they lay evenly

Numbers = NDArray[np.float64]


class _Costs(NamedTuple):
    """What the best choices up to each point cost; the second decides between those that cost the same."""

    of_sound: Numbers  # (points,)
    in_z: Numbers  # (points,)


def choose_steps(to_start: Sequence[float], to_end: Sequence[float], num_steps: int) -> list[int]:
    """Return which points of a leg are its steps, first and last among them.

    `to_start` and `to_end` are the distances of every point to the leg's two ends. The first should not fall
    from step to step and the second not rise. A step's progress, to_start / (to_start + to_end), should be
    its share of the way, and so should its place. The choice costs least of all whose steps lie at most
    FARTHEST points apart, or so many more as it takes to come to the end.
    """
    start, end = np.array(to_start, dtype=np.float64), np.array(to_end, dtype=np.float64)
    num_points = len(start)
    whole = start + end
    progress = np.divide(start, whole, out=np.full(num_points, 0.5), where=whole != 0)
    places = np.arange(num_points) / max(num_points - 1, 1)
    farthest = min(max(FARTHEST, -(-num_points // max(num_steps - 1, 1))), num_points - 1)
    turns = [_turning_back(start, end, jump) for jump in range(1, farthest + 1)]
    costs = _Costs(np.full(num_points, np.inf), np.full(num_points, np.inf))
    costs.of_sound[0] = costs.in_z[0] = 0.0
    before: list[NDArray[np.int64]] = []
    for step in range(1, num_steps):
        costs, come_from = _go_on(costs, turns)
        share = step / (num_steps - 1)
        costs = _Costs(costs.of_sound + (progress - share) ** 2, costs.in_z + (places - share) ** 2)
        before.append(come_from)
    chosen = [num_points - 1]
    for come_from in reversed(before):
        chosen.append(int(come_from[chosen[-1]]))
    return chosen[::-1]


def _turning_back(start: Numbers, end: Numbers, jump: int) -> Numbers:
    """Return what it costs to come to each point from the one `jump` before: `(points - jump,)`."""
    nearer, farther = start[:-jump] - start[jump:], end[jump:] - end[:-jump]
    return TURNING_BACK * (np.maximum(nearer, 0) + np.maximum(farther, 0))


def _go_on(costs: _Costs, turns: Sequence[Numbers]) -> tuple[_Costs, NDArray[np.int64]]:
    """Come to every point in the cheapest way, of equal ones from the farthest; tell from where."""
    num_points = len(costs.of_sound)
    best = _Costs(np.full(num_points, np.inf), np.full(num_points, np.inf))
    come_from = np.zeros(num_points, dtype=np.int64)
    for jump in range(len(turns), 0, -1):
        of_sound, in_z = costs.of_sound[:-jump] + turns[jump - 1], costs.in_z[:-jump]
        known, known_z = best.of_sound[jump:], best.in_z[jump:]  # views
        is_better = (of_sound < known) | ((of_sound == known) & (in_z < known_z))
        known[is_better], known_z[is_better] = of_sound[is_better], in_z[is_better]
        come_from[jump:][is_better] = np.flatnonzero(is_better)
    return best, come_from
