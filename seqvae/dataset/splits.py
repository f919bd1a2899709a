"""The windows that stay become the arrays of train, valid and test, in one pass over the journal."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.arrange import Arrangement
from seqvae.dataset.array_file import ArrayFile
from seqvae.dataset.catalogue import Catalogue, Chunk
from seqvae.dataset.chunks import unpack
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import ARRAY_DTYPES, EXPRESSION_DTYPES, EXPRESSIVE, array_name
from seqvae.dataset.windows import borders_of
from seqvae.tokens.drum_map import NUM_CLASSES

MUSIC = ("rows", "ids", "starts", "ranges", "velocities", "offsets")
Arrays = dict[str, NDArray[Any]]


class Places(NamedTuple):
    """Where the pieces go."""

    splits: NDArray[np.int8]  # (pieces,) number of the split, -1 where no window stays
    offsets: NDArray[np.int64]  # (pieces,) first step in the split
    kept: NDArray[np.bool_]  # (windows,)

    def part(self, pieces: slice, windows: slice) -> "Places":
        """Return what is said of some of them."""
        return Places(self.splits[pieces], self.offsets[pieces], self.kept[windows])


def write_splits(
    folder: Path,
    chunks: Iterable[Chunk],
    catalogue: Catalogue,
    arrangement: Arrangement,
    settings: PrepareSettings,
) -> dict[str, ArrayRecord]:
    """Write the arrays of all splits and return what each file holds."""
    places = _places(catalogue, arrangement)
    with ExitStack() as stack:
        files = [
            {kind: stack.enter_context(file) for kind, file in whole.items()}
            for whole in _open_files(folder, catalogue, arrangement, settings)
        ]
        piece = window = 0
        for chunk in chunks:
            music = unpack(chunk.path, MUSIC)
            num_pieces, num_windows = len(music["rows"]), len(music.get("starts", ()))
            part = places.part(slice(piece, piece + num_pieces), slice(window, window + num_windows))
            for split, whole in enumerate(files):
                for kind, rows in _of_split(split, music, part, piece).items():
                    whole[kind].append(rows)
            piece, window = piece + num_pieces, window + num_windows
        return {file.path.name: file.record for whole in files for file in whole.values()}


def _places(catalogue: Catalogue, arrangement: Arrangement) -> Places:
    splits = np.where(arrangement.num_kept > 0, arrangement.splits, np.int8(-1))
    offsets = np.zeros(len(splits), dtype=np.int64)
    for split in range(len(SPLITS)):
        inside = splits == split
        offsets[inside] = borders_of(catalogue.rows["steps"][inside])[:-1]
    return Places(splits, offsets, arrangement.kept)


def _open_files(
    folder: Path, catalogue: Catalogue, arrangement: Arrangement, settings: PrepareSettings
) -> Iterable[dict[str, ArrayFile]]:
    """Begin the arrays of each split, by kind."""
    for number, split in enumerate(SPLITS):
        inside = arrangement.of_split(number)
        steps = int(catalogue.rows["steps"][inside].sum(dtype=np.int64))
        windows = int(arrangement.num_kept[inside].sum())
        voices = settings.tokenizer.voices
        shapes: dict[str, tuple[int, ...]] = {"ids": (steps, voices), "range": (windows, 2)}
        shapes |= {"windows": (windows,), "pieces": (windows,)}
        dtypes = dict(ARRAY_DTYPES)
        if settings.tokenizer.name == EXPRESSIVE:
            shapes |= dict.fromkeys(EXPRESSION_DTYPES, (steps, NUM_CLASSES))
            dtypes |= EXPRESSION_DTYPES
        yield {
            kind: ArrayFile(folder / array_name(split, kind), dtypes[kind], shapes[kind]) for kind in dtypes
        }


def _of_split(split: int, music: Arrays, places: Places, first_piece: int) -> Arrays:
    """Choose from the arrays of a chunk what goes to one split, by kind."""
    if "ids" not in music:
        return {}
    inside = places.splits == split  # (pieces,)
    steps = inside.repeat(music["rows"]["steps"])
    owners = np.arange(len(inside)).repeat(music["rows"]["windows"])
    kept = places.kept & inside[owners]
    chosen = {
        "ids": music["ids"][steps],
        "windows": (places.offsets[owners] + music["starts"])[kept],
        "pieces": first_piece + owners[kept],
        "range": music["ranges"][kept],
    }
    if "velocities" in music:
        chosen |= {"velocity": music["velocities"][steps], "offset": music["offsets"][steps]}
    return chosen
