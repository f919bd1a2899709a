"""Folders and files of a corpus, by path or by URL."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import NoReturn

from seqvae.dataset.remote import RemotePath
from seqvae.errors import DataError

Place = Path | RemotePath


def place_of(path: str | Place) -> Place:
    """Tell a URL from a path; DataError for an empty name, which would be the current folder."""
    if path == "":
        raise DataError("a corpus has an empty name; name a folder or file, or . for the current folder")
    return RemotePath(path) if isinstance(path, str) and "://" in path else _as_place(path)


def _as_place(path: str | Place) -> Place:
    return Path(path) if isinstance(path, str) else path


def own_name(place: Place) -> str:
    """Return the name of a folder or file, also of a path such as `.`."""
    return place.resolve().name if isinstance(place, Path) else place.name


def names_below(folder: Place, suffixes: Collection[str]) -> Iterator[str]:
    """Go through the files below a folder with one of the suffixes, in any order.

    Told are their paths in it, with forward slashes.
    """
    names = folder.names_below() if isinstance(folder, RemotePath) else _walk(folder)
    return (name for name in names if PurePosixPath(name).suffix.lower() in suffixes)


def _walk(folder: Path) -> Iterator[str]:
    """Go through a folder entry by entry, then through those in it; links to folders are left out."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        try:
            with os.scandir(folder / prefix) as entries:
                for entry in entries:
                    if not _is_folder(entry):
                        if _is_file_or_lost(Path(entry.path)):
                            yield prefix + entry.name
                    elif not entry.is_symlink():
                        waiting.append(f"{prefix}{entry.name}/")
        except OSError as error:
            _refuse(error)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell folders, also behind links; a link in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _refuse(error: OSError) -> NoReturn:
    """Let no folder be left out in silence."""
    if isinstance(error, FileNotFoundError):
        raise DataError(f"{error.filename}: no such folder; check the path") from error
    raise DataError(
        f"{error.filename}: cannot be listed ({error.strerror}); mend its permissions or move it away"
    ) from error


def _is_file_or_lost(path: Path) -> bool:
    """Tell files, and links to nothing, which are bad files, from pipes and devices, which never end."""
    return path.is_file() or not path.exists()


def stamp_of(place: Place) -> object:
    """Return what changes when the content of a file does: size and times; None where it is gone."""
    try:
        if isinstance(place, RemotePath):
            return place.stamp()
        stat = place.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
