"""The windows that stay become the arrays of train, valid and test, in one pass over the journal."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.arrange import Arrangement, num_kept
from seqvae.dataset.array_file import ArrayFile
from seqvae.dataset.catalogue import Chunk
from seqvae.dataset.chunks import unpack
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import ARRAY_DTYPES, EXPRESSION_DTYPES, EXPRESSIVE, array_name
from seqvae.dataset.windows import Flags, borders_of
from seqvae.tokens.drum_map import NUM_CLASSES

MUSIC = ("rows", "ids", "starts", "ranges", "velocities", "offsets")
Arrays = dict[str, NDArray[Any]]


def write_splits(
    folder: Path,
    chunks: Iterable[Chunk],
    arrangement: Arrangement,
    settings: PrepareSettings,
) -> dict[str, ArrayRecord]:
    """Write the arrays of all splits and return what each file holds."""
    with ExitStack() as stack:
        files = [
            {kind: stack.enter_context(file) for kind, file in whole.items()}
            for whole in _open_files(folder, arrangement, settings)
        ]
        piece = window = 0
        for chunk in chunks:
            music = unpack(chunk.path, MUSIC)
            num_pieces, num_windows = len(music["rows"]), len(music.get("starts", ()))
            splits = arrangement.splits[piece : piece + num_pieces]
            kept = arrangement.kept.between(window, window + num_windows)
            for split, whole in enumerate(files):
                chosen = _of_split(music, splits == split, kept, piece, first_step=whole["ids"].num_rows)
                for kind, rows in chosen.items():
                    whole[kind].append(rows)
            piece, window = piece + num_pieces, window + num_windows
        return {file.path.name: file.record for whole in files for file in whole.values()}


def _open_files(
    folder: Path, arrangement: Arrangement, settings: PrepareSettings
) -> Iterable[dict[str, ArrayFile]]:
    """Begin the arrays of each split, by kind."""
    sizes = np.zeros((len(SPLITS), 2), dtype=np.int64)  # steps and windows
    for block in arrangement.blocks():
        for number in range(len(SPLITS)):
            inside = block.of_split(number)
            sizes[number] += block.rows["steps"][inside].sum(dtype=np.int64), block.num_kept[inside].sum()
    voices = settings.tokenizer.voices
    for split, (steps, windows) in zip(SPLITS, sizes.tolist(), strict=True):
        shapes: dict[str, tuple[int, ...]] = {"ids": (steps, voices), "range": (windows, 2)}
        shapes |= {"windows": (windows,), "pieces": (windows,)}
        dtypes = dict(ARRAY_DTYPES)
        if settings.tokenizer.name == EXPRESSIVE:
            shapes |= dict.fromkeys(EXPRESSION_DTYPES, (steps, NUM_CLASSES))
            dtypes |= EXPRESSION_DTYPES
        yield {
            kind: ArrayFile(folder / array_name(split, kind), dtypes[kind], shapes[kind]) for kind in dtypes
        }


def _of_split(music: Arrays, of_split: Flags, kept: Flags, first_piece: int, *, first_step: int) -> Arrays:
    """Choose from the arrays of a chunk what goes to one split, by kind.

    `(pieces,)` tells which pieces are of the split, `(windows,)` which windows stay; a piece of which none
    stays gives nothing. The split has `first_step` steps already.
    """
    if "ids" not in music:
        return {}
    rows = music["rows"]
    inside = of_split & (num_kept(kept, rows["windows"]) > 0)  # (pieces,)
    owners = np.arange(len(inside)).repeat(rows["windows"])
    stays = kept & inside[owners]
    offsets = first_step + borders_of(np.where(inside, rows["steps"], 0))
    steps = inside.repeat(rows["steps"])
    chosen = {
        "ids": music["ids"][steps],
        "windows": (offsets[owners] + music["starts"])[stays],
        "pieces": first_piece + owners[stays],
        "range": music["ranges"][stays],
    }
    if "velocities" in music:
        chosen |= {"velocity": music["velocities"][steps], "offset": music["offsets"][steps]}
    return chosen
