"""What was prepared, counted for the manifest."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import numpy as np

from seqvae.dataset.arrange import Arrangement, Block
from seqvae.dataset.catalogue import Catalogue
from seqvae.dataset.corpus import Sources
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest, PieceRecord
from seqvae.dataset.settings import PrepareSettings
from seqvae.midi.counts import counted


class PieceTable(Sequence[PieceRecord]):
    """The manifest's list of pieces, each made when it is asked for."""

    def __init__(self, sources: Sources, arrangement: Arrangement) -> None:
        """Take what was decided about the pieces."""
        self._sources, self._arrangement = sources, arrangement

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self._arrangement.groups)

    @overload
    def __getitem__(self, place: int) -> PieceRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[PieceRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> PieceRecord | tuple[PieceRecord, ...]:
        """Return one piece, or several."""
        if isinstance(place, slice):
            return tuple(self[inside] for inside in range(*place.indices(len(self))))
        (record,) = self._records(self._arrangement.block_of(range(len(self))[place]))
        return record

    def __iter__(self) -> Iterator[PieceRecord]:
        """Go through all pieces."""
        for block in self._arrangement.blocks():
            yield from self._records(block)

    def _records(self, block: Block) -> Iterator[PieceRecord]:
        sources = self._sources
        for row, group, split, windows in zip(*block, strict=True):
            source = int(row["source"])
            yield PieceRecord(
                name=sources.name_of(source),
                corpus=sources.corpora[sources.corpus_of(source)].name,
                split=SPLITS[split],
                group=int(group),
                windows=int(windows),
                sha256=row["sha256"].tobytes().hex(),
            )

    def __reduce__(self) -> tuple[type, tuple[tuple[PieceRecord, ...]]]:
        """Travel as a tuple: the files on the disk cannot."""
        return tuple, (tuple(self),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as any list that is compared by what it holds


def summarise(
    catalogue: Catalogue,
    arrangement: Arrangement,
    arrays: Mapping[str, ArrayRecord],
    settings: PrepareSettings,
) -> Manifest:
    """Build the manifest of finished shards."""
    bad_files, sources = catalogue.bad_files, catalogue.sources
    names = [corpus.name for corpus in sources.corpora]
    tally = _Tally(len(names), len(catalogue))
    for block in arrangement.blocks():
        tally.add(block, sources)
    found = {name for name, pieces in zip(names, tally.pieces, strict=True) if pieces}
    corpora = sorted(found | bad_files.corpora)
    return Manifest(
        tokenizer=settings.tokenizer.to_config(),
        bars=settings.bars,
        steps_per_window=settings.steps_per_window,
        voices=settings.tokenizer.voices,
        seed=settings.seed,
        shares={
            "valid": settings.valid_share,
            "test": settings.test_share,
            "same_music": settings.same_music_share,
        },
        corpora=tuple(corpora),
        num_files=len(catalogue) + len(bad_files),
        num_groups=int((tally.members > 0).sum()),
        largest_group=int(tally.members.max()),
        bad_files=dict(bad_files.reasons),
        skipped_pieces=tally.skipped_pieces(settings.bars),
        dropped_windows=arrangement.dropped,
        repairs=catalogue.repairs,
        counts=tally.counts({name: names.index(name) for name in corpora}),
        arrays=arrays,
        pieces=PieceTable(sources, arrangement),
        strict=settings.strict,
        more_voices=settings.more_voices,
        official=tuple(name for name, number in zip(names, tally.official, strict=True) if number),
    )


class _Tally:
    """Counts over all pieces, which are told some at a time."""

    def __init__(self, num_corpora: int, num_pieces: int) -> None:
        self.members = np.zeros(num_pieces, dtype=np.int32)  # pieces of each group
        self.pieces = np.zeros(num_corpora, dtype=np.int64)
        self.official = np.zeros(num_corpora, dtype=np.int64)  # pieces that lie where their corpus puts them
        self._kept = np.zeros((len(SPLITS), num_corpora, 2), dtype=np.int64)  # pieces with windows, windows
        self._skipped = np.zeros(3, dtype=np.int64)

    def add(self, block: Block, sources: Sources) -> None:
        """Count some pieces."""
        corpora = sources.corpora_of(block.rows["source"])
        np.add.at(self.members, block.groups, 1)
        np.add.at(self.pieces, corpora, 1)
        kept = np.stack([block.num_kept > 0, block.num_kept], axis=1)
        np.add.at(self._kept, (block.splits.astype(np.int64), corpora), kept)
        if any(corpus.splits for corpus in sources.corpora):
            places = block.rows["source"].tolist()
            np.add.at(self.official, corpora, [bool(sources.split_of(place)) for place in places])
        has_windows, is_near_empty = block.rows["windows"] > 0, block.rows["near_empty"] > 0
        self._skipped += (
            (~has_windows & is_near_empty).sum(),
            (~has_windows & ~is_near_empty).sum(),
            (has_windows & (block.num_kept == 0)).sum(),
        )

    def counts(self, numbers: Mapping[str, int]) -> dict[str, dict[str, dict[str, int]]]:
        """Return pieces that give windows, and these, by split and corpus, each of which has a number."""
        return {
            split: {
                name: dict(zip(("pieces", "windows"), self._kept[place, number].tolist(), strict=True))
                for name, number in numbers.items()
            }
            for place, split in enumerate(SPLITS)
        }

    def skipped_pieces(self, bars: int) -> dict[str, int]:
        """Return how many pieces give no window, by reason."""
        reasons = (
            "only near-empty windows",
            f"shorter than {bars} bars",
            "only windows that other pieces hold",
        )
        return {
            reason: number for reason, number in zip(reasons, self._skipped.tolist(), strict=True) if number
        }


def summary_lines(manifest: Manifest) -> list[str]:
    """Say in plain words what was prepared and what was left out."""
    pieces, groups = counted(len(manifest.pieces), "piece"), counted(manifest.num_groups, "group")
    lines = [f"{counted(manifest.num_files, 'file')}, {pieces} in {groups}"]
    lines[0] += f" (largest: {counted(manifest.largest_group, 'piece')})"
    for split in SPLITS:
        corpora = ", ".join(f"{name} {count['windows']}" for name, count in manifest.counts[split].items())
        lines.append(
            f"{split:5}  {counted(manifest.num_windows(split), 'window')} of {counted(manifest.bars, 'bar')}"
            f" from {counted(manifest.num_pieces(split), 'piece')} ({corpora})"
        )
    lines += [f"{corpus} keeps the split that it brings along" for corpus in manifest.official]
    lines += _left_out("files left out", manifest.bad_files)
    lines += _left_out("pieces without a window", manifest.skipped_pieces)
    lines += _left_out("windows dropped", manifest.dropped_windows)
    return lines


def _left_out(what: str, reasons: Mapping[str, int]) -> list[str]:
    return [f"{what}: {number} {reason}" for reason, number in sorted(reasons.items()) if number]
