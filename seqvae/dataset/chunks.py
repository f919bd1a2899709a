"""The results of a task as bytes and back: what goes from workers into the journal, never as a pickle."""

import json
from collections.abc import Collection, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.describing import Piece, describe_pieces
from seqvae.dataset.pieces import BadFile, Music, Source, add_counts, encode_file
from seqvae.dataset.settings import PrepareSettings

ROW = np.dtype(
    [
        ("source", "<i4"),  # its place among the files
        ("sha256", "u1", 32),
        ("bars", "<i4"),
        ("near_empty", "<i4"),
        ("identity", "<u8"),
        ("steps", "<i4"),
        ("windows", "<i4"),
        ("grams", "<i4"),
    ]
)  # what is known of a piece beside its arrays
Rows = NDArray[np.void]


def encode_task(sources: Sequence[Source], settings: PrepareSettings) -> bytes:
    """Read and encode files: the same bytes wherever it is done."""
    found = [encode_file(source, settings) for source in sources]
    described = iter(_described([one for one in found if isinstance(one, Music)], settings))
    return pack([one if isinstance(one, BadFile) else next(described) for one in found])


def _described(music: Sequence[Music], settings: PrepareSettings) -> list[Piece | BadFile]:
    """Describe pieces; if that fails each for itself, so that one costs no other."""
    try:
        return [*describe_pieces(music, settings)]
    except Exception as error:  # noqa: BLE001  # as in encode_file
        if len(music) == 1:
            return [BadFile(music[0].source, f"unexpected {type(error).__name__}", str(error))]
        return [one for alone in music for one in _described([alone], settings)]


def pack(results: Sequence[Piece | BadFile]) -> bytes:
    """Write the results of a task as an .npz file."""
    pieces = [result for result in results if isinstance(result, Piece)]
    places = [place for place, result in enumerate(results) if isinstance(result, Piece)]
    bad = [[place, *result[1:]] for place, result in enumerate(results) if isinstance(result, BadFile)]
    notes = json.dumps({"bad": bad, "repairs": _repairs(pieces)}, ensure_ascii=True)
    arrays: dict[str, NDArray[Any]] = {
        "rows": np.array(list(map(_row, places, pieces)), dtype=ROW),
        "notes": np.frombuffer(notes.encode(), dtype=np.uint8),
    }
    if pieces:
        arrays |= _joined(pieces)
    content = BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]  # its other parameters are no arrays
    return content.getvalue()


def unpack(path: Path, kinds: Collection[str]) -> dict[str, NDArray[Any]]:
    """Read some of the arrays that a task left, those that are there."""
    with np.load(path, allow_pickle=False) as file:
        return {kind: file[kind] for kind in kinds if kind in file}


def _row(place: int, piece: Piece) -> tuple[Any, ...]:
    return (
        place,
        np.frombuffer(bytes.fromhex(piece.music.sha256), dtype=np.uint8),
        piece.num_bars,
        piece.num_near_empty,
        piece.identity,
        len(piece.ids),
        len(piece.facts.starts),
        len(piece.grams),
    )


def _joined(pieces: Sequence[Piece]) -> dict[str, NDArray[Any]]:
    """Lay the arrays of all pieces end to end, by kind."""
    arrays: dict[str, NDArray[Any]] = {
        "ids": np.concatenate([piece.ids for piece in pieces]),
        "grams": np.concatenate([piece.grams for piece in pieces]),
    }
    arrays["for_training"] = np.concatenate([piece.for_training for piece in pieces])
    for kind in ("starts", "exact", "relative", "ranges"):
        arrays[kind] = np.concatenate([getattr(piece.facts, kind) for piece in pieces])
    played = [piece.music.expression for piece in pieces if piece.music.expression]
    if played:
        arrays["velocities"] = np.concatenate([expression.velocities for expression in played])
        arrays["offsets"] = np.concatenate([expression.offsets for expression in played])
    return arrays


def _repairs(pieces: Sequence[Piece]) -> dict[str, dict[str, int]]:
    """Sum what was mended over the pieces, by kind."""
    kinds = sorted({kind for piece in pieces for kind in piece.music.repairs})
    return {kind: add_counts(piece.music.repairs.get(kind, {}) for piece in pieces) for kind in kinds}
