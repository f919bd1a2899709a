"""The way through candidates that reads best: one for each step, in order of where they lie."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

DETOUR_PRICE = 2.0  # nats per id, for a way over the candidate that is twice the direct one
PLACE_PRICE = 3.0  # nats per id, for a candidate that lies a whole leg from where the step stands
REPEAT_PRICE = 2.0  # nats per id, for the candidate of the step before


class Candidate(NamedTuple):
    """What is known of a sentence between two others."""

    place: float  # 0..1: its distance to the first end, of the sum of both distances
    detour: float  # 0 and more: how much longer the way between the ends is over it
    fluency: float  # nats per id that a language model gives it


def choose_way(candidates: Sequence[Candidate], targets: Sequence[float]) -> list[int]:
    """Return the candidate of each step, whose places on the leg are `targets`, by dynamic programming.

    The sum of fluencies less the prices above is the largest there is among ways that never turn back.
    """
    order = sorted(range(len(candidates)), key=lambda index: candidates[index])
    if not (order and targets):
        return []
    worth = [_worth(candidates[index], targets[0]) for index in order]
    came_from: list[list[int]] = []
    for target in targets[1:]:
        sums, before = [], []
        best, best_place = -inf, 0
        for place, index in enumerate(order):
            stays = worth[place] - REPEAT_PRICE
            sums.append(max(best, stays) + _worth(candidates[index], target))
            before.append(best_place if best >= stays else place)
            if worth[place] > best:
                best, best_place = worth[place], place
        worth = sums
        came_from.append(before)
    place = max(range(len(order)), key=worth.__getitem__)
    way = [place]
    for before in reversed(came_from):
        way.append(before[way[-1]])
    return [order[place] for place in reversed(way)]


def _worth(candidate: Candidate, target: float) -> float:
    away = abs(candidate.place - target)
    return candidate.fluency - DETOUR_PRICE * candidate.detour - PLACE_PRICE * away
