"""Several files into one folder, all of them or none, and nothing overwritten unasked.

A new folder is written under another name beside its place and then renamed. Into a folder that is there the
files are moved one by one once all are written. What an earlier run left there, as its report.json lists,
and the new one does not replace, is removed, so that a shorter walk does not end in the steps of a longer.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seqvae.errors import OutputError

REPORT_NAME = "report.json"
ENDINGS = {".mid", ".dawproject", ".wav", ".png"}  # of files that a report lists


def check_folder(folder: str | Path, names: Collection[str], *, force: bool = False) -> None:
    """Raise OutputError unless files of these names can go to `folder` without overwriting any."""
    folder = Path(folder)
    check_place(folder)
    for name in names:
        if not name or Path(name).name != name or name in {".", ".."}:
            raise ValueError(f"{name!r} is not the name of a file in a folder")
    if not os.path.lexists(folder):
        return
    taken = [name for name in names if os.path.lexists(folder / name)]
    if taken and not force:
        raise OutputError(f"{folder} already holds {taken[0]}; choose another folder or use --force")


def check_place(folder: Path) -> None:
    """Raise OutputError where a folder, there or not, is a file, lies below one, or may not be written to."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise OutputError(f"{there} is a file; choose a folder for the results")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"{there} may not be written to; choose another folder")


def write_files(folder: str | Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write `files`, name to content, into `folder`; OutputError where that cannot be."""
    folder = Path(folder)
    check_folder(folder, files, force=force)
    try:
        if folder.is_dir():
            _write_into(folder, files)
        else:
            _write_new(folder, files)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror}); check the folder and the disk"
        ) from error


def _write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _staged(folder.parent, files) as staging:
        staging.rename(folder)


def _write_into(folder: Path, files: Mapping[str, bytes]) -> None:
    leftovers = _listed_before(folder) - set(files)
    with _staged(folder, files) as staging:
        for name in files:
            (staging / name).replace(folder / name)
        for name in leftovers:
            (folder / name).unlink(missing_ok=True)


@contextmanager
def _staged(parent: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write all files into a folder of their own in `parent`, gone again when the caller is done."""
    staging = parent / f".seqvae-{os.getpid()}.tmp"
    staging.mkdir()
    try:
        for name, content in files.items():
            (staging / name).write_bytes(content)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _listed_before(folder: Path) -> set[str]:
    """Return the files an earlier run lists in its report; nothing where there is no such report."""
    try:
        listed = json.loads((folder / REPORT_NAME).read_bytes())["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return set()
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    return {name for name in names if name == Path(name).name and Path(name).suffix in ENDINGS}
