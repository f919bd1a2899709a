"""Pieces and chosen windows become a folder of shards, whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.pieces import BadFile, Piece
from seqvae.dataset.shards import (
    ARRAY_DTYPES,
    DTYPES,
    EXPRESSION_DTYPES,
    MANIFEST_NAME,
    REPORT_NAME,
    array_name,
)
from seqvae.errors import OutputError
from seqvae.tokens.drum_map import NUM_CLASSES

KINDS = {kind for kinds in (*DTYPES.values(), EXPRESSION_DTYPES) for kind in kinds}
ARRAY_NAMES = {array_name(split, kind) for split in SPLITS for kind in KINDS}
OUR_FILES = ARRAY_NAMES | {MANIFEST_NAME, REPORT_NAME}


def check_output(out: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, and even with force one that holds anything but shards."""
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(f"{out}: exists and is not a folder")
    found = {path.name for path in out.iterdir()}
    if found - OUR_FILES:
        raise OutputError(f"{out}: holds {min(found - OUR_FILES)!r}, not a file of shards; choose another")
    if found and not force:
        raise OutputError(f"{out}: already holds shards; replace them with --force")


@contextmanager
def folder_in_one_piece(out: Path) -> Iterator[Path]:
    """Offer an empty folder that takes the place of `out` when the block ends without an error."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    new = work / "new"
    try:
        new.mkdir()
        yield new
        _exchange(new, out, work / "old")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _exchange(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


class Chosen(NamedTuple):
    """A piece that gives windows to the shards."""

    place: int  # in the manifest's list
    piece: Piece
    kept: NDArray[np.bool_]  # (windows of the piece,)


def write_split(
    folder: Path, split: str, chosen: Sequence[Chosen], *, voices: int, is_expressive: bool = False
) -> dict[str, ArrayRecord]:
    """Write the arrays of one split and return what each file holds."""
    offsets = np.cumsum([0, *(len(piece.ids) for _, piece, _ in chosen)])
    arrays = {
        "ids": [piece.ids for _, piece, _ in chosen],
        "windows": [
            offset + piece.facts.starts[kept]
            for offset, (_, piece, kept) in zip(offsets[:-1], chosen, strict=True)
        ],
        "pieces": [np.full(int(kept.sum()), place) for place, _, kept in chosen],
        "range": [piece.facts.ranges[kept] for _, piece, kept in chosen],
    }
    if is_expressive:
        played = [piece.expression for _, piece, _ in chosen if piece.expression]
        arrays["velocity"] = [expression.velocities for expression in played]
        arrays["offset"] = [expression.offsets for expression in played]
    none = (0, NUM_CLASSES)
    empty = {"ids": (0, voices), "windows": (0,), "pieces": (0,), "range": (0, 2)}
    empty |= {"velocity": none, "offset": none}
    whole = {}
    for kind, parts in arrays.items():
        dtype = (ARRAY_DTYPES | EXPRESSION_DTYPES)[kind]
        whole[kind] = np.concatenate([np.empty(empty[kind], dtype), *(part.astype(dtype) for part in parts)])
    return write_arrays(folder, split, whole)


def write_arrays(folder: Path, split: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, ArrayRecord]:
    """Write arrays by kind and return what each file holds."""
    records = {}
    for kind, array in arrays.items():
        path = folder / array_name(split, kind)
        np.save(path, array, allow_pickle=False)
        digest = sha256(path.read_bytes()).hexdigest()
        records[path.name] = ArrayRecord(array.dtype.str, array.shape, digest)
    return records


def write_report(folder: Path, bad_files: Sequence[BadFile]) -> None:
    """List the files that gave nothing, by reason."""
    reasons: dict[str, list[dict[str, str]]] = {}
    for source, reason, detail in bad_files:
        entry = {"corpus": source.corpus, "name": source.name, "detail": detail}
        reasons.setdefault(reason, []).append(entry)
    text = json.dumps({"bad_files": reasons}, indent=1, sort_keys=True) + "\n"
    (folder / REPORT_NAME).write_text(text, encoding="utf-8")
