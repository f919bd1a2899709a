"""Drum patterns of two windows in one."""

import numpy as np

from seqvae.dataset.augment import mix_sets

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
