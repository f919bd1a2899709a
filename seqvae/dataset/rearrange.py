"""Windows whose own beats or voices change places: music that no piece has, made of what one has."""

import numpy as np
from numpy.typing import NDArray

PAD_ID = 0
BEATS_PER_BAR = 4  # of a bar of full length, shorter ones have fewer
OCTAVE = 12
BETWEEN_VOICES = 2 * OCTAVE  # how far a voice moves when it becomes another

Ids = NDArray[np.int64]
Ranges = NDArray[np.uint8]


def shuffle_beats(ids: Ids, share: float, *, steps_per_bar: int, generator: np.random.Generator) -> Ids:
    """Let the beats of all bars of a share of the windows change places: `(batch, time, voices)`.

    Each voice of a window goes in a way of its own, the same in all of its bars, so that what repeats still
    does. A note that was held over the end of a beat is held on or stops with what comes. A window stays as
    it is where it has shorter bars.
    """
    batch, time, voices = ids.shape
    chosen = (ids != PAD_ID).all(axis=(1, 2)) & (generator.random(batch) < share)
    orders = generator.permuted(np.tile(np.arange(BEATS_PER_BAR), (batch, voices, 1)), axis=2)
    orders = np.where(chosen[:, None, None], orders, np.arange(BEATS_PER_BAR))
    per_beat = steps_per_bar // BEATS_PER_BAR
    steps = np.tile(np.arange(steps_per_bar), (batch, voices, 1))  # what is over at the end of a bar stays
    inside = np.tile(np.arange(per_beat), BEATS_PER_BAR)
    steps[..., : len(inside)] = orders.repeat(per_beat, axis=2) * per_beat + inside
    bars = ids.reshape(batch, time // steps_per_bar, steps_per_bar, voices)
    return np.take_along_axis(bars, steps.transpose(0, 2, 1)[:, None], axis=2).reshape(ids.shape)


def swap_voices(
    ids: Ids, ranges: Ranges, share: float, *, ordered_ids: tuple[int, int], generator: np.random.Generator
) -> tuple[Ids, Ranges]:
    """Let the first two voices of a share of the windows change places: `(batch, time, voices)`.

    Both have the half-open range `ordered_ids` of pitches. What was the first goes down by two octaves and
    what was the second up: melodies become basses, and the other way round. A window stays as it is where a
    note would leave the range. Returned beside the ids are the lowest and highest pitches of what sounds.
    """
    low, high = ordered_ids
    swapped = ids[..., [1, 0]]
    is_note = (swapped >= low) & (swapped < high)
    moved = np.where(is_note, swapped + np.array([BETWEEN_VOICES, -BETWEEN_VOICES]), swapped)
    fits = ~(is_note & ((moved < low) | (moved >= high))).any(axis=(1, 2))
    chosen = fits & (generator.random(len(ids)) < share)
    result = ids.copy()
    result[..., :2] = np.where(chosen[:, None, None], moved, ids[..., :2])
    lowest = np.where(is_note, moved - low, high).min(axis=(1, 2))
    highest = np.where(is_note, moved - low, -1).max(axis=(1, 2))
    changes = chosen & (lowest <= highest)
    found = np.stack([lowest, highest], axis=1).clip(0, high - low - 1).astype(np.uint8)
    return result, np.where(changes[:, None], found, ranges)
