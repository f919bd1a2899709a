"""How loud and how far off the step a note would be that was not played: as its neighbours in time.

A melody's silent step is as loud as the nearest note, before it or after. A class of drums that is not hit
is as loud as its nearest hit, or if it is never hit as the nearest hit of any class. It is as early or late
as the nearest hits, of any class, at the same sixteenth of a beat, so that a swung off-beat stays swung.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.tokens.melody_decode import DEFAULT_VELOCITY

Floats = NDArray[np.float64]
STEPS_PER_BEAT = 4


def loudness(velocities: NDArray[Any]) -> Floats:
    """Fill the zeros of `(steps,)` velocities."""
    return nearest(velocities, velocities > 0, default=DEFAULT_VELOCITY)


def loudness_of_classes(velocities: NDArray[Any]) -> Floats:
    """Fill the zeros of `(steps, classes)` velocities."""
    of_any = loudness(velocities.max(axis=1))
    columns = [loudness(column) if column.any() else of_any for column in velocities.T]
    return np.where(velocities > 0, velocities, np.stack(columns, axis=1))


def timing_of_classes(offsets: NDArray[Any], is_hit: NDArray[np.bool_]) -> Floats:
    """Fill the offsets `(steps, classes)` where nothing is hit; 0 where nothing ever is at such a step."""
    num_hits = is_hit.sum(axis=1)
    means = (offsets * is_hit).sum(axis=1) / np.maximum(num_hits, 1)  # (steps,)
    filled = np.zeros(len(offsets))
    for place in range(STEPS_PER_BEAT):
        there = slice(place, None, STEPS_PER_BEAT)
        filled[there] = nearest(means[there], num_hits[there] > 0, default=0)
    return np.where(is_hit, offsets, filled[:, None])


def nearest(values: NDArray[Any], known: NDArray[np.bool_], *, default: float) -> Floats:
    """Give each of `(steps,)` that is not known the nearest known value, of two as near the one before."""
    places = np.flatnonzero(known)
    if not len(places):
        return np.full(len(values), float(default))
    steps = np.arange(len(values))
    after = np.searchsorted(places, steps).clip(max=len(places) - 1)
    before = (after - 1).clip(min=0)
    is_before = np.abs(steps - places[before]) <= np.abs(places[after] - steps)
    return values[places[np.where(is_before & ~known, before, after)]].astype(np.float64)
