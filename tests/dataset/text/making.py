"""Corpora of text for the tests: a grammar with near-copies, as files."""

from collections import Counter
from pathlib import Path

import numpy as np

from seqvae.dataset.pieces import Source
from seqvae.dataset.text.corpus import Rows, TextCorpus, TextFile, digest
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.templates import template_of

SUBJECTS = ("Tom", "Mary", "He", "They", "Tom and Mary")
VERBS = ("painted", "sold", "found", "wanted", "lost", "cleaned")
THINGS = ("the old house", "a green apple", "one boat", "nothing", "coffee", "two dogs", "some bread")
HALVES = TextSettings(vocab_size=400, valid_share=0.25, test_share=0.25)


def lines() -> list[str]:
    """List 42 templates of five sentences each, near-copies far from one another."""
    return [f"{subject} {verb} {thing}." for subject in SUBJECTS for verb in VERBS for thing in THINGS]


def write_text(path: Path, sentences: list[str]) -> Path:
    """Write one sentence to a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{sentence}\n" for sentence in sentences), encoding="utf-8")
    return path


def write_treebank(folder: Path, prefix: str = "ptb.") -> Path:
    """Write a corpus with official splits as the Penn Treebank has them."""
    write_text(
        folder / f"{prefix}train.txt", [" the <unk> said no ", " no it was n't ", " the <unk> said no "]
    )
    write_text(folder / f"{prefix}valid.txt", [" it said the <unk> "])
    write_text(folder / f"{prefix}test.txt", [" the <unk> said no ", " no unicorn said it "])
    return folder


def corpus_of(*files: list[str], length: int = 1, seed: int = 0) -> TextCorpus:
    """Stand in for files that were read, a corpus each, with paragraphs of so many windows."""
    texts = [text for sentences in files for text in sentences]
    hashes = [(digest(text), digest(template_of(text)), digest(f"{seed}:{text}")) for text in texts]
    places = [(n, n << 32 | place // length) for n, some in enumerate(files) for place in range(len(some))]
    rows = Rows(*np.array(hashes, dtype=np.uint64).T, *np.array(places, dtype=np.int64).T)
    sources = [Source(str(n), f"{n}.txt", Path(f"{n}.txt")) for n in range(len(files))]
    return TextCorpus([TextFile(source, "", Counter()) for source in sources], [], rows)
