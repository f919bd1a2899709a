"""What was prepared, counted for the manifest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.arrange import Arrangement
from seqvae.dataset.catalogue import Catalogue
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest, PieceRecord
from seqvae.dataset.settings import PrepareSettings
from seqvae.midi.counts import counted


class PieceTable(Sequence[PieceRecord]):
    """The manifest's list of pieces, each made when it is asked for."""

    def __init__(self, catalogue: Catalogue, arrangement: Arrangement) -> None:
        """Take what is known of the pieces and what was decided about them."""
        self._rows, self._sources = catalogue.rows, catalogue.sources
        self._arrangement = arrangement

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> PieceRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[PieceRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> PieceRecord | tuple[PieceRecord, ...]:
        """Return one piece, or several."""
        if isinstance(place, slice):
            return tuple(self[inside] for inside in range(*place.indices(len(self))))
        row, sources = self._rows[place], self._sources
        source = int(row["source"])
        return PieceRecord(
            name=sources.name_of(source),
            corpus=sources.corpora[sources.corpus_of(source)].name,
            split=SPLITS[self._arrangement.splits[place]],
            group=int(self._arrangement.groups[place]),
            windows=int(self._arrangement.num_kept[place]),
            sha256=row["sha256"].tobytes().hex(),
        )

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
    _, groups = np.unique(arrangement.groups, return_counts=True)
    corpus_of = sources.corpora_of(catalogue.rows["source"])
    found = {sources.corpora[number].name for number in np.unique(corpus_of).tolist()}
    corpora = sorted(found | {bad.source.corpus for bad in bad_files})
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
        num_groups=len(groups),
        largest_group=int(groups.max()),
        bad_files=dict(Counter(bad.reason for bad in bad_files)),
        skipped_pieces=_skipped(catalogue, arrangement, settings.bars),
        dropped_windows=arrangement.dropped,
        repairs=catalogue.repairs,
        counts=_counts(catalogue, arrangement, corpus_of, corpora),
        arrays=arrays,
        pieces=PieceTable(catalogue, arrangement),
        strict=settings.strict,
        more_voices=settings.more_voices,
        official=_official(catalogue, corpus_of),
    )


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


def _counts(
    catalogue: Catalogue, arrangement: Arrangement, corpus_of: NDArray[np.int64], corpora: Sequence[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Count pieces that give windows, and these, by split and corpus."""
    numbers = {corpus.name: number for number, corpus in enumerate(catalogue.sources.corpora)}

    def count(split: int, corpus: str) -> dict[str, int]:
        windows = arrangement.num_kept[(arrangement.splits == split) & (corpus_of == numbers[corpus])]
        return {"pieces": int((windows > 0).sum()), "windows": int(windows.sum())}

    return {name: {corpus: count(split, corpus) for corpus in corpora} for split, name in enumerate(SPLITS)}


def _official(catalogue: Catalogue, corpus_of: NDArray[np.int64]) -> tuple[str, ...]:
    """Name the corpora of which a piece lies where the corpus puts it."""
    sources, places = catalogue.sources, catalogue.rows["source"]
    return tuple(
        corpus.name
        for number, corpus in enumerate(sources.corpora)
        if corpus.splits and any(map(sources.split_of, places[corpus_of == number].tolist()))
    )


def _skipped(catalogue: Catalogue, arrangement: Arrangement, bars: int) -> dict[str, int]:
    """Count the pieces that give no window, by reason."""
    has_windows = catalogue.rows["windows"] > 0
    is_near_empty = catalogue.rows["near_empty"] > 0
    reasons = {
        "only near-empty windows": ~has_windows & is_near_empty,
        f"shorter than {bars} bars": ~has_windows & ~is_near_empty,
        "only windows that other pieces hold": has_windows & (arrangement.num_kept == 0),
    }
    return {reason: int(pieces.sum()) for reason, pieces in reasons.items() if pieces.any()}
