"""What was prepared of texts, counted for the manifest and said in plain words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest
from seqvae.dataset.pieces import BadFile, add_counts
from seqvae.dataset.text.arrange import TextArrangement
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.writing import Encoded, EncodedTexts
from seqvae.midi.counts import counted
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.sentences import END

NUM_TEMPLATES_SHOWN = 10


def summarise_texts(
    arrangement: TextArrangement,
    texts: EncodedTexts,
    bad_files: Sequence[BadFile],
    arrays: Mapping[str, ArrayRecord],
    tokenizer: SentenceTokenizer,
    settings: TextSettings,
) -> Manifest:
    """Build the manifest of finished shards."""
    left_out = {
        corpus: _happened(reasons + Counter({settings.too_long: texts.too_long[corpus]}))
        for corpus, reasons in sorted(arrangement.left_out.items())
    }
    corpora = arrangement.corpora
    return Manifest(
        kind="text",
        tokenizer=tokenizer.to_config(),
        bars=settings.sentences,
        steps_per_window=settings.sentences * settings.max_length,
        voices=tokenizer.voices,
        seed=settings.seed,
        shares={"valid": settings.valid_share, "test": settings.test_share},
        corpora=tuple(corpora),
        num_files=arrangement.num_files + len(bad_files),
        num_groups=len(arrangement.templates),
        largest_group=max(arrangement.templates.values()),
        bad_files=dict(Counter(bad.reason for bad in bad_files)),
        skipped_pieces=add_counts(left_out.values()),
        dropped_windows={},
        repairs=left_out,
        counts={
            split: {corpus: _count(texts.of_split(split), corpus) for corpus in corpora} for split in SPLITS
        },
        arrays=arrays,
        pieces=(),
        text=_facts(arrangement, texts, tokenizer, settings),
    )


def _facts(
    arrangement: TextArrangement,
    texts: EncodedTexts,
    tokenizer: SentenceTokenizer,
    settings: TextSettings,
) -> dict[str, Any]:
    """Gather what only texts have."""
    train = {sentence.placed.text for sentence in texts.of_split("train")}
    lengths = np.array([int((sentence.ids > END).sum()) for sentence in texts.sentences])
    return {
        "max_length": settings.max_length,
        "vocab_size": tokenizer.vocab_size,
        "per_template": settings.per_template,
        "split_sentences": settings.split_sentences,
        "has_official_splits": arrangement.has_official_splits,
        "largest_templates": arrangement.templates.most_common(NUM_TEMPLATES_SHOWN),
        "mean_pieces": round(float(lengths.mean()), 3),
        "p90_pieces": int(np.quantile(lengths, 0.9, method="inverted_cdf")),
        "share_up_to_12_pieces": round(float((lengths <= 12).mean()), 4),
        "test_sentences_also_in_train": sum(s.placed.text in train for s in texts.of_split("test")),
        "num_words_unknown": texts.num_words_unknown,
    }


def _happened(reasons: Mapping[str, int]) -> dict[str, int]:
    return {reason: number for reason, number in sorted(reasons.items()) if number}


def _count(sentences: Iterable[Encoded], corpus: str) -> dict[str, int]:
    groups = [sentence.placed.group for sentence in sentences if sentence.placed.corpus == corpus]
    return {"pieces": len(set(groups)), "windows": len(groups)}


def text_summary_lines(manifest: Manifest) -> list[str]:
    """Say in plain words what was prepared and what was left out."""
    facts = manifest.text
    unit = "window" if manifest.bars > 1 else "sentence"
    each = f" of up to {manifest.bars} sentences" if manifest.bars > 1 else ""
    lines = [f"{counted(manifest.num_files, 'file')}, {unit}s of {counted(manifest.num_groups, 'template')}"]
    for split in SPLITS:
        corpora = ", ".join(f"{name} {count['windows']}" for name, count in manifest.counts[split].items())
        lines.append(f"{split:5}  {counted(manifest.num_windows(split), unit)}{each} ({corpora})")
    parts = "words" if manifest.tokenizer["name"] == "words" else "pieces"
    lines.append(
        f"{facts['vocab_size']} ids; {facts['mean_pieces']:.1f} {parts} in a {unit} on average, up to"
        f" {facts['p90_pieces']} in 90 %, up to 12 in {facts['share_up_to_12_pieces']:.1%}"
    )
    largest = ", ".join(f"{name!r} {number}" for name, number in facts["largest_templates"][:5])
    lines.append(f"largest templates: {largest}")
    if facts["test_sentences_also_in_train"]:
        lines.append(f"test {unit}s that are in train as well: {facts['test_sentences_also_in_train']}")
    if facts["num_words_unknown"]:
        lines.append(f"{counted(facts['num_words_unknown'], 'word')} read as <unk>")
    lines += [f"files left out: {number} {reason}" for reason, number in sorted(manifest.bad_files.items())]
    lines += [
        f"lines left out of {corpus}: {number} {reason}"
        for corpus, reasons in manifest.repairs.items()
        for reason, number in reasons.items()
    ]
    return lines
