"""Rows of numbers that are too many for memory, sorted into files by a hash: equal hashes meet in one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NUM_PARTS = 64  # files: of 20 million rows of 24 bytes each takes 8 MB
MOST_ROWS = 1 << 14  # in memory before they are written
SUFFIX = ".rows"

Rows = NDArray[np.uint64]


class Spill:
    """Rows `(n, columns)` that are added in some order and read back by parts, in this order each."""

    def __init__(self, folder: Path, name: str, *, columns: int) -> None:
        """Write to new files of this name if there are too many rows."""
        self._paths = [folder / f"{name}-{part:02}{SUFFIX}" for part in range(NUM_PARTS)]
        self._columns = columns
        self._waiting: list[Rows] = []
        self._num_waiting = 0
        self._is_written = False

    def add(self, *columns: NDArray[np.integer]) -> None:
        """Add rows, column by column; the first is the hash, `(n,)` each."""
        rows = np.stack([column.astype(np.uint64) for column in columns], axis=1)
        self._waiting.append(rows)
        self._num_waiting += len(rows)
        if self._num_waiting > MOST_ROWS:
            self._write()

    def parts(self) -> Iterator[Rows]:
        """Yield all rows: those of one hash are together in one part, in the order they came."""
        if not self._is_written:
            yield self._take()
            return
        self._write()
        for path in self._paths:
            if path.exists():
                yield np.fromfile(path, dtype=np.uint64).reshape(-1, self._columns)

    def _take(self) -> Rows:
        none = np.empty((0, self._columns), dtype=np.uint64)
        return np.concatenate([none, *self._waiting])

    def _write(self) -> None:
        rows = self._take()
        self._waiting, self._num_waiting, self._is_written = [], 0, True
        part_of = rows[:, 0] % NUM_PARTS
        order = np.argsort(part_of, kind="stable")
        borders = np.searchsorted(part_of[order], np.arange(NUM_PARTS + 1))
        for part, path in enumerate(self._paths):
            with path.open("ab") as file:
                rows[order[borders[part] : borders[part + 1]]].tofile(file)
