"""Which windows stay: the first of equal ones in a split, and none that another split holds in some key.

Of windows that are for training alone none takes the place of another: those stay that train does not have
and no other split holds in some key.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import TEST, TRAIN, VALID
from seqvae.dataset.windows import Keys

ELSEWHERE = "of one voice or with another track as melody, and not in train"
HELD_OUT = "of one voice or with another track as melody, but in valid or test in some key"


class Selection(NamedTuple):
    """What was decided about windows."""

    kept: NDArray[np.bool_]  # (windows,)
    dropped: dict[str, int]  # by reason


def select_windows(
    relative: Keys, exact: Keys, splits: NDArray[np.int8], for_training: NDArray[np.bool_]
) -> Selection:
    """Choose among windows in their order, given the number of each one's split.

    Windows of different relative keys do not touch one another, and may be told apart in several calls.
    """
    train, valid, test, more = (
        _firsts(exact, (splits == split) & (for_training == is_more))
        for split, is_more in ((TRAIN, False), (VALID, False), (TEST, False), (TRAIN, True))
    )
    valid_clean = valid & ~_known(relative, valid, train)
    test_clean = test & ~_known(relative, test, train | valid_clean)
    more_new = more & ~_known(exact, more, train)
    more_clean = more_new & ~_known(relative, more_new, valid_clean | test_clean)
    firsts = train | valid | test | more_new
    elsewhere = for_training & (splits != TRAIN)
    dropped = {
        "equal to an earlier window of the split": int((~firsts & ~elsewhere).sum()),
        "valid, but in train in some key": int((valid & ~valid_clean).sum()),
        "test, but in train or valid in some key": int((test & ~test_clean).sum()),
    }
    of_more = {ELSEWHERE: int(elsewhere.sum()), HELD_OUT: int((more_new & ~more_clean).sum())}
    return Selection(
        kept=train | valid_clean | test_clean | more_clean,
        dropped=dropped | {reason: number for reason, number in of_more.items() if number},
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
