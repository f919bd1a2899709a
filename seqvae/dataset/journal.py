"""What is done of a corpus, in a folder beside the shards to be: a run that is killed goes on from there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from seqvae.errors import DataError, OutputError

SUFFIX = ".done.npz"


class StoppedError(DataError):
    """The end of a run that is no fault of its corpus: what is done stays in the journal."""


class Journal:
    """Finished tasks by their keys, a file each: whole or not there."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there."""
        self.folder = folder

    def path(self, key: str) -> Path:
        """Return where the result of a task lies."""
        return self.folder / f"{key}{SUFFIX}"

    def holds(self, key: str) -> bool:
        """Tell whether a task is done; what a failing disk left of a result is removed."""
        path = self.path(key)
        try:
            with ZipFile(path) as file:
                is_whole = file.testzip() is None
        except FileNotFoundError:
            return False
        except (BadZipFile, EOFError, OSError):
            is_whole = False
        if not is_whole:
            path.unlink()
        return is_whole

    def write(self, key: str, content: bytes) -> None:
        """Put a result in its place, whole or not at all; the same key may be written twice."""
        number, name = tempfile.mkstemp(dir=self.folder, prefix=key)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(name).replace(self.path(key))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def journal_beside(out: Path) -> Iterator[Journal]:
    """Offer the journal of the run that writes `out`; it stays unless that ends or finds nothing to write."""
    folder = out.parent / f".{out.name}.partial"
    with _held(out, folder):
        yield from _journal_in(folder, out)


@contextmanager
def _held(out: Path, folder: Path) -> Iterator[None]:
    """Make the folder and hold it for this process, which the system lets go of however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unwritable(out, error, folder) from error
    try:
        with suppress(OSError):  # a disk of another machine that knows no locks
            _lock(handle, out)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, out: Path) -> None:
    import fcntl  # not on Windows

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(f"{out}: another process prepares it; wait for that or choose another") from error


def _journal_in(folder: Path, out: Path) -> Iterator[Journal]:
    try:
        yield Journal(folder)
    except BaseException as error:
        if isinstance(error, DataError) and not isinstance(error, StoppedError):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # there is something in it, and it stays
            folder.rmdir()
        if isinstance(error, OSError | OutputError):
            raise _unwritable(out, error, folder) from error
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _unwritable(out: Path, error: OSError | OutputError, folder: Path) -> OutputError:
    """Say what cannot be written, and what is kept."""
    reason = f"{out}: cannot be written ({error.strerror})" if isinstance(error, OSError) else str(error)
    kept = f"; what is done is kept in {folder}: mend this and run the same again" * folder.is_dir()
    return OutputError(reason + kept)
