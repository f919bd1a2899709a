"""Voices, beats and drum patterns of two windows in one."""

import numpy as np

from seqvae.dataset.augment import mix_beats, mix_sets, mix_voices
from seqvae.dataset.rearrange import shuffle_pitches, shuffle_sets
from seqvae.tokens.trio_decode import ABSENT

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


def shuffled(ids: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Let classes change places, always the same way."""
    return shuffle_sets(ids, share, set_ids=SETS, generator=np.random.default_rng(0))


def test_classes_change_places_whole():
    """What is played at each step is as much as before, and every class is one class of the window, once."""
    ids = patterns()
    before, after = ((part - 1) >> np.arange(9) & 1 for part in (ids, shuffled(ids)))  # (batch, time, 9)
    same = (before[:, :, :, None] == after[:, :, None]).all(axis=1)  # (batch, class, class)

    assert (same.sum(axis=1) == 1).all()  # 32 steps of chance are never alike
    assert (same.sum(axis=2) == 1).all()
    assert 0.05 < same[:, range(9), range(9)].mean() < 0.2  # one in nine stays where it was


def test_a_share_is_shuffled():
    """The others stay as they were, and so does what is no set."""
    ids = patterns()
    ids[3] = 513
    ids[:, 28:] = 0
    before = ids.copy()
    changed = (shuffled(ids, 0.3) != ids).any(axis=(1, 2))

    assert 0.2 < changed.mean() < 0.4
    assert (shuffled(ids, 0.0) == ids).all()
    assert (shuffled(ids)[:, 28:] == 0).all()
    assert (shuffled(ids)[3, :28] == 513).all()
    assert (ids == before).all()


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


PITCHES = (3, 131)


def reordered(ids: np.ndarray, ranges: np.ndarray, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Let pitch classes of the first two voices change places, always the same way."""
    generator = np.random.default_rng(0)
    return shuffle_pitches(ids, ranges, share, ordered_ids=PITCHES, voices=2, generator=generator)


def sung(batch: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw ids of three voices, of any pitch and of none, and the ranges of the first two."""
    ids = np.random.default_rng(3).integers(0, 131, size=(batch, 32, 3))
    sounding = np.where(ids[..., :2] >= 3, ids[..., :2] - 3, -1)
    lowest = np.where(sounding < 0, 127, sounding).min(axis=(1, 2))
    return ids, np.stack([lowest, np.maximum(sounding.max(axis=(1, 2)), 0)], axis=1).astype(np.uint8)


def test_pitch_classes_change_places_whole():
    """Equal classes stay equal and others apart, in all voices alike; most notes stay in their octave."""
    ids, ranges = sung()
    found, _ = reordered(ids, ranges)
    is_note = (ids >= 3) & (np.arange(3) < 2)
    before, after = ids - 3, found - 3
    for own, new, note in zip(before, after, is_note, strict=True):
        pairs = {(int(a) % 12, int(b) % 12) for a, b in zip(own[note], new[note], strict=True)}
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    octaves = (before // 12 - after // 12)[is_note]

    assert (found[~is_note] == ids[~is_note]).all()
    assert ((after[is_note] >= 0) & (after[is_note] < 128)).all()
    assert (octaves[before[is_note] < 120] == 0).all()
    assert set(octaves.tolist()) == {0, 1}
    assert (before % 12 == after % 12)[is_note].mean() < 0.2


def test_reordered_pitches_have_room_when_transposed():
    """All of them lie in the range that comes with them; silence keeps its own, and so do the others."""
    ids, ranges = sung()
    ids[:100] = np.where(ids[:100] >= 3, ids[:100] % 40 + 40, ids[:100])  # not over all octaves
    ranges[:100] = [37, 76]
    ids[:10], ranges[:10] = 1, (127, 0)
    before = ids.copy()
    found, wide = reordered(ids, ranges)
    part, same = reordered(ids, ranges, 0.3)
    is_note = (found >= 3) & (np.arange(3) < 2)
    pitches = np.where(is_note, found - 3, 60)[10:]

    assert (pitches >= np.minimum(wide[10:, :1], 60)[..., None]).all()
    assert (pitches <= np.maximum(wide[10:, 1:], 60)[..., None]).all()
    assert (wide[:10] == [127, 0]).all()
    assert (ids == before).all()
    changed = (part != ids).any(axis=(1, 2))
    assert 0.2 < changed[10:].mean() < 0.4
    drawn = np.random.default_rng(0).random(len(ids)) < 0.3
    assert (same[~drawn] == ranges[~drawn]).all()
    assert (same[drawn & (np.arange(200) >= 10)] != ranges[drawn & (np.arange(200) >= 10)]).any(
        axis=1
    ).mean() > 0.4
    assert (reordered(ids, ranges, 0.0)[0] == ids).all()
