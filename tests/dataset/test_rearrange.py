"""Windows whose own beats, voices, classes or pitches change places."""

import numpy as np
import pytest

from seqvae.dataset.rearrange import shuffle_beats, shuffle_pitches, shuffle_sets, swap_voices

PITCHES = (3, 131)


def shuffled(ids: np.ndarray, share: float = 1.0, steps_per_bar: int = 16) -> np.ndarray:
    """Let beats change places, always the same way."""
    return shuffle_beats(ids, share, steps_per_bar=steps_per_bar, generator=np.random.default_rng(0))


def numbered(batch: int = 300) -> np.ndarray:
    """Return two bars in which every step of every voice has an id of its own, `(batch, 32, 3)`."""
    return np.tile(np.arange(1, 97).reshape(32, 3), (batch, 1, 1))


def test_beats_change_places_whole_and_alike_in_all_bars():
    """A beat keeps its steps and a bar its beats, in each voice by an order of its own; all orders come."""
    ids = numbered()
    found = shuffled(ids)
    places = (found - 1) // 3  # the step that each came from
    bars = places.reshape(-1, 2, 4, 4, 3)  # (batch, bars, beats, steps, voices)
    beats = bars[:, :, :, 0] // 4 % 4

    assert ((found - 1) % 3 == np.arange(3)).all()
    assert (bars == bars[:, :, :, :1] + np.arange(4)[:, None]).all()
    assert (bars // 16 == np.arange(2)[:, None, None, None]).all()
    assert (np.sort(beats, axis=2) == np.arange(4)[:, None]).all()
    assert (beats[:, 0] == beats[:, 1]).all()
    assert len({tuple(order) for order in beats[:, 0].transpose(0, 2, 1).reshape(-1, 4).tolist()}) == 24
    assert (beats[:, 0, :, 0] != beats[:, 0, :, 1]).any(axis=1).mean() > 0.9


def test_a_share_is_shuffled_and_no_shorter_bar():
    """The others stay, nothing is overwritten, and what bars have beside four beats does too."""
    ids = numbered()
    before = ids.copy()
    changed = (shuffled(ids, 0.3) != ids).any(axis=(1, 2))

    assert 0.2 < changed.mean() < 0.4
    assert (shuffled(ids, 0.0) == ids).all()
    assert (ids == before).all()
    ids[::2, 28:] = 0
    found = shuffled(ids)
    assert (found[::2] == ids[::2]).all()
    assert (found[1::2] != ids[1::2]).any(axis=(1, 2)).mean() > 0.9
    uneven = before[:, :30]
    longer = shuffled(uneven, steps_per_bar=15).reshape(-1, 2, 15, 3)
    assert (longer[:, :, 12:] == uneven.reshape(-1, 2, 15, 3)[:, :, 12:]).all()
    assert (longer[:, :, :12] != uneven.reshape(-1, 2, 15, 3)[:, :, :12]).any()


def swapped(ids: np.ndarray, ranges: np.ndarray, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Swap, always the same way."""
    return swap_voices(ids, ranges, share, ordered_ids=PITCHES, generator=np.random.default_rng(0))


def bands(batch: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw melodies of 60 to 83 above basses of 36 to 59, holds and rests among them, and drums."""
    generator = np.random.default_rng(1)
    lows = np.array([60, 36, 0])
    ids = generator.integers(0, 24, size=(batch, 32, 3)) + lows + 3
    ids[..., :2] = np.where(generator.random((batch, 32, 2)) < 0.5, generator.integers(1, 3), ids[..., :2])
    ids[:20, :, 0] = 131  # no melody
    ids[20:30, :, :2] = 131
    return ids, np.tile(np.array([[36, 83]], dtype=np.uint8), (batch, 1))


def test_melody_and_bass_change_places():
    """Each goes two octaves; drums, rests and absence go along unchanged, and twice is as it was."""
    ids, ranges = bands()
    found, new = swapped(ids, ranges)
    again, _ = swapped(found, new)
    is_note = (found >= 3) & (found < 131) & (np.arange(3) < 2)

    assert (found[..., 2] == ids[..., 2]).all()
    assert (found[..., 0] - ids[..., 1] == np.where(is_note[..., 0], 24, 0)).all()
    assert (found[..., 1] - ids[..., 0] == np.where(is_note[..., 1], -24, 0)).all()
    assert (found[:20, :, 1] == 131).all()
    assert (again == ids).all()


def test_ranges_are_those_of_the_notes_there_are():
    """So that transposing has as much room as there is; where nothing sounds they stay."""
    ids, ranges = bands()
    found, new = swapped(ids, ranges)
    is_note = (found[..., :2] >= 3) & (found[..., :2] < 131)
    pitches = np.where(is_note, found[..., :2] - 3, -1)[30:]

    assert (new[30:, 0] == np.where(pitches < 0, 127, pitches).min(axis=(1, 2))).all()
    assert (new[30:, 1] == pitches.max(axis=(1, 2))).all()
    assert (new[20:30] == [36, 83]).all()
    assert new.dtype == np.uint8


@pytest.mark.parametrize(("voice", "pitch"), [(0, 23), (1, 104)], ids=["too low", "too high"])
def test_a_share_is_swapped_where_there_is_room(voice, pitch):
    """No note leaves the range of MIDI; nothing is overwritten."""
    ids, ranges = bands()
    before = ids.copy()
    found, new = swapped(ids, ranges, 0.3)
    changed = (found != ids).any(axis=(1, 2))

    assert 0.2 < changed[30:].mean() < 0.4
    assert (new[~changed] == ranges[~changed]).all()
    assert (ids == before).all()
    ids[:, 5, voice] = 3 + pitch
    assert (swapped(ids, ranges)[0] == ids).all()
    ids[:, 5, voice] += 1 if voice == 0 else -1
    assert (swapped(ids, ranges)[0] != ids).any()


SETS = (1, 513)


def patterns(batch: int = 200) -> np.ndarray:
    """Draw `(batch, 32, 1)` sets."""
    return np.random.default_rng(1).integers(1, 513, size=(batch, 32, 1))


def other_classes(ids: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Let classes change places, always the same way."""
    return shuffle_sets(ids, share, set_ids=SETS, generator=np.random.default_rng(0))


def test_classes_change_places_whole():
    """What is played at each step is as much as before, and every class is one class of the window, once."""
    ids = patterns()
    before, after = ((part - 1) >> np.arange(9) & 1 for part in (ids, other_classes(ids)))  # (batch, time, 9)
    same = (before[:, :, :, None] == after[:, :, None]).all(axis=1)  # (batch, class, class)

    assert (same.sum(axis=1) == 1).all()  # 32 steps of chance are never alike
    assert (same.sum(axis=2) == 1).all()
    assert 0.05 < same[:, range(9), range(9)].mean() < 0.2  # one in nine stays where it was


def test_classes_of_a_share_change_places():
    """The others stay as they were, and so does what is no set."""
    ids = patterns()
    ids[3] = 513
    ids[:, 28:] = 0
    before = ids.copy()
    changed = (other_classes(ids, 0.3) != ids).any(axis=(1, 2))

    assert 0.2 < changed.mean() < 0.4
    assert (other_classes(ids, 0.0) == ids).all()
    assert (other_classes(ids)[:, 28:] == 0).all()
    assert (other_classes(ids)[3, :28] == 513).all()
    assert (ids == before).all()


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
