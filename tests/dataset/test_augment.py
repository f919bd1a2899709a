"""Voices, beats and drum patterns of two windows in one."""

import numpy as np
import pytest

from seqvae.dataset.augment import augment, augmentation_of, mix_beats, mix_sets, mix_voices
from seqvae.presets import preset
from seqvae.tokens.trio_decode import ABSENT
from seqvae.training.settings import override

SETS = (1, 513)


def mixed(ids: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Mix, always the same way."""
    return mix_sets(ids, share, set_ids=SETS, generator=np.random.default_rng(0))


def patterns(batch: int = 200) -> np.ndarray:
    """Draw `(batch, 32, 1)` sets."""
    return np.random.default_rng(1).integers(1, 513, size=(batch, 32, 1))


def test_every_class_is_of_one_window_whole():
    """Each class is that of the window or of its neighbour at all steps, in about half of the cases."""
    ids = patterns()
    own, other, found = (part[..., 0] - 1 for part in (ids, np.roll(ids, 1, axis=0), mixed(ids)))
    bits = 1 << np.arange(9)
    is_own, is_other = (((found ^ part)[..., None] & bits == 0).all(axis=1) for part in (own, other))

    assert (is_own | is_other).all()
    assert 0.45 < is_own.mean() < 0.55


def test_a_share_is_mixed():
    """The others stay as they were."""
    ids = patterns()
    changed = (mixed(ids, 0.3) != ids).any(axis=(1, 2))

    assert 0.2 < changed.mean() < 0.4
    assert (mixed(ids, 0.0) == ids).all()


def test_what_is_no_set_is_left_alone():
    """Metres are not mixed, absent voices stay absent, and nothing is overwritten."""
    ids = np.concatenate([patterns(4), patterns(4)], axis=2)
    ids[1, 28:] = 0
    ids[3, :, 1] = 513
    before = ids.copy()
    found = mixed(ids)

    assert (found == before).all()
    assert (ids == before).all()
    both = patterns(2)
    both[:, 28:] = 0
    assert (mixed(both)[:, 28:] == 0).all()
    assert (mixed(both)[:, :28] > 0).all()


def bands(batch: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw `(batch, 32, 3)` ids of which voices are absent here and there, and ranges `(batch, 2)`."""
    generator = np.random.default_rng(2)
    ids = generator.integers(1, 131, size=(batch, 32, 3))
    ids = np.where(generator.random((batch, 1, 3)) < 0.3, ABSENT, ids)
    return ids, np.sort(generator.integers(0, 128, size=(batch, 2), dtype=np.uint8), axis=1)


def band_mixed(ids: np.ndarray, ranges: np.ndarray, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Mix voices, always the same way."""
    return mix_voices(ids, ranges, share, absent_ids=ABSENT, generator=np.random.default_rng(0))


def test_every_voice_is_of_one_window_whole_and_absent_only_in_both():
    """Lone voices become ensembles; where both have a voice it is as often the one as the other."""
    ids, ranges = bands()
    other = np.roll(ids, 1, axis=0)
    found, _ = band_mixed(ids, ranges)
    is_own, is_other = ((found == part).all(axis=1) for part in (ids, other))
    absent, other_absent, found_absent = ((part == ABSENT).any(axis=1) for part in (ids, other, found))
    in_both = ~absent & ~other_absent

    assert (is_own | is_other).all()
    assert np.array_equal(found_absent, absent & other_absent)
    assert 0.4 < is_own[in_both].mean() < 0.6


def test_mixed_windows_have_room_for_both_when_transposed():
    """The range covers that of the window and its neighbour, else a shift would leave the pitches."""
    ids, ranges = bands()
    _, found = band_mixed(ids, ranges)
    both = np.stack([ranges, np.roll(ranges, 1, axis=0)])

    assert np.array_equal(found[:, 0], both[..., 0].min(axis=0))
    assert np.array_equal(found[:, 1], both[..., 1].max(axis=0))


def test_a_share_of_bands_is_mixed_and_none_of_another_metre():
    """The others keep voices and range, and nothing is overwritten."""
    ids, ranges = bands()
    before = ids.copy()
    found, widened = band_mixed(ids, ranges, 0.3)
    changed = (found != ids).any(axis=(1, 2))
    ids[::2, 24:] = 0

    assert 0.15 < changed.mean() < 0.4
    assert (found[~changed] == before[~changed]).all()
    assert 0.2 < (widened != ranges).any(axis=1).mean() < 0.4
    assert (band_mixed(ids, ranges)[0] == ids).all()
    assert (band_mixed(before, ranges, 0.0)[0] == before).all()


def beat_mixed(ids: np.ndarray, ranges: np.ndarray, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Mix beats, always the same way; a window has two bars."""
    generator = np.random.default_rng(0)
    return mix_beats(ids, ranges, share, steps_per_bar=16, absent_ids=ABSENT, generator=generator)


def test_every_beat_is_of_one_window_in_all_bars():
    """What repeats still does; a voice that either lacks is left alone, and the others change together."""
    ids, ranges = bands()
    other = np.roll(ids, 1, axis=0)
    found, widened = beat_mixed(ids, ranges)
    own, theirs, made = (part.reshape(-1, 2, 4, 4, 3) for part in (ids, other, found))  # bars, beats, steps
    is_own, is_other = ((made == part).all(axis=(1, 3)) for part in (own, theirs))  # (batch, beats, voices)
    lacking = ((ids == ABSENT) | (other == ABSENT)).any(axis=1)

    assert (is_own | is_other).all()
    assert is_own.transpose(0, 2, 1)[lacking].all()
    assert 0.4 < is_own.transpose(0, 2, 1)[~lacking].mean() < 0.6
    assert ((is_own | lacking[:, None]).all(axis=2) | (is_other | lacking[:, None]).all(axis=2)).all()
    assert (widened[:, 0] <= np.minimum(ranges[:, 0], np.roll(ranges[:, 0], 1))).all()
    assert (widened[:, 1] >= np.maximum(ranges[:, 1], np.roll(ranges[:, 1], 1))).all()


def test_a_share_has_mixed_beats_and_none_of_another_metre():
    """The others keep beats and range, nothing is overwritten, and models without voices need no absence."""
    ids, ranges = bands()
    before = ids.copy()
    changed = (beat_mixed(ids, ranges, 0.3)[0] != ids).any(axis=(1, 2))
    alone = mix_beats(
        patterns(), ranges, 0.5, steps_per_bar=16, absent_ids=(), generator=np.random.default_rng(0)
    )[0]
    ids[::2, 12:16] = ids[::2, 28:] = 0

    assert 0.15 < changed.mean() < 0.4
    assert 0.3 < (alone != patterns()).any(axis=(1, 2)).mean() < 0.5
    assert (beat_mixed(ids, ranges)[0] == ids).all()
    assert (beat_mixed(before, ranges, 0.0)[0] == before).all()


SHARES = {
    "voice_swapping": [True, True, False],  # the voices that may change
    "beat_shuffling": [True, True, True],
    "voice_mixing": [True, True, True],
    "beat_mixing": [True, True, True],
    "pitch_shuffling": [True, True, False],
    "set_mixing": [False, False, True],
    "set_shuffling": [False, False, True],
}


def trios() -> tuple[np.ndarray, np.ndarray]:
    """Draw melodies of 60 to 83, basses of 36 to 59, and sets, in 16 bars, and the ranges of both."""
    generator = np.random.default_rng(4)
    ids = generator.integers(0, 24, size=(64, 256, 3)) + np.array([63, 39, 1])
    return ids, np.tile(np.array([[36, 83]], dtype=np.uint8), (64, 1))


@pytest.mark.parametrize("name", SHARES)
def test_each_share_of_a_recipe_does_what_its_name_says(name):
    """A recipe with one of them alone changes those voices, about as many windows, and no other way."""
    plain = [f"train.{other}=0" for other in (*SHARES, "transpose_semitones")]
    ids, ranges = trios()
    done = augment(ids, ranges, augmentation_of(override(preset("trio-16bar"), plain)), seed=0, number=3)
    recipe = override(preset("trio-16bar"), [*plain, f"train.{name}=0.9"])
    changed = augment(ids, ranges, augmentation_of(recipe), seed=0, number=3)
    pairs = ((own.ravel(), new.ravel()) for own, new in zip(ids, changed, strict=True))

    assert (done == ids).all()
    assert (changed != ids).any(axis=(0, 1)).tolist() == SHARES[name]
    assert 0.7 < (changed != ids).any(axis=(1, 2)).mean() < 1
    kept = np.mean([np.array_equal(np.sort(own), np.sort(new)) for own, new in pairs])
    assert (kept == 1) == (name == "beat_shuffling")
    lifted = changed[..., 0] - ids[..., 1] == 24
    assert (lifted.all(axis=1).mean() > 0.7) == (name == "voice_swapping")


def test_swapped_voices_have_room_when_transposed():
    """The shift is drawn for the notes as they are then: none is clipped at the ends of the range."""
    ids, _ = trios()
    ids[..., 0] -= 30  # 30 to 53, and 6 to 29 as a bass
    ids[..., 1] += 40  # 76 to 99, and 100 to 123 as a melody
    ranges = np.tile(np.array([[30, 99]], dtype=np.uint8), (64, 1))
    alone = [f"train.{other}=0" for other in SHARES if other != "voice_swapping"]
    recipes = [
        override(preset("trio-16bar"), [*alone, f"train.transpose_semitones={most}"]) for most in (0, 36)
    ]
    still, moved = (augment(ids, ranges, augmentation_of(one), seed=0, number=3) for one in recipes)
    shifts = (moved - still)[..., :2]

    assert (shifts == shifts[:, :1, :1]).all()
    assert len(np.unique(shifts)) > 20
