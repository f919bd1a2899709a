"""Files that are whole or not there: written beside their place, flushed to the disk, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".new"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one move: after a crash at any moment the old or the new content is there."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)  # a full disk
    flush_folder(path.parent)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to fill, which becomes `folder` in one move when all of it is on the disk.

    Where that fails at any point, a full disk for example, nothing of it is left behind.
    """
    temporary = folder.with_name(folder.name + TEMPORARY)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        for path in temporary.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        flush_folder(temporary)
        shutil.rmtree(folder, ignore_errors=True)  # it could not be read, or it was saved just now
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Force the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
