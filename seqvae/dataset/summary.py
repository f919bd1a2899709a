"""What was prepared, counted for the manifest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from seqvae.dataset.arrange import Arrangement
from seqvae.dataset.counted import counted
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest, PieceRecord
from seqvae.dataset.pieces import BadFile, add_counts
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.writing import Chosen


def summarise(
    arrangement: Arrangement,
    bad_files: Sequence[BadFile],
    arrays: Mapping[str, ArrayRecord],
    settings: PrepareSettings,
) -> Manifest:
    """Build the manifest of finished shards."""
    records, chosen = _records(arrangement), arrangement.chosen
    corpora = sorted({record.corpus for record in records} | {bad.source.corpus for bad in bad_files})
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
        num_files=len(records) + len(bad_files),
        num_groups=len(set(arrangement.groups)),
        largest_group=Counter(arrangement.groups).most_common(1)[0][1],
        bad_files=dict(Counter(bad.reason for bad in bad_files)),
        skipped_pieces=_skipped(chosen, settings.bars),
        dropped_windows=arrangement.dropped,
        repairs=_repairs(chosen),
        counts={split: {corpus: _count(records, split, corpus) for corpus in corpora} for split in SPLITS},
        arrays=arrays,
        pieces=records,
        strict=settings.strict,
        official=tuple(sorted({piece.source.corpus for _, piece, _ in chosen if piece.source.split})),
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


def _records(arrangement: Arrangement) -> tuple[PieceRecord, ...]:
    return tuple(
        PieceRecord(
            name=piece.source.name,
            corpus=piece.source.corpus,
            split=split,
            group=group,
            windows=int(kept.sum()),
            sha256=piece.sha256,
        )
        for (_, piece, kept), split, group in zip(
            arrangement.chosen, arrangement.splits, arrangement.groups, strict=True
        )
    )


def _count(records: Iterable[PieceRecord], split: str, corpus: str) -> dict[str, int]:
    windows = [record.windows for record in records if record.split == split and record.corpus == corpus]
    return {"pieces": sum(number > 0 for number in windows), "windows": sum(windows)}


def _skipped(chosen: Iterable[Chosen], bars: int) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for _, piece, kept in chosen:
        if not len(kept):
            reasons["only near-empty windows" if piece.num_near_empty else f"shorter than {bars} bars"] += 1
        elif not kept.any():
            reasons["only windows that other pieces hold"] += 1
    return dict(reasons)


def _repairs(chosen: Sequence[Chosen]) -> dict[str, dict[str, int]]:
    kinds = sorted({kind for _, piece, _ in chosen for kind in piece.repairs})
    return {kind: add_counts(piece.repairs.get(kind, {}) for _, piece, _ in chosen) for kind in kinds}
