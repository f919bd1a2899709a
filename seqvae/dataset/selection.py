"""Which windows stay: the first of equal ones in a split, and none that another split holds in some key."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import TEST, TRAIN, VALID
from seqvae.dataset.windows import Keys


class Selection(NamedTuple):
    """What was decided about windows."""

    kept: NDArray[np.bool_]  # (windows,)
    dropped: dict[str, int]  # by reason


def select_windows(relative: Keys, exact: Keys, splits: NDArray[np.int8]) -> Selection:
    """Choose among windows in their order, given the number of each one's split.

    Windows of different relative keys do not touch one another, and may be told apart in several calls.
    """
    train, valid, test = (_firsts(exact, splits == split) for split in (TRAIN, VALID, TEST))
    num_first = sum(int(places.sum()) for places in (train, valid, test))
    valid_clean = valid & ~_known(relative, valid, train)
    test_clean = test & ~_known(relative, test, train | valid_clean)
    return Selection(
        kept=train | valid_clean | test_clean,
        dropped={
            "equal to an earlier window of the split": len(exact) - num_first,
            "valid, but in train in some key": int((valid & ~valid_clean).sum()),
            "test, but in train or valid in some key": int((test & ~test_clean).sum()),
        },
    )


def _firsts(keys: Keys, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the first window of each key among those inside."""
    places = np.flatnonzero(inside)
    _, first = np.unique(keys[places], return_index=True)
    marked = np.zeros(len(keys), dtype=bool)
    marked[places[first]] = True
    return marked


def _known(keys: Keys, inside: NDArray[np.bool_], reference: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark those inside whose key occurs among the reference."""
    return inside & np.isin(keys, keys[reference])
