"""Which windows stay: the first of equal ones in a split, and none that another split holds in some key."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.windows import Keys, WindowFacts


class Selection(NamedTuple):
    """What was decided about all windows of all pieces, one after another."""

    kept: NDArray[np.bool_]  # (windows,)
    dropped: dict[str, int]  # by reason


def select_windows(facts: Sequence[WindowFacts], splits: Sequence[str]) -> Selection:
    """Choose among the windows of pieces that lie in `splits`."""
    split_of = np.repeat(np.asarray(splits, dtype="U5"), [len(piece.starts) for piece in facts])
    exact = np.concatenate([piece.exact for piece in facts])
    relative = np.concatenate([piece.relative for piece in facts])
    train, valid, test = (_firsts(exact, split_of == split) for split in ("train", "valid", "test"))
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
