"""Arrays that are written part by part, so that none has to be in memory."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.manifest import ArrayRecord


class ArrayFile:
    """An .npy file whose size is known from the start: the bytes are those that np.save writes."""

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        """Begin the file."""
        self.path = path
        self._dtype = np.dtype(dtype).str
        self._shape = shape
        self.num_rows = 0
        self._digest = sha256()
        self._file = path.open("wb")
        head = BytesIO()
        header = {"descr": self._dtype, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(head, header)
        self._write(head.getvalue())

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows at the end."""
        self.num_rows += len(rows)
        self._write(np.ascontiguousarray(rows, dtype=self._dtype).tobytes())

    @property
    def record(self) -> ArrayRecord:
        """Return what the whole file holds."""
        assert self.num_rows == self._shape[0]
        return ArrayRecord(self._dtype, self._shape, self._digest.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)
