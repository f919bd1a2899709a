"""Rows of numbers that are too many for memory, sorted into files by a hash: equal hashes meet in one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIGIT_BITS = 6
NUM_PARTS = 1 << DIGIT_BITS  # files
MOST_ROWS = 1 << 14  # in memory, before they are written and in a part that is read
MOST_DIGITS = 64 // DIGIT_BITS
ROWS_AT_ONCE = 1 << 12  # while a part is parted again
SUFFIX = ".rows"

Rows = NDArray[np.uint64]


class Spill:
    """Rows `(n, columns)` that are added in some order and read back by parts, in this order each.

    The lowest bits of the hash choose the file, and where that is too long still the bits above them another
    one; parts come in order of these digits.
    """

    def __init__(self, folder: Path, name: str, *, columns: int, digit: int = 0) -> None:
        """Write to new files of this name if there are too many rows."""
        self._folder, self._name = folder, name
        self._paths = [folder / f"{name}-{part:02}{SUFFIX}" for part in range(NUM_PARTS)]
        self._columns = columns
        self._digit = digit
        self._waiting: list[Rows] = []
        self._num_waiting = 0
        self._is_written = False

    def add(self, *columns: NDArray[np.integer]) -> None:
        """Add rows, column by column; the first is the hash, `(n,)` each."""
        self._add(np.stack([column.astype(np.uint64) for column in columns], axis=1))

    def parts(self) -> Iterator[Rows]:
        """Yield all rows: those of one hash are together in one part, in the order they came."""
        if not self._is_written:
            yield self._take()
            return
        self._write()
        for path in self._paths:
            num_rows = path.stat().st_size // (8 * self._columns)
            if num_rows <= MOST_ROWS or self._digit == MOST_DIGITS - 1:
                yield self._read(path, 0, num_rows)
            else:
                yield from self._finer(path, num_rows).parts()

    def _add(self, rows: Rows) -> None:
        self._waiting.append(rows)
        self._num_waiting += len(rows)
        if self._num_waiting > MOST_ROWS:
            self._write()

    def _finer(self, path: Path, num_rows: int) -> "Spill":
        """Move the rows of a file into others by the next digit."""
        finer = Spill(self._folder, path.stem, columns=self._columns, digit=self._digit + 1)
        for first in range(0, num_rows, ROWS_AT_ONCE):
            finer._add(self._read(path, first, min(ROWS_AT_ONCE, num_rows - first)))
        path.unlink()
        return finer

    def _read(self, path: Path, first: int, num_rows: int) -> Rows:
        size = 8 * self._columns
        found = np.fromfile(path, dtype=np.uint64, offset=first * size, count=num_rows * self._columns)
        return found.reshape(-1, self._columns)

    def _take(self) -> Rows:
        none = np.empty((0, self._columns), dtype=np.uint64)
        return np.concatenate([none, *self._waiting])

    def _write(self) -> None:
        rows = self._take()
        self._waiting, self._num_waiting, self._is_written = [], 0, True
        part_of = digit_of(rows[:, 0], self._digit)
        order = np.argsort(part_of, kind="stable")
        borders = np.searchsorted(part_of[order], np.arange(NUM_PARTS + 1))
        for part, path in enumerate(self._paths):
            with path.open("ab") as file:  # its own write tells of a full disk, numpy's tofile does not
                file.write(rows[order[borders[part] : borders[part + 1]]].tobytes())


def digit_of(hashes: NDArray[np.uint64], digit: int) -> NDArray[np.uint64]:
    """Return the bits of hashes that choose one of the parts, the lowest first."""
    return hashes >> np.uint64(DIGIT_BITS * digit) & np.uint64(NUM_PARTS - 1)


def in_order_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return hashes by which the parts of a spill come in order of keys: their digits, highest first."""
    hashes = np.zeros_like(keys)
    for digit in range(MOST_DIGITS):
        highest = keys >> np.uint64(64 - DIGIT_BITS * (digit + 1)) & np.uint64(NUM_PARTS - 1)
        hashes |= highest << np.uint64(DIGIT_BITS * digit)
    return hashes
