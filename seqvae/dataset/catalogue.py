"""All pieces of a corpus, a row of numbers each, on disk until they are asked for."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.bad_files import BadFiles
from seqvae.dataset.chunks import ROW, unpack
from seqvae.dataset.corpus import Sources
from seqvae.dataset.pieces import BadFile
from seqvae.dataset.spill import Spill
from seqvae.dataset.table import Table
from seqvae.dataset.windows import Keys, borders_of

FACTS = ("rows", "notes", "exact", "relative", "grams", "for_training")
KNOWN = np.dtype(
    [*((name, ROW[name]) for name in ROW.names or ()), ("first_gram", "<i8"), ("first_window", "<i8")]
)


class Chunk(NamedTuple):
    """The result of a task, in the journal."""

    path: Path
    first: int  # place of its first file among all


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What is known of all pieces, in the order of their files."""

    sources: Sources
    folder: Path  # for what else is too large
    rows: Table  # of KNOWN, one for each piece
    bad_files: BadFiles
    repairs: dict[str, dict[str, int]]  # what reading and encoding mended, over all pieces
    num_windows: int  # of all pieces
    windows: (
        Spill  # relative key, exact key, number among all, twice the piece and whether only train may have it
    )
    identities: Spill  # identity, piece
    postings: Spill  # key of a gram, piece
    grams: Table  # keys of all pieces

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self.rows)

    def grams_of(self, piece: int) -> Keys:
        """Return the keys of a piece's grams, sorted."""
        (row,) = self.rows.between(piece, piece + 1)
        first = int(row["first_gram"])
        return self.grams.between(first, first + int(row["grams"]))


def gather(chunks: Iterable[Chunk], sources: Sources, folder: Path) -> Catalogue:
    """Read what is known of each piece, chunk by chunk in their order, while others are still at work."""
    columns = {"windows": 4, "identities": 2, "postings": 2}
    spills = {name: Spill(folder, name, columns=number) for name, number in columns.items()}
    rows, grams, bad_files = Table(KNOWN, folder), Table(np.uint64, folder), BadFiles(folder=folder)
    repairs: dict[str, Counter[str]] = {}
    num_windows = 0
    for chunk in chunks:
        facts = unpack(chunk.path, FACTS)
        notes = json.loads(facts["notes"].tobytes())
        for place, *why in notes["bad"]:
            bad_files.add(BadFile(sources[chunk.first + place], *why))
        for kind, counts in notes["repairs"].items():
            repairs.setdefault(kind, Counter()).update(counts)
        found = facts["rows"]
        if not len(found):
            continue
        pieces = np.arange(len(rows), len(rows) + len(found))
        numbers = np.arange(num_windows, num_windows + len(facts["exact"]))
        marks = 2 * pieces.repeat(found["windows"]) + facts["for_training"]
        spills["windows"].add(facts["relative"], facts["exact"], numbers, marks)
        spills["identities"].add(found["identity"], pieces)
        spills["postings"].add(facts["grams"], pieces.repeat(found["grams"]))
        rows.add(_known(found, chunk.first, len(grams), num_windows))
        grams.add(facts["grams"])
        num_windows += len(numbers)
    mended = {kind: dict(repairs[kind]) for kind in sorted(repairs)}
    return Catalogue(sources, folder, rows, bad_files, mended, num_windows, grams=grams, **spills)


def _known(found: NDArray[Any], first_source: int, first_gram: int, first_window: int) -> NDArray[Any]:
    """Say of the rows of a chunk where among all they stand."""
    known = np.empty(len(found), dtype=KNOWN)
    for name in ROW.names or ():
        known[name] = found[name]
    known["source"] += first_source
    known["first_gram"] = first_gram + borders_of(found["grams"])[:-1]
    known["first_window"] = first_window + borders_of(found["windows"])[:-1]
    return known
