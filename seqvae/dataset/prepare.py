"""A corpus becomes shards: encode every file, arrange the pieces, write."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from seqvae.dataset.arrange import arrange
from seqvae.dataset.corpus import encode_sources, list_sources
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest
from seqvae.dataset.pieces import BadFile, Piece
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import EXPRESSIVE, MANIFEST_NAME
from seqvae.dataset.summary import summarise
from seqvae.dataset.writing import check_output, folder_in_one_piece, write_report, write_split
from seqvae.errors import DataError


def prepare_corpus(
    folders: Sequence[str | Path],
    out: str | Path,
    settings: PrepareSettings,
    *,
    num_workers: int = 1,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write the shards of one or several corpora and return their description.

    The same files and settings give the same bytes for any number of workers. A script that asks for several
    needs the usual `if __name__ == "__main__":`. `on_progress` hears (files done, all files).
    Raises DataError when there is nothing to train on, OutputError when `out` cannot be written.
    """
    out = Path(out)
    check_output(out, force=force)
    sources = list_sources(folders)
    results = list(encode_sources(sources, settings, num_workers=num_workers, on_progress=on_progress))
    pieces = [result for result in results if isinstance(result, Piece)]
    bad_files = [result for result in results if isinstance(result, BadFile)]
    if not any(len(piece.facts.starts) for piece in pieces):
        raise DataError(_nothing_left(len(pieces), bad_files, settings.bars))
    arrangement = arrange(pieces, settings)
    with folder_in_one_piece(out) as folder:
        arrays: dict[str, ArrayRecord] = {}
        for split in SPLITS:
            chosen = arrangement.of_split(split)
            arrays |= write_split(
                folder,
                split,
                chosen,
                voices=settings.tokenizer.voices,
                is_expressive=settings.tokenizer.name == EXPRESSIVE,
            )
        manifest = summarise(arrangement, bad_files, arrays, settings)
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        write_report(folder, bad_files)
    return manifest


def _nothing_left(num_pieces: int, bad_files: Sequence[BadFile], bars: int) -> str:
    reasons = Counter(bad.reason for bad in bad_files)
    found = [f"{number} {reason}" for reason, number in reasons.most_common()]
    found += [f"{num_pieces} without a window of {bars} bars"] if num_pieces else []
    return f"none of {num_pieces + len(bad_files)} files can be used: {', '.join(found)}"
