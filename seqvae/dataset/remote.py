"""Corpora behind a URL (s3://, gs://, https:// ...), read by fsspec."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, TextIOWrapper
from typing import IO, Any

from seqvae.dataset.journal import StoppedError
from seqvae.errors import DataError

INSTALL = "pip install fsspec"


@dataclass(frozen=True)
class RemotePath:
    """As much of a pathlib.Path as reading a corpus takes."""

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> "RemotePath":
        return RemotePath(f"{self.url.rstrip('/')}/{name}")

    def __getstate__(self) -> dict[str, str]:
        return {"url": self.url}  # another process opens a file system of its own

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """Return what follows the last point of the name, with the point."""
        return "." + self.name.rpartition(".")[2] if "." in self.name else ""

    def is_file(self) -> bool:
        """Tell whether it is there and a file."""
        return bool(self._ask("isfile"))

    def is_dir(self) -> bool:
        """Tell whether it is there and a folder."""
        return bool(self._ask("isdir"))

    def iterdir(self) -> list["RemotePath"]:
        """List what lies directly in the folder."""
        return [self / path.rstrip("/").rpartition("/")[2] for path in self._ask("ls", detail=False)]

    def names_below(self) -> Iterator[str]:
        """List the files below the folder by their paths in it."""
        root = self._place[1].rstrip("/") + "/"
        return (path.removeprefix(root) for path in self._ask("find"))

    def stamp(self) -> dict[str, str]:
        """Return what changes when the content does, as far as the place tells."""
        return {key: str(value) for key, value in self._ask("info").items()}

    def open(self, mode: str = "r", *, encoding: str = "utf-8", newline: str | None = None) -> IO[Any]:
        """Open the file for reading, all of it fetched."""
        content = BytesIO(self.read())
        return content if "b" in mode else TextIOWrapper(content, encoding, newline=newline)

    def read(self, size: int = -1) -> bytes:
        """Read from the start; StoppedError where the place, not the file, is at fault."""
        file_system, path = self._place
        try:
            with file_system.open(path, "rb") as file:
                content: bytes = file.read(size)
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as error:  # every kind of place has errors of its own
            raise _unreachable(self.url, error) from error
        return content

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """Return the file system and the path in it."""
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise DataError(f"{self.url}: URLs need fsspec; install it with {INSTALL}") from error
        try:
            file_system, path = url_to_fs(self.url)
        except (ImportError, ValueError) as error:  # a protocol that is unknown or needs a package of its own
            raise DataError(f"{self.url}: cannot be opened ({error})") from error
        return file_system, str(path)

    def _ask(self, question: str, **options: Any) -> Any:
        file_system, path = self._place
        try:
            return getattr(file_system, question)(path, **options)
        except Exception as error:  # every kind of place has errors of its own
            raise _unreachable(self.url, error) from error


def _unreachable(url: str, error: Exception) -> StoppedError:
    reason = f"{type(error).__name__}: {error}"
    return StoppedError(f"{url}: cannot be reached ({reason}); run the same again: what is done is kept")
