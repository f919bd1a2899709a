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
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(name).replace(self.path(key))


@contextmanager
def journal_beside(out: Path) -> Iterator[Journal]:
    """Offer the journal of the run that writes `out`; it stays only if the run is stopped from outside."""
    folder = out.parent / f".{out.name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield Journal(folder)
    except (StoppedError, KeyboardInterrupt):
        with suppress(OSError):  # there is something in it, and it stays
            folder.rmdir()
        raise
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
        raise
    shutil.rmtree(folder, ignore_errors=True)
