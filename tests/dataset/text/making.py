"""Corpora of text for the tests: a grammar with near-copies, as files."""

from pathlib import Path

from seqvae.dataset.text.settings import TextSettings

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
