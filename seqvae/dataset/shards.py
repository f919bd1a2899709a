"""A folder of shards, opened: memory-mapped ids and the windows over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import Kind, Manifest
from seqvae.dataset.windows import NO_RANGE, Ids, cut
from seqvae.errors import DataError, SeqvaeError
from seqvae.tokens.base import build_tokenizer, sizes_of
from seqvae.tokens.drum_map import NUM_CLASSES
from seqvae.tokens.drums import DrumTokenizer, Expression

MANIFEST_NAME = "manifest.json"
REPORT_NAME = "report.json"
EXPRESSIVE = DrumTokenizer.name  # the tokenizer that keeps how notes were played
REMEDY = "prepare the corpus again"
UNREADABLE = (  # all that numpy raises for headers of an array that were made to harm
    *(OSError, EOFError, ValueError, TypeError, OverflowError),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
)
MAX_MANIFEST_BYTES = 1 << 30
ARRAY_DTYPES = {"ids": "<i2", "windows": "<i8", "pieces": "<i4", "range": "|u1"}
TEXT_DTYPES = {"ids": "<i2", "windows": "<i8", "lengths": "<i4", "pieces": "<i4", "corpora": "<i4"}
EXPRESSION_DTYPES = {"velocity": "|u1", "offset": "|i1"}  # beside the ids of drums
DTYPES: Mapping[Kind, Mapping[str, str]] = {"music": ARRAY_DTYPES, "text": TEXT_DTYPES}


def dtypes_of(manifest: Manifest) -> Mapping[str, str]:
    """Return the arrays of each split by kind, with their types."""
    has_expression = manifest.tokenizer.get("name") == EXPRESSIVE
    return {**DTYPES[manifest.kind], **(EXPRESSION_DTYPES if has_expression else {})}


def array_name(split: str, kind: str) -> str:
    """Return the file name of one array, for example `train.ids.npy`."""
    return f"{split}.{kind}.npy"


@dataclass(frozen=True, eq=False)
class WindowSet:
    """The windows of one split: n of `length` steps each, or of text n sentences of up to `length` ids."""

    ids: Ids  # (total_steps, voices), memory-mapped
    starts: NDArray[np.int64]  # (n,)
    lengths: NDArray[np.int32]  # (n,) ids of each, of text with its end
    pieces: NDArray[np.int32]  # (n,) index into the manifest's pieces; of text the number of the template
    ranges: NDArray[np.uint8]  # (n, 2) lowest and highest pitch; (127, 0) where no note starts
    length: int
    corpora: tuple[str, ...]
    corpus_indices: NDArray[np.int32]  # (n,) index into corpora
    expression: Expression | None = None  # (total_steps, 9) each, memory-mapped; drums only

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def window(self, index: int) -> Ids:
        """Return the ids of one window, `(its length, voices)`."""
        start = int(self.starts[index])
        return np.array(self.ids[start : start + int(self.lengths[index])])

    def sequence(self, index: int) -> Ids:
        """Return the ids of one sentence with its end and without padding, `(its length, voices)`."""
        return self.window(index)

    def windows(self, indices: NDArray[np.int64]) -> Ids:
        """Return the ids of several windows, `(windows, longest of them, voices)`, padded with 0."""
        lengths = self.lengths[indices]
        longest = int(lengths.max(initial=0))
        if (lengths == longest).all():
            return cut(self.ids, self.starts[indices], longest)
        is_inside = np.arange(longest) < lengths[:, None]  # (windows, longest)
        padded = np.zeros((*is_inside.shape, self.ids.shape[1]), dtype=self.ids.dtype)
        padded[is_inside] = self.ids[(self.starts[indices, None] + np.arange(longest))[is_inside]]
        return padded

    def expressions(self, indices: NDArray[np.int64]) -> Expression:
        """Return how several windows of drums were played, each `(windows, length, 9)`."""
        if self.expression is None:
            raise ValueError("these windows have no expression; only those of drums have")
        steps = self.starts[indices, None] + np.arange(self.length)
        return Expression(self.expression.velocities[steps], self.expression.offsets[steps])


@dataclass(frozen=True)
class Shards:
    """A prepared corpus on disk."""

    folder: Path
    manifest: Manifest

    def split(self, name: str) -> WindowSet:
        """Open train, valid or test; DataError when its arrays do not fit the manifest or one another."""
        if name not in SPLITS:
            raise DataError(f"no split {name!r}; choose from {', '.join(SPLITS)}")
        arrays = {kind: self._array(name, kind) for kind in dtypes_of(self.manifest)}
        build = _sentences if self.manifest.kind == "text" else _windows
        sizes = sizes_of(build_tokenizer(self.manifest.tokenizer))
        windows = build(self.manifest, arrays) if _are_ids(arrays["ids"], sizes) else None
        if windows is None or len(windows) != self.manifest.num_windows(name):
            raise DataError(f"{self.folder}: the arrays of {name} contradict one another; {REMEDY}")
        return windows

    def verify(self) -> None:
        """Read every array and compare it with its sha256; DataError names the first that differs.

        100 MB take about a tenth of a second, less than any work on them.
        """
        for name, record in self.manifest.arrays.items():
            path = self.folder / name
            try:
                with path.open("rb") as file:
                    digest = file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise DataError(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from error
            if digest != record.sha256:
                raise DataError(f"{path}: the content is not what was prepared; {REMEDY}")

    def _array(self, split: str, kind: str) -> NDArray[Any]:
        name = array_name(split, kind)
        path = self.folder / name
        try:
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except UNREADABLE as error:
            raise DataError(f"{path}: cannot be read ({error}); {REMEDY}") from error
        record = self.manifest.arrays[name]
        if array.dtype.str != dtypes_of(self.manifest)[kind] or array.shape != record.shape:
            found = f"{array.dtype.str} {array.shape}"
            raise DataError(f"{path}: holds {found}, expected {record.dtype} {record.shape}; {REMEDY}")
        return array


def open_verified(folder: str | Path) -> Shards:
    """Open shards as `open_shards` does and read every byte: no id can be other than was prepared."""
    shards = open_shards(folder)
    shards.verify()
    return shards


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


def _windows(manifest: Manifest, arrays: Mapping[str, NDArray[Any]]) -> WindowSet | None:
    """Lay windows of equal length over the ids of pieces; None if the arrays contradict one another."""
    ids, starts, pieces, ranges = (arrays[kind] for kind in ARRAY_DTYPES)
    length = manifest.steps_per_window
    fits = (
        ids.ndim == 2
        and ids.shape[1] == manifest.voices
        and starts.ndim == 1
        and starts.shape == pieces.shape
        and ranges.shape == (len(starts), 2)
        and _are_ranges(ranges)
        and _within(starts, len(ids) - length)
        and _within(pieces, len(manifest.pieces) - 1)
    )
    expression = Expression(arrays["velocity"], arrays["offset"]) if "velocity" in arrays else None
    if not fits or any(array.shape != (len(ids), NUM_CLASSES) for array in expression or ()):
        return None
    lengths = np.broadcast_to(np.int32(length), starts.shape)
    places = {corpus: place for place, corpus in enumerate(manifest.corpora)}
    corpus_of = np.array([places[piece.corpus] for piece in manifest.pieces], dtype=np.int32)
    return WindowSet(
        ids, starts, lengths, pieces, ranges, length, manifest.corpora, corpus_of[pieces], expression
    )


def _sentences(manifest: Manifest, arrays: Mapping[str, NDArray[Any]]) -> WindowSet | None:
    """Lay sentences over the ids; None if the arrays contradict one another."""
    ids, starts, lengths, pieces, corpora = (arrays[kind] for kind in TEXT_DTYPES)
    fits = (
        ids.ndim == 2
        and ids.shape[1] == manifest.voices
        and starts.ndim == 1
        and starts.shape == lengths.shape == pieces.shape == corpora.shape
        and _within(starts, len(ids))
        and _within(lengths, manifest.steps_per_window)
        and _within(starts + lengths, len(ids))
        and _within(corpora, len(manifest.corpora) - 1)
    )
    if not fits:
        return None
    ranges = np.broadcast_to(np.array(NO_RANGE, dtype=np.uint8), (len(starts), 2))
    return WindowSet(
        ids, starts, lengths, pieces, ranges, manifest.steps_per_window, manifest.corpora, corpora
    )


def _check(manifest: Manifest) -> None:
    expected = {array_name(split, kind) for split in SPLITS for kind in dtypes_of(manifest)}
    if set(manifest.arrays) != expected:
        raise DataError("the list of arrays is not complete")
    if set(manifest.counts) != set(SPLITS):
        raise DataError(f"the counts are not those of {', '.join(SPLITS)}")
    unknown = {piece.corpus for piece in manifest.pieces} - set(manifest.corpora)
    if unknown:
        raise DataError(f"a piece is of the unknown corpus {min(unknown)!r}")


def _are_ids(ids: NDArray[Any], sizes: Sequence[int]) -> bool:
    """Tell whether each voice of `(steps, voices)` has ids of its own alone."""
    fits = ids.ndim == 2 and ids.shape[1] == len(sizes)
    return fits and all(_within(voice, size - 1) for voice, size in zip(ids.T, sizes, strict=True))


def _are_ranges(ranges: NDArray[Any]) -> bool:
    """Tell whether these are lowest and highest pitches, `(windows, 2)`."""
    low, high = ranges.T
    return bool(((low <= high) & (high <= max(NO_RANGE)) | (ranges == NO_RANGE).all(axis=1)).all())


def _within(values: NDArray[Any], last: int) -> bool:
    return not len(values) or (int(values.min()) >= 0 and int(values.max()) <= last)
