"""Points z in files and pipes: .npz for arrays, JSON for the rest of the world; never a pickle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError, DataError

if TYPE_CHECKING:
    from torch import Tensor

Format = Literal["npz", "json"]
FORMATS: Mapping[str, Format] = {".npz": "npz", ".json": "json"}
ZIP_MAGIC = b"PK"
LARGEST = 256 * 2**20  # bytes, packed or not
LARGEST_LATENT = 8192


@dataclass(frozen=True, eq=False)
class Points:
    """Points of one model, and the sentences they stand for, if any."""

    z: NDArray[np.float32]  # (points, latent)
    model: str = ""
    sentences: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values; the numbers are short and read back to the bit."""
        rows = [[float(str(value)) for value in row] for row in self.z]
        return {"model": self.model, "sentences": list(self.sentences), "z": rows}


def check_points(z: "Tensor", latent_size: int) -> None:
    """Raise ConfigError unless z is finite and `(one or more, latent)`."""
    if z.ndim != 2 or z.shape[1] != latent_size:
        raise ConfigError(f"z has the shape {tuple(z.shape)}; it must be (points, {latent_size})")
    if not len(z) or not z.isfinite().all():
        what = "values that are not finite" if len(z) else "no points"
        raise ConfigError(f"z holds {what}; give one finite row of {latent_size} or more")


def choose_format(output: Path | None, wish: Format | None) -> Format:
    """Return the format of a file by its ending, unless one is wished for; JSON for streams."""
    if wish:
        return wish
    if output is None or str(output) == "-":
        return "json"
    form = FORMATS.get(output.suffix.lower())
    if form is None:
        raise ConfigError(f"{output}: ends neither in .npz nor in .json; rename it or choose a format")
    return form


def read_points(source: str | Path | BinaryIO) -> Points:
    """Read points from a file or a stream; DataError for what is none."""
    if not isinstance(source, (str, Path)):
        return points_from_bytes(source.read(LARGEST + 1), "standard input")
    try:
        with Path(source).open("rb") as file:
            return points_from_bytes(file.read(LARGEST + 1), str(source))
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        strerror = error.strerror if isinstance(error, OSError) else None
        reason = "no such file" if isinstance(error, FileNotFoundError) else strerror or str(error)
        raise DataError(f"{str(source)[:60]}: {reason}; give points that seqvae encode wrote") from error


def points_to_bytes(points: Points, form: Format) -> bytes:
    """Write points as the content of a file; the same points give the same bytes."""
    if form == "json":
        return (json.dumps(points.as_dict(), ensure_ascii=False) + "\n").encode()
    file = BytesIO()
    np.savez(
        file, z=points.z, model=np.array(points.model), sentences=np.array(points.sentences, dtype=np.str_)
    )
    return file.getvalue()


def points_from_bytes(content: bytes, name: str) -> Points:
    """Read what `points_to_bytes` wrote, or a `z` of other programs; DataError for anything else."""
    if not content:
        raise DataError(f"{name}: empty; give points that seqvae encode wrote")
    if len(content) > LARGEST:
        raise DataError(f"{name}: more than {LARGEST:,} bytes of points; split them")
    try:
        return _from_npz(content) if content.startswith(ZIP_MAGIC) else _from_json(content)
    except (ValueError, TypeError, KeyError, BadZipFile, OSError, EOFError, RecursionError) as error:
        raise DataError(
            f"{name}: no points ({_reason(error)}); give .npz or JSON that seqvae encode wrote"
        ) from error


def _from_npz(content: bytes) -> Points:
    with ZipFile(BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError(f"unpacked more than {LARGEST:,} bytes")
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        model = str(arrays["model"]) if "model" in arrays else ""
        sentences = arrays["sentences"].tolist() if "sentences" in arrays else []
        return _checked(arrays["z"], model, sentences)


def _from_json(content: bytes) -> Points:
    values = json.loads(content)
    if isinstance(values, list):
        values = {"z": values}
    if not isinstance(values, dict):
        raise TypeError("neither an object nor a list")
    return _checked(values["z"], values.get("model", ""), values.get("sentences", []))


def _checked(z: Any, model: Any, sentences: Any) -> Points:
    array = np.array(z)
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not 0 < array.shape[1] <= LARGEST_LATENT:
        raise ValueError("z must be rows of numbers, all of one length")
    if not isinstance(sentences, list) or not all(isinstance(one, str) for one in sentences):
        raise TypeError("sentences must be a list of texts")
    return Points(array.astype(np.float32), str(model), tuple(sentences))


def _reason(error: Exception) -> str:
    return (
        f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0][:120]
    )
