"""Which points of a fine walk become its steps: those that go on, as evenly as can be.

A straight line in z does not sound straight: some stretches change much, some nothing, and now and then a
step is nearer to where the walk began than the one before. So a leg is decoded at more points than it has
steps, and of these are chosen those that turn back least, which is mostly not at all, and then most evenly.
Of equal choices it is the one most even in z, by which loudness and tempo go.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

TURNING_BACK = (
    1000.0  # cost of a distance that turns back by its whole range, beside squares of uneven progress
)


class _Cost(NamedTuple):
    """What a choice costs; the second decides between those that cost the same."""

    of_sound: float
    in_z: float

    def plus(self, of_sound: float, in_z: float = 0) -> "_Cost":
        return _Cost(self.of_sound + of_sound, self.in_z + in_z)


def choose_steps(to_start: Sequence[float], to_end: Sequence[float], num_steps: int) -> list[int]:
    """Return which points of a leg are its steps, first and last among them.

    `to_start` and `to_end` are the distances of every point to the leg's two ends. The first should not fall
    from step to step and the second not rise. A step's progress, to_start / (to_start + to_end), should be
    its share of the way, and so should its place. The choice costs least of all there are.
    """
    points = list(zip(to_start, to_end, strict=True))
    never = _Cost(inf, inf)
    costs, before = [_Cost(0, 0)] + [never] * (len(points) - 1), []
    for step in range(1, num_steps):
        reached, come_from = [never] * len(points), [0] * len(points)
        for here in range(step, len(points)):
            ways = [
                (costs[there].plus(_turning_back(points[there], points[here])), there)
                for there in range(here)
            ]
            cost, come_from[here] = min(ways)
            share, place = step / (num_steps - 1), here / (len(points) - 1)
            reached[here] = cost.plus((_progress(*points[here]) - share) ** 2, (place - share) ** 2)
        costs = reached
        before.append(come_from)
    chosen = [len(points) - 1]
    for come_from in reversed(before):
        chosen.append(come_from[chosen[-1]])
    return chosen[::-1]


def _turning_back(there: tuple[float, float], here: tuple[float, float]) -> float:
    return TURNING_BACK * (max(there[0] - here[0], 0) + max(here[1] - there[1], 0))


def _progress(to_start: float, to_end: float) -> float:
    whole = to_start + to_end
    return to_start / whole if whole else 0.5
