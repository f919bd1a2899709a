"""Windows whose own beats, voices, classes or pitches change places: music no piece has, of what one has."""

import numpy as np
from numpy.typing import NDArray

PAD_ID = 0
BEATS_PER_BAR = 4  # of a bar of full length, whose steps are a multiple of it; shorter ones have fewer
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


def shuffle_sets(ids: Ids, share: float, *, set_ids: tuple[int, int], generator: np.random.Generator) -> Ids:
    """Let the classes of a share of the windows change places, each window in a way of its own.

    In the last voice of `(batch, time, voices)` an id in the half-open range `set_ids` is a set of classes,
    bit by bit; other steps stay as they are. What was the bass drum's may be a cymbal's: rhythms are learned
    apart from the kit, and kits that no window has.
    """
    low, high = set_ids
    own = ids[..., -1]
    num_classes = (high - low - 1).bit_length()
    chosen = generator.random(len(ids)) < share
    places = generator.permuted(np.tile(np.arange(num_classes), (len(ids), 1)), axis=1)  # (batch, classes)
    is_set = (low <= own) & (own < high)
    held = np.where(is_set, own - low, 0)[..., None] >> np.arange(num_classes) & 1  # (batch, time, classes)
    moved = low + (held << places[:, None]).sum(axis=-1)
    result = ids.copy()
    result[..., -1] = np.where(chosen[:, None] & is_set, moved, own)
    return result


def shuffle_pitches(
    ids: Ids,
    ranges: Ranges,
    share: float,
    *,
    ordered_ids: tuple[int, int],
    voices: int,
    generator: np.random.Generator,
) -> tuple[Ids, Ranges]:
    """Let the pitch classes of a share of the windows change places, each window in a way of its own.

    Ids as `(batch, time, voices)`, of which the first `voices` have the half-open range `ordered_ids` of
    pitches. Notes stay in their octave, but for those that would leave the range and go one down; all voices
    of a window go alike, so that what is in unison or octaves has one pitch class still: rhythms and forms
    are learned apart from scales. Returned beside the ids are lowest and highest pitches, wide enough for any
    order.
    """
    low, high = ordered_ids
    chosen = generator.random(len(ids)) < share
    classes = generator.permuted(np.tile(np.arange(OCTAVE), (len(ids), 1)), axis=1)  # (batch, 12)
    moves = chosen[:, None, None] & (ids >= low) & (ids < high)
    moves[..., voices:] = False
    pitches = np.where(moves, ids - low, 0)
    moved = pitches // OCTAVE * OCTAVE + classes[np.arange(len(ids))[:, None, None], pitches % OCTAVE]
    moved = np.where(moved >= high - low, moved - OCTAVE, moved)
    lowest, highest = (one.astype(np.int64) for one in ranges.T)
    is_sounding = chosen & (lowest <= highest)
    bottom = np.minimum(lowest // OCTAVE * OCTAVE, high - low - OCTAVE)
    top = np.minimum(highest // OCTAVE * OCTAVE + OCTAVE - 1, high - low - 1)
    wide = np.where(is_sounding[:, None], np.stack([bottom, top], axis=1), ranges)
    return np.where(moves, low + moved, ids), wide.astype(np.uint8)
