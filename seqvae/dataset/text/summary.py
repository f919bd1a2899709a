"""What was prepared of texts, counted for the manifest and said in plain words."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest
from seqvae.dataset.pieces import add_counts
from seqvae.dataset.text.arrange import Flags, Integers, TextArrangement
from seqvae.dataset.text.corpus import TextCorpus
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.store import SentenceStore
from seqvae.dataset.text.templates import template_of
from seqvae.dataset.text.writing import EncodedTexts
from seqvae.midi.counts import counted
from seqvae.tokens.base import SentenceTokenizer

NUM_TEMPLATES_SHOWN = 10


def summarise_texts(
    store: SentenceStore,
    corpus: TextCorpus,
    arrangement: TextArrangement,
    texts: EncodedTexts,
    arrays: Mapping[str, ArrayRecord],
    tokenizer: SentenceTokenizer,
    settings: TextSettings,
) -> Manifest:
    """Build the manifest of finished shards."""
    corpora = corpus.corpora
    left_out = {
        name: _happened(arrangement.left_out[name] + Counter({settings.too_long: int(too_long)}))
        for name, too_long in zip(corpora, texts.too_long, strict=True)
    }
    inside = {split: texts.of_split(split, arrangement) for split in SPLITS}
    return Manifest(
        kind="text",
        tokenizer=tokenizer.to_config(),
        bars=settings.sentences,
        steps_per_window=settings.sentences * settings.max_length,
        voices=tokenizer.voices,
        seed=settings.seed,
        shares={"valid": settings.valid_share, "test": settings.test_share},
        corpora=tuple(corpora),
        num_files=len(corpus.files) + len(corpus.bad_files),
        num_groups=len(arrangement.templates.sizes),
        largest_group=int(arrangement.templates.sizes[0]),
        bad_files=dict(Counter(bad.reason for bad in corpus.bad_files)),
        skipped_pieces=add_counts(left_out.values()),
        dropped_windows={},
        repairs=left_out,
        counts={split: _counts(corpus, arrangement.groups, inside[split]) for split in SPLITS},
        arrays=arrays,
        pieces=(),
        text=_facts(arrangement, texts, tokenizer, settings)
        | {
            "largest_templates": _largest(store, arrangement),
            "test_sentences_also_in_train": _num_known(corpus.rows.texts, inside["test"], inside["train"]),
        },
    )


def _facts(
    arrangement: TextArrangement,
    texts: EncodedTexts,
    tokenizer: SentenceTokenizer,
    settings: TextSettings,
) -> dict[str, Any]:
    """Gather what only texts have."""
    lengths = texts.num_pieces[texts.lengths > 0]
    return {
        "max_length": settings.max_length,
        "vocab_size": tokenizer.vocab_size,
        "per_template": settings.per_template,
        "split_sentences": settings.split_sentences,
        "has_official_splits": arrangement.has_official_splits,
        "mean_pieces": round(float(lengths.mean()), 3),
        "p90_pieces": int(np.quantile(lengths, 0.9, method="inverted_cdf")),
        "share_up_to_12_pieces": round(float((lengths <= 12).mean()), 4),
        "num_words_unknown": texts.num_words_unknown,
    }


def _largest(store: SentenceStore, arrangement: TextArrangement) -> list[tuple[str, int]]:
    """Read the largest templates out of the sentences in which they came first."""
    firsts = arrangement.templates.firsts[:NUM_TEMPLATES_SHOWN].tolist()
    wanted = set(firsts)
    found = {row: template_of(text) for row, text in enumerate(store) if row in wanted}
    sizes = arrangement.templates.sizes[:NUM_TEMPLATES_SHOWN].tolist()
    return [(found[row], size) for row, size in zip(firsts, sizes, strict=True)]


def _num_known(texts: NDArray[np.uint64], asked: Flags, known: Flags) -> int:
    return int(np.isin(texts[asked], texts[known]).sum())


def _counts(corpus: TextCorpus, groups: Integers, inside: Flags) -> dict[str, dict[str, int]]:
    """Count groups and windows of each corpus."""
    of_corpus = {
        name: groups[inside & (corpus.corpus_of == number)] for number, name in enumerate(corpus.corpora)
    }
    return {
        name: {"pieces": len(np.unique(found)), "windows": len(found)} for name, found in of_corpus.items()
    }


def _happened(reasons: Mapping[str, int]) -> dict[str, int]:
    return {reason: number for reason, number in sorted(reasons.items()) if number}


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
