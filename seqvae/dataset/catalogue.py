"""All pieces of a corpus, a row of numbers each; what is larger lies on disk until it is asked for."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqvae.dataset.chunks import ROW, Rows, unpack
from seqvae.dataset.corpus import Sources
from seqvae.dataset.pieces import BadFile
from seqvae.dataset.spill import Spill
from seqvae.dataset.windows import Flags, Keys

FACTS = ("rows", "notes", "exact", "relative", "grams", "for_training")
GRAMS_NAME = "grams.keys"


class Chunk(NamedTuple):
    """The result of a task, in the journal."""

    path: Path
    first: int  # place of its first file among all


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of all pieces, in the order of their files."""

    sources: Sources
    rows: Rows  # (pieces,)
    bad_files: tuple[BadFile, ...]
    repairs: dict[str, dict[str, int]]  # what reading and encoding mended, over all pieces
    windows: Spill  # relative key, exact key, number of the window among all
    postings: Spill  # key of a gram, piece
    grams: Keys  # of all pieces, memory-mapped
    for_training: Flags  # (windows,) those that only train may have

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self.rows)

    @property
    def num_windows(self) -> int:
        """Count the windows of all pieces."""
        return int(self.rows["windows"].sum(dtype=np.int64))


def gather(chunks: Iterable[Chunk], sources: Sources, folder: Path) -> Catalogue:
    """Read what is known of each piece, chunk by chunk in their order, while others are still at work."""
    windows, postings = Spill(folder, "windows", columns=3), Spill(folder, "postings", columns=2)
    rows, bad_files, for_training = bytearray(), [], bytearray()
    repairs: dict[str, Counter[str]] = {}
    num_pieces = num_windows = 0
    with (folder / GRAMS_NAME).open("wb") as grams_file:
        for chunk in chunks:
            facts = unpack(chunk.path, FACTS)
            notes = json.loads(facts["notes"].tobytes())
            bad_files += [BadFile(sources[chunk.first + place], *why) for place, *why in notes["bad"]]
            for kind, counts in notes["repairs"].items():
                repairs.setdefault(kind, Counter()).update(counts)
            found = facts["rows"]
            if not len(found):
                continue
            found["source"] += chunk.first
            owners = np.arange(num_pieces, num_pieces + len(found)).repeat(found["grams"])
            numbers = np.arange(num_windows, num_windows + len(facts["exact"]))
            windows.add(facts["relative"], facts["exact"], numbers)
            postings.add(facts["grams"], owners)
            facts["grams"].tofile(grams_file)
            rows += found.tobytes()
            for_training += facts["for_training"].tobytes()
            num_pieces, num_windows = num_pieces + len(found), num_windows + len(numbers)
    return Catalogue(
        sources,
        np.frombuffer(rows, dtype=ROW),
        tuple(bad_files),
        {kind: dict(repairs[kind]) for kind in sorted(repairs)},
        windows,
        postings,
        _mapped(folder / GRAMS_NAME),
        np.frombuffer(for_training, dtype=bool),
    )


def _mapped(path: Path) -> Keys:
    """Map a file of keys into memory; an empty one cannot be."""
    if not path.stat().st_size:
        return np.empty(0, dtype=np.uint64)
    return np.asarray(np.memmap(path, dtype=np.uint64, mode="r"))
