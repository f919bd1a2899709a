"""Notes as a table of numbers and back, for what is done with all of them at once."""

from collections.abc import Sequence
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.notes import Note

Table = NDArray[np.int64]  # (notes, start end pitch velocity)

ROWS_AT_ONCE = 1 << 14

_new_note = partial(tuple.__new__, Note)  # as Note._make, and several times as fast


def table_of(notes: Sequence[Note]) -> Table:
    """Write notes as rows of numbers."""
    return np.fromiter(chain.from_iterable(notes), np.int64, 4 * len(notes)).reshape(-1, 4)


def notes_of(table: Table) -> tuple[Note, ...]:
    """Read rows of numbers as notes, of many a part at a time: a list of rows takes as much as they do."""
    parts = (table[first : first + ROWS_AT_ONCE].tolist() for first in range(0, len(table), ROWS_AT_ONCE))
    return tuple(map(_new_note, chain.from_iterable(parts)))
