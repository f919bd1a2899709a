"""Windows whose own beats or voices change places."""

import numpy as np
import pytest

from seqvae.dataset.rearrange import shuffle_beats, swap_voices

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
    for one, (low, high) in zip(found[30:, :, :2], new[30:], strict=True):
        notes = one[(one >= 3) & (one < 131)] - 3
        assert (notes.min(), notes.max()) == (low, high)
    assert (new[20:30] == [36, 83]).all()
    assert new.dtype == np.uint8


@pytest.mark.parametrize(("voice", "pitch"), [(0, 23), (1, 104)])
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
