"""Pieces and chosen windows become a folder of shards, whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from seqvae.dataset.array_file import ArrayFile
from seqvae.dataset.bad_files import BadFiles
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.shards import (
    DTYPES,
    EXPRESSION_DTYPES,
    MANIFEST_NAME,
    REPORT_NAME,
    array_name,
)
from seqvae.errors import OutputError

KINDS = {kind for kinds in (*DTYPES.values(), EXPRESSION_DTYPES) for kind in kinds}
ARRAY_NAMES = {array_name(split, kind) for split in SPLITS for kind in KINDS}
OUR_FILES = ARRAY_NAMES | {MANIFEST_NAME, REPORT_NAME}


def check_output(out: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, and even with force one that holds anything but shards."""
    if not out.exists():
        if out.is_symlink():
            raise OutputError(f"{out}: a link to nothing; choose another")
        return
    if out.resolve() == Path.cwd():
        raise OutputError(f"{out}: the folder that you are in cannot be replaced; give -o a new name in it")
    if not out.is_dir():
        raise OutputError(f"{out}: exists and is not a folder")
    found = {path.name for path in out.iterdir()}
    if found - OUR_FILES:
        raise OutputError(f"{out}: holds {min(found - OUR_FILES)!r}, not a file of shards; choose another")
    if found and not force:
        raise OutputError(f"{out}: already holds shards; replace them with --force")


@contextmanager
def folder_in_one_piece(out: Path, *, scratch: Path | None = None) -> Iterator[Path]:
    """Offer an empty folder that takes the place of `out` when the block ends without an error.

    Until then it lies in `scratch`, on the same disk, or beside `out`.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=scratch or out.parent))
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


def write_arrays(folder: Path, split: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, ArrayRecord]:
    """Write arrays by kind and return what each file holds."""
    records = {}
    for kind, array in arrays.items():
        with ArrayFile(folder / array_name(split, kind), array.dtype.str, array.shape) as file:
            file.append(array)
        records[file.path.name] = file.record
    return records


def write_report(folder: Path, bad_files: BadFiles) -> None:
    """List the files that gave nothing, by reason."""
    with (folder / REPORT_NAME).open("w", encoding="utf-8") as file:
        file.writelines(bad_files.json_parts())
