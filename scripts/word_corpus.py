#!/usr/bin/env python3
"""Make a corpus in the layout of the Penn Treebank from a file of sentences, for scripts/lm_table.py.

    scripts/word_corpus.py SENTENCES.txt FOLDER [--words 10000] [--share 0.07]

FOLDER receives train.txt, valid.txt and test.txt: small letters, no punctuation, N for numbers, and `<unk>`
for all but the most frequent words of train. A sentence stands once, and those that differ in names and
pronouns alone are in one split, which a hash of what they have in common decides: more sentences move none.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from seqvae.dataset.text.templates import template_of
from seqvae.tokens.words import UNKNOWN

WORD = re.compile(r"\d[\d.,:]*|[^\W\d_]+(?:['’-][^\W\d_]+)*")
NUMBER = "N"
SPLITS = ("train", "valid", "test")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, split, count words, write, and say what became of the lines."""
    options = read_options(arguments)
    if options.folder.exists():
        sys.exit(f"Error: {options.folder} is there already; choose another folder")
    try:
        lines = options.sentences.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"Error: {options.sentences}: cannot be read ({error}); give a text file in UTF-8")
    splits = split_by_template(lines, options.share)
    if not splits["train"]:
        sys.exit(f"Error: {options.sentences}: no sentence to train on; give more, or a smaller --share")
    known = most_frequent(splits["train"], options.words - 1)
    options.folder.mkdir(parents=True)
    for split, sentences in splits.items():
        written = [" ".join(word if word in known else UNKNOWN for word in words) for words in sentences]
        (options.folder / f"{split}.txt").write_text("".join(f"{line}\n" for line in written), "utf-8")
        print(f"{split}: {len(written):,} sentences, {sum(map(len, sentences)):,} words")
    kept = sum(map(len, splits.values()))
    print(f"{len(lines) - kept:,} of {len(lines):,} lines left out: no words, or there already")
    print(f"vocabulary: {len(known) + 1:,} words, {UNKNOWN} among them")


def split_by_template(lines: Iterable[str], share: float) -> dict[str, list[list[str]]]:
    """Return the words of each different sentence, by split; valid and test have a share each."""
    splits: dict[str, list[list[str]]] = {split: [] for split in SPLITS}
    seen = set()
    for line in lines:
        words = words_of(line)
        if words and tuple(words) not in seen:
            seen.add(tuple(words))
            splits[split_of(template_of(" ".join(words)), share)].append(words)
    return splits


def words_of(line: str) -> list[str]:
    """Return the words of a line in small letters, N for numbers."""
    return [NUMBER if word[0].isdigit() else word.replace("’", "'") for word in WORD.findall(line.casefold())]


def split_of(template: str, share: float) -> str:
    """Return the split of all sentences of a template."""
    place = int.from_bytes(sha256(template.encode()).digest()[:8], "big") / 2**64
    return "test" if place < share else "valid" if place < 2 * share else "train"


def most_frequent(sentences: Iterable[Sequence[str]], size: int) -> set[str]:
    """Return so many words; of equally frequent ones the first in the alphabet."""
    counts = Counter(word for words in sentences for word in words)
    return set(sorted(counts, key=lambda word: (-counts[word], word))[:size])


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sentences", type=Path, help="a text file, one sentence to a line")
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument(
        "--words", type=int, default=10_000, help="size of the vocabulary (default %(default)s)"
    )
    parser.add_argument(
        "--share", type=float, default=0.07, help="of templates for valid, and for test (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    if options.words < 2 or not 0 <= options.share < 0.5:
        parser.error("choose 2 words or more, and a share of 0 to below 0.5")
    return options


if __name__ == "__main__":
    main()
