"""Sentences on the disk while they are prepared, so that memory holds some numbers of each and no text."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.text.settings import SEPARATOR
from seqvae.errors import OutputError

END = b"\0"  # behind each sentence; a line that holds one is no text
CHUNK_BYTES = 1 << 20


class SentenceStore:
    """Sentences in the order they came, gone through as often as needed; the file goes when it is left."""

    def __init__(self, path: Path) -> None:
        """Begin a new file."""
        self._path = path
        self._file = path.open("wb")

    def add(self, sentence: str) -> None:
        """Put a sentence behind the others; OutputError where there is no room."""
        try:
            self._file.write(sentence.encode() + END)
        except OSError as error:
            raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from error

    def place(self) -> int:
        """Return where the next sentence will stand."""
        return self._file.tell()

    def cut(self, place: int) -> None:
        """Take away what stands from a place on."""
        self._file.seek(place)
        self._file.truncate()

    def __iter__(self) -> Iterator[str]:
        self._file.flush()
        with self._path.open("rb") as file:
            rest = b""
            while chunk := file.read(CHUNK_BYTES):
                *whole, rest = (rest + chunk).split(END)
                yield from (sentence.decode() for sentence in whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink()


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some sentences of a store, those of a window each on its own; gone through anew each time."""

    store: SentenceStore
    is_chosen: NDArray[np.bool_]  # (rows,)

    def __iter__(self) -> Iterator[str]:
        for window, is_chosen in zip(self.store, self.is_chosen.tolist(), strict=True):
            if is_chosen:
                yield from window.split(SEPARATOR)
