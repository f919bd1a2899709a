"""A folder of shards, opened: memory-mapped ids and the windows over them."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import Manifest
from seqvae.dataset.windows import Ids, cut
from seqvae.errors import DataError, SeqvaeError

MANIFEST_NAME = "manifest.json"
REPORT_NAME = "report.json"
REMEDY = "prepare the corpus again"
MAX_MANIFEST_BYTES = 1 << 30
ARRAY_DTYPES = {"ids": "<i2", "windows": "<i8", "pieces": "<i4", "range": "|u1"}


def array_name(split: str, kind: str) -> str:
    """Return the file name of one array, for example `train.ids.npy`."""
    return f"{split}.{kind}.npy"


@dataclass(frozen=True, eq=False)
class WindowSet:
    """The windows of one split; n windows of `length` steps."""

    ids: Ids  # (total_steps, voices), memory-mapped
    starts: NDArray[np.int64]  # (n,)
    pieces: NDArray[np.int32]  # (n,) index into the manifest's pieces
    ranges: NDArray[np.uint8]  # (n, 2) lowest and highest pitch; (127, 0) where no note starts
    length: int
    corpora: tuple[str, ...]
    corpus_indices: NDArray[np.int32]  # (n,) index into corpora

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def window(self, index: int) -> Ids:
        """Return the ids of one window, `(length, voices)`."""
        start = int(self.starts[index])
        return np.array(self.ids[start : start + self.length])

    def windows(self, indices: NDArray[np.int64]) -> Ids:
        """Return the ids of several windows, `(windows, length, voices)`."""
        return cut(self.ids, self.starts[indices], self.length)


@dataclass(frozen=True)
class Shards:
    """A prepared corpus on disk."""

    folder: Path
    manifest: Manifest

    def split(self, name: str) -> WindowSet:
        """Open train, valid or test; DataError when its arrays do not fit the manifest or one another."""
        if name not in SPLITS:
            raise DataError(f"no split {name!r}; choose from {', '.join(SPLITS)}")
        ids, starts, pieces, ranges = (self._array(name, kind) for kind in ARRAY_DTYPES)
        length, manifest = self.manifest.steps_per_window, self.manifest
        fits = (
            ids.ndim == 2
            and ids.shape[1] == manifest.voices
            and starts.shape == pieces.shape == (manifest.num_windows(name),)
            and ranges.shape == (len(starts), 2)
            and _within(starts, len(ids) - length)
            and _within(pieces, len(manifest.pieces) - 1)
        )
        if not fits:
            raise DataError(f"{self.folder}: the arrays of {name} contradict one another; {REMEDY}")
        places = {corpus: place for place, corpus in enumerate(manifest.corpora)}
        corpus_of = np.array([places[piece.corpus] for piece in manifest.pieces], dtype=np.int32)
        return WindowSet(ids, starts, pieces, ranges, length, manifest.corpora, corpus_of[pieces])

    def verify(self) -> None:
        """Read every array and compare it with its sha256; DataError names the first that differs."""
        for name, record in self.manifest.arrays.items():
            if sha256((self.folder / name).read_bytes()).hexdigest() != record.sha256:
                raise DataError(f"{self.folder / name}: the content is not what was prepared; {REMEDY}")

    def _array(self, split: str, kind: str) -> NDArray[Any]:
        name = array_name(split, kind)
        path = self.folder / name
        try:
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"{path}: cannot be read ({error}); {REMEDY}") from error
        record = self.manifest.arrays[name]
        if array.dtype.str != ARRAY_DTYPES[kind] or array.shape != record.shape:
            found = f"{array.dtype.str} {array.shape}"
            raise DataError(f"{path}: holds {found}, expected {record.dtype} {record.shape}; {REMEDY}")
        return array


def open_shards(folder: str | Path) -> Shards:
    """Open what `seqvae prepare` wrote; DataError says what is missing or broken."""
    folder = Path(folder)
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise DataError(f"{folder}: no shards, {MANIFEST_NAME} is missing; make them with seqvae prepare")
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise DataError(f"larger than {MAX_MANIFEST_BYTES} bytes")
        manifest = Manifest.from_json(path.read_text(encoding="utf-8"))
        _check(manifest)
    except (SeqvaeError, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    return Shards(folder, manifest)


def _check(manifest: Manifest) -> None:
    expected = {array_name(split, kind) for split in SPLITS for kind in ARRAY_DTYPES}
    if set(manifest.arrays) != expected:
        raise DataError("the list of arrays is not complete")
    if set(manifest.counts) != set(SPLITS):
        raise DataError(f"the counts are not those of {', '.join(SPLITS)}")
    unknown = {piece.corpus for piece in manifest.pieces} - set(manifest.corpora)
    if unknown:
        raise DataError(f"a piece is of the unknown corpus {min(unknown)!r}")


def _within(values: NDArray[Any], last: int) -> bool:
    return not len(values) or (int(values.min()) >= 0 and int(values.max()) <= last)
