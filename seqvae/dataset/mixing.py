"""Drum patterns put together from two windows, class by class, so that a model meets more than were played."""

import numpy as np
from numpy.typing import NDArray

PAD_ID = 0


def mix_sets(
    ids: NDArray[np.int64], share: float, *, set_ids: tuple[int, int], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Give a share of the windows some classes of their neighbour in the batch: `(batch, time, voices)`.

    In the last voice an id in the half-open range `set_ids` is a set of classes, bit by bit. For each window that
    is drawn every class is its own or that of the neighbour, with equal chance, from beginning to end. A window
    stays as it is beside one of another metre, or with steps in either that are no sets, such as an absent voice.
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
