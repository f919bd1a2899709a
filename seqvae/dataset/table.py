"""Rows of numbers, and texts, that are too many for memory: in files without names, gone with their owner.

Flags stay in memory, a bit each.
"""

import os
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from errno import EIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqvae.errors import OutputError

ROWS_AT_ONCE = 1024


@contextmanager
def _writing(folder: Path | None) -> Iterator[None]:
    """Say what is wrong with the disk of temporary files; of a folder that was given others will say it."""
    try:
        yield
    except OSError as error:
        if folder:
            raise
        raise OutputError(
            f"temporary files cannot be written ({error.strerror}); mend this, or set TMPDIR to another place"
        ) from error


class Table:
    """Rows of one dtype, added at the end, read back in any order."""

    def __init__(self, dtype: DTypeLike, folder: Path | None = None) -> None:
        """Begin with no rows, on the disk of this folder or that of the system's temporary files."""
        self.dtype = np.dtype(dtype)
        self._folder = folder
        with _writing(folder):
            self._file = TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115  # it lives as long as the table
        weakref.finalize(self, self._file.close)
        self._num_rows = 0

    def __len__(self) -> int:
        """Count the rows."""
        return self._num_rows

    def add(self, rows: NDArray[Any]) -> None:
        """Put rows `(n,)` behind the others; OSError where the disk is full, OutputError without a folder."""
        content = np.ascontiguousarray(rows, dtype=self.dtype).tobytes()
        with _writing(self._folder):
            while content:
                content = content[self._file.write(content) :]
        self._num_rows += len(rows)

    def between(self, first: int, last: int) -> NDArray[Any]:
        """Return the rows from `first` to before `last`, all of which are there."""
        size = self.dtype.itemsize
        content = b""
        while len(content) < (last - first) * size:  # the system may give less than is asked for
            place = first * size + len(content)
            found = os.pread(self._file.fileno(), last * size - place, place)
            if not found:
                raise OSError(EIO, "a temporary file lost its end")
            content += found
        return np.frombuffer(content, dtype=self.dtype)

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Go through all rows, some thousand at a time."""
        for first in range(0, len(self), ROWS_AT_ONCE):
            yield self.between(first, min(first + ROWS_AT_ONCE, len(self)))


class Texts(Sequence[str]):
    """Texts end to end, such as names of files, also of those that are no text to the system."""

    def __init__(self, texts: Iterable[str] = (), folder: Path | None = None) -> None:
        """Take texts over in their order."""
        self._bytes, self._ends = Table(np.uint8, folder), Table(np.int64, folder)
        self.extend(texts)

    def __len__(self) -> int:
        """Count them."""
        return len(self._ends)

    def extend(self, texts: Iterable[str]) -> None:
        """Put others behind them."""
        waiting: list[bytes] = []
        for text in texts:
            waiting.append(text.encode(errors="surrogateescape"))
            if len(waiting) == ROWS_AT_ONCE:
                self._write(waiting)
                waiting = []
        self._write(waiting)

    def _write(self, texts: Sequence[bytes]) -> None:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._ends.add(len(self._bytes) + np.cumsum(lengths))
        self._bytes.add(np.frombuffer(b"".join(texts), dtype=np.uint8))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Return one, or several."""
        if isinstance(place, slice):
            return [self[inside] for inside in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        (text,) = self._read(number, number + 1)
        return text

    def __iter__(self) -> Iterator[str]:
        """Go through all."""
        return self.between(0, len(self))

    def between(self, first: int, last: int, *, at_once: int | None = None) -> Iterator[str]:
        """Go through those from `first` to before `last`, so many at a time in memory."""
        for start in range(first, last, at_once or ROWS_AT_ONCE):
            yield from self._read(start, min(start + (at_once or ROWS_AT_ONCE), last))

    def _read(self, first: int, last: int) -> list[str]:
        ends = self._ends.between(max(first - 1, 0), last)
        borders = ends.tolist() if first else [0, *ends.tolist()]
        content = self._bytes.between(borders[0], borders[-1]).tobytes()
        texts = (content[a - borders[0] : b - borders[0]] for a, b in pairwise(borders))
        return [text.decode(errors="surrogateescape") for text in texts]


class Bits:
    """A row of flags, eight in a byte of memory."""

    def __init__(self, size: int) -> None:
        """Begin with none set."""
        self._bytes = np.zeros(-(-size // 8), dtype=np.uint8)

    def set(self, places: NDArray[np.integer]) -> None:
        """Set the flags at these places."""
        places = places.astype(np.int64)
        np.bitwise_or.at(self._bytes, places // 8, (128 >> places % 8).astype(np.uint8))

    def between(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return the flags from `first` to before `last`."""
        inside = np.unpackbits(self._bytes[first // 8 : -(-last // 8)])
        return inside[first % 8 :][: last - first].astype(bool)
