"""Windows made into others that might have been played: in another key, with beats or voices of others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqvae.config import Preset
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.rearrange import (
    BEATS_PER_BAR,
    PAD_ID,
    Ids,
    shuffle_beats,
    shuffle_pitches,
    shuffle_sets,
    swap_voices,
)


@dataclass(frozen=True)
class Augmentation:
    """How far the windows of a batch may be from what was written."""

    max_semitones: int = 0  # each window is moved by up to so many
    ordered_ids: tuple[int, int] = (0, 0)  # half-open range of ids that are pitches
    ordered_voices: int = 16  # the voices that have pitches, the first ones
    set_mixing: float = 0.0  # share of windows that get some classes of their neighbour
    set_shuffling: float = 0.0  # share of windows whose classes change places
    set_ids: tuple[int, int] = (0, 0)  # half-open range of ids of the last voice that are sets, bit by bit
    voice_mixing: float = 0.0  # share of windows that get some voices of their neighbour
    absent_ids: tuple[int, ...] = ()  # of each voice, where voices can be absent
    beat_mixing: float = 0.0  # share of windows that get some beats of every bar from their neighbour
    steps_per_bar: int = 16
    pitch_shuffling: float = 0.0  # share of windows whose pitch classes change places
    beat_shuffling: float = 0.0  # share of windows the beats of whose bars change places
    voice_swapping: float = 0.0  # share of windows whose first two voices change places


AS_WRITTEN = Augmentation()


def augmentation_of(preset: Preset) -> Augmentation:
    """Return what a recipe does to its windows."""
    model, train = preset.model, preset.train
    return Augmentation(
        train.transpose_semitones,
        model.ordered_ids,
        model.ordered_voices,
        train.set_mixing,
        train.set_shuffling,
        model.set_ids,
        train.voice_mixing,
        model.absent_ids,
        train.beat_mixing,
        model.steps_per_bar,
        train.pitch_shuffling,
        train.beat_shuffling,
        train.voice_swapping,
    )


def augment(
    ids: Ids, ranges: NDArray[np.uint8], augmentation: Augmentation, *, seed: int, number: int
) -> Ids:
    """Augment one batch `(batch, time, voices)`, whose lowest and highest pitches are `(batch, 2)`."""
    if augmentation.voice_swapping:
        generator = generator_of(seed, Purpose.SWAPPED_VOICES, number)
        share, ordered_ids = augmentation.voice_swapping, augmentation.ordered_ids
        ids, ranges = swap_voices(ids, ranges, share, ordered_ids=ordered_ids, generator=generator)
    if augmentation.voice_mixing:
        generator = generator_of(seed, Purpose.MIXED_VOICES, number)
        share, absent_ids = augmentation.voice_mixing, augmentation.absent_ids
        ids, ranges = mix_voices(ids, ranges, share, absent_ids=absent_ids, generator=generator)
    if augmentation.beat_shuffling:
        generator = generator_of(seed, Purpose.SHUFFLED_BEATS, number)
        share, steps = augmentation.beat_shuffling, augmentation.steps_per_bar
        ids = shuffle_beats(ids, share, steps_per_bar=steps, generator=generator)
    if augmentation.beat_mixing:
        generator = generator_of(seed, Purpose.MIXED_BEATS, number)
        share, steps, absent_ids = (
            augmentation.beat_mixing,
            augmentation.steps_per_bar,
            augmentation.absent_ids,
        )
        ids, ranges = mix_beats(
            ids, ranges, share, steps_per_bar=steps, absent_ids=absent_ids, generator=generator
        )
    if augmentation.set_mixing:
        generator = generator_of(seed, Purpose.SETS, number)
        ids = mix_sets(ids, augmentation.set_mixing, set_ids=augmentation.set_ids, generator=generator)
    if augmentation.set_shuffling:
        generator = generator_of(seed, Purpose.SHUFFLED_SETS, number)
        ids = shuffle_sets(ids, augmentation.set_shuffling, set_ids=augmentation.set_ids, generator=generator)
    low, high = augmentation.ordered_ids
    if augmentation.pitch_shuffling:
        generator = generator_of(seed, Purpose.SHUFFLED_PITCHES, number)
        share, voices = augmentation.pitch_shuffling, augmentation.ordered_voices
        ids, ranges = shuffle_pitches(
            ids, ranges, share, ordered_ids=(low, high), voices=voices, generator=generator
        )
    if low == high or not augmentation.max_semitones:
        return ids
    shifts = draw_shifts(
        ranges.astype(np.int64),
        max_semitones=augmentation.max_semitones,
        num_pitches=high - low,
        generator=generator_of(seed, Purpose.SHIFT, number),
    )
    moves = (ids >= low) & (ids < high)
    moves[..., augmentation.ordered_voices :] = False
    return np.where(moves, np.clip(ids + shifts[:, None, None], low, high - 1), ids)  # ranges may be foreign


def draw_shifts(ranges: Ids, *, max_semitones: int, num_pitches: int, generator: np.random.Generator) -> Ids:
    """Draw a shift for each window, `(windows, 2)` lowest and highest pitch -> `(windows,)`.

    Every shift that keeps all notes within 0 to num_pitches - 1 is as likely as any other.
    """
    low = np.maximum(-ranges[:, 0], -max_semitones)
    high = np.minimum(num_pitches - 1 - ranges[:, 1], max_semitones)
    return generator.integers(low, high, endpoint=True)


def mix_voices(
    ids: Ids,
    ranges: NDArray[np.uint8],
    share: float,
    *,
    absent_ids: tuple[int, ...],
    generator: np.random.Generator,
) -> tuple[Ids, NDArray[np.uint8]]:
    """Give a share of the windows some voices of their neighbour in the batch: `(batch, time, voices)`.

    For each window that is drawn every voice is its own or that of the neighbour, with equal chance, but of
    two of which one is absent it is the other: lone voices become an ensemble. A window stays as it is beside
    one whose bars are of another length. Returned beside the ids are lowest and highest pitches, of both.
    """
    other = np.roll(ids, 1, axis=0)
    fits = ((ids == PAD_ID) == (other == PAD_ID)).all(axis=(1, 2))
    chosen = fits & (generator.random(len(ids)) < share)
    is_absent = (ids == np.array(absent_ids)).any(axis=1)  # (batch, voices)
    is_other_absent = np.roll(is_absent, 1, axis=0)
    takes = generator.random(is_absent.shape) < 0.5
    takes = np.where(is_absent != is_other_absent, is_absent, takes) & chosen[:, None]
    return np.where(takes[:, None], other, ids), _widened(ranges, chosen)


def mix_beats(
    ids: Ids,
    ranges: NDArray[np.uint8],
    share: float,
    *,
    steps_per_bar: int,
    absent_ids: tuple[int, ...],
    generator: np.random.Generator,
) -> tuple[Ids, NDArray[np.uint8]]:
    """Give a share of the windows some beats of their neighbour in the batch: `(batch, time, voices)`.

    For each window that is drawn every beat of the bar is its own or that of the neighbour, with equal chance
    and the same in all of its bars, so that what repeats still does, in bars that no window has. A note that
    was held over the end of a beat is held on or stops with what comes. A window stays as it is beside one
    whose bars are of another length, and a voice where either is absent. Returned beside the ids are the
    lowest and highest pitches, those of both.
    """
    other = np.roll(ids, 1, axis=0)
    fits = ((ids == PAD_ID) == (other == PAD_ID)).all(axis=(1, 2))
    chosen = fits & (generator.random(len(ids)) < share)
    absences = np.array(absent_ids) if absent_ids else np.full(ids.shape[2], -1)
    is_absent = (ids == absences).any(axis=1)  # (batch, voices)
    can_change = chosen[:, None] & ~is_absent & ~np.roll(is_absent, 1, axis=0)
    takes = generator.random((len(ids), BEATS_PER_BAR)) < 0.5
    beats = np.arange(ids.shape[1]) % steps_per_bar * BEATS_PER_BAR // steps_per_bar  # (time,)
    changes = takes[:, beats, None] & can_change[:, None]  # (batch, time, voices)
    return np.where(changes, other, ids), _widened(ranges, chosen)


def _widened(ranges: NDArray[np.uint8], chosen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return lowest and highest pitches, `(batch, 2)`, of the chosen windows those of the neighbour too."""
    lows, highs = ranges.T
    both = [np.minimum(lows, np.roll(lows, 1)), np.maximum(highs, np.roll(highs, 1))]
    return np.where(chosen[:, None], np.stack(both, axis=1), ranges)


def mix_sets(ids: Ids, share: float, *, set_ids: tuple[int, int], generator: np.random.Generator) -> Ids:
    """Give a share of the windows some classes of their neighbour in the batch: `(batch, time, voices)`.

    In the last voice an id in the half-open range `set_ids` is a set of classes, bit by bit. For each window
    that is drawn every class is its own or that of the neighbour, with equal chance, from beginning to end.
    A window stays as it is beside one whose bars are of another length, and where either has steps that are
    no sets, such as those of an absent voice.
    """
    low, high = set_ids
    own = ids[..., -1]
    other = np.roll(own, 1, axis=0)
    is_set, is_other_set = ((low <= part) & (part < high) for part in (own, other))
    fits = ((is_set & is_other_set) | ((own == PAD_ID) & (other == PAD_ID))).all(axis=1)
    chosen = fits & (generator.random(len(ids)) < share)
    kept = generator.integers(high - low, size=len(ids))[:, None]  # a bit for each class
    mixed = low + (((own - low) & kept) | ((other - low) & ~kept))
    result = ids.copy()
    result[..., -1] = np.where(chosen[:, None] & is_set, mixed, own)
    return result
