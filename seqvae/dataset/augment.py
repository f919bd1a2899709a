"""Windows made into others that might have been played: in another key, with beats or voices of others."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.config import Preset
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.rearrange import (
    BEATS_PER_BAR,
    PAD_ID,
    Ids,
    Ranges,
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
        max_semitones=train.transpose_semitones,
        ordered_ids=model.ordered_ids,
        ordered_voices=model.ordered_voices,
        set_mixing=train.set_mixing,
        set_shuffling=train.set_shuffling,
        set_ids=model.set_ids,
        voice_mixing=train.voice_mixing,
        absent_ids=model.absent_ids,
        beat_mixing=train.beat_mixing,
        steps_per_bar=model.steps_per_bar,
        pitch_shuffling=train.pitch_shuffling,
        beat_shuffling=train.beat_shuffling,
        voice_swapping=train.voice_swapping,
    )


class _Draws(NamedTuple):
    """The random numbers of one batch."""

    seed: int
    number: int

    def of(self, purpose: Purpose) -> np.random.Generator:
        return generator_of(self.seed, purpose, self.number)


def augment(ids: Ids, ranges: Ranges, augmentation: Augmentation, *, seed: int, number: int) -> Ids:
    """Augment one batch `(batch, time, voices)`, whose lowest and highest pitches are `(batch, 2)`."""
    draws = _Draws(seed, number)
    ids, ranges = _with_other_voices(ids, ranges, augmentation, draws)
    ids, ranges = _with_other_beats(ids, ranges, augmentation, draws)
    ids = _with_other_sets(ids, augmentation, draws)
    return _with_other_pitches(ids, ranges, augmentation, draws)


def _with_other_voices(ids: Ids, ranges: Ranges, how: Augmentation, draws: _Draws) -> tuple[Ids, Ranges]:
    if how.voice_swapping:
        generator = draws.of(Purpose.SWAPPED_VOICES)
        ids, ranges = swap_voices(
            ids, ranges, how.voice_swapping, ordered_ids=how.ordered_ids, generator=generator
        )
    if how.voice_mixing:
        generator = draws.of(Purpose.MIXED_VOICES)
        ids, ranges = mix_voices(
            ids, ranges, how.voice_mixing, absent_ids=how.absent_ids, generator=generator
        )
    return ids, ranges


def _with_other_beats(ids: Ids, ranges: Ranges, how: Augmentation, draws: _Draws) -> tuple[Ids, Ranges]:
    steps = how.steps_per_bar
    if how.beat_shuffling:
        generator = draws.of(Purpose.SHUFFLED_BEATS)
        ids = shuffle_beats(ids, how.beat_shuffling, steps_per_bar=steps, generator=generator)
    if how.beat_mixing:
        generator, absent_ids = draws.of(Purpose.MIXED_BEATS), how.absent_ids
        ids, ranges = mix_beats(
            ids, ranges, how.beat_mixing, steps_per_bar=steps, absent_ids=absent_ids, generator=generator
        )
    return ids, ranges


def _with_other_sets(ids: Ids, how: Augmentation, draws: _Draws) -> Ids:
    if how.set_mixing:
        ids = mix_sets(ids, how.set_mixing, set_ids=how.set_ids, generator=draws.of(Purpose.SETS))
    if how.set_shuffling:
        generator = draws.of(Purpose.SHUFFLED_SETS)
        ids = shuffle_sets(ids, how.set_shuffling, set_ids=how.set_ids, generator=generator)
    return ids


def _with_other_pitches(ids: Ids, ranges: Ranges, how: Augmentation, draws: _Draws) -> Ids:
    low, high = how.ordered_ids
    if how.pitch_shuffling:
        generator, share, voices = (
            draws.of(Purpose.SHUFFLED_PITCHES),
            how.pitch_shuffling,
            how.ordered_voices,
        )
        ids, ranges = shuffle_pitches(
            ids, ranges, share, ordered_ids=(low, high), voices=voices, generator=generator
        )
    if low == high or not how.max_semitones:
        return ids
    shifts = draw_shifts(
        ranges.astype(np.int64),
        max_semitones=how.max_semitones,
        num_pitches=high - low,
        generator=draws.of(Purpose.SHIFT),
    )
    moves = (ids >= low) & (ids < high)
    moves[..., how.ordered_voices :] = False
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
    ranges: Ranges,
    share: float,
    *,
    absent_ids: tuple[int, ...],
    generator: np.random.Generator,
) -> tuple[Ids, Ranges]:
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
    ranges: Ranges,
    share: float,
    *,
    steps_per_bar: int,
    absent_ids: tuple[int, ...],
    generator: np.random.Generator,
) -> tuple[Ids, Ranges]:
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


def _widened(ranges: Ranges, chosen: NDArray[np.bool_]) -> Ranges:
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
