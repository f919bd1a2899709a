"""The script that makes a corpus of words."""

import pytest

from scripts.word_corpus import main, split_of, words_of
from seqvae.dataset.text.templates import template_of


def make(tmp_path, lines, *options: str) -> dict[str, list[str]]:
    """Write sentences, run the script, read its files."""
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("\n".join(lines), encoding="utf-8")
    main([str(sentences), str(tmp_path / "corpus"), *options])
    files = sorted((tmp_path / "corpus").iterdir())
    return {path.stem: path.read_text(encoding="utf-8").splitlines() for path in files}


def test_words_are_small_and_bare():
    """Case and punctuation go, numbers become N, and a contraction stays one word."""
    assert words_of("“Don’t”, she said, “pay 1,250.50 — or 3!”") == [
        "don't",
        "she",
        "said",
        "pay",
        "N",
        "or",
        "N",
    ]


def test_corpus_keeps_every_different_sentence_once(tmp_path, capsys):
    """Sentences of a template share a split, copies go, and what is left out is counted."""
    lines = [f"{name} saw {number} birds." for name in ("Tom", "Mary", "tom") for number in "abcdefghij"]
    corpus = make(tmp_path, [*lines, "...", ""], "--share", "0.3")
    assert sum(map(len, corpus.values())) == 20
    for number in "abcdefghij":
        split = split_of(template_of(f"tom saw {number} birds"), 0.3)
        assert split != "train" or sum(f" {number} " in line for line in corpus["train"]) == 2
    assert [len(corpus[split]) % 2 for split in corpus] == [0, 0, 0]
    assert min(map(len, corpus.values())) > 0
    assert "11 of 31 lines left out: no words, or there already" in capsys.readouterr().out


def test_rare_words_are_unknown(tmp_path):
    """Of all words the most frequent of train stay, the first in the alphabet where two are alike."""
    corpus = make(tmp_path, ["b a", "b c", "b d e"], "--share", "0", "--words", "3")
    assert corpus == {"train": ["b a", "b <unk>", "b <unk> <unk>"], "valid": [], "test": []}


def test_existing_folder_is_left_alone(tmp_path):
    """A corpus is never overwritten."""
    make(tmp_path, ["a b"])
    with pytest.raises(SystemExit, match="corpus is there already"):
        make(tmp_path, ["a b"])


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"\xff\xfe", (), "cannot be read"),
        (b"", (), "no sentence to train on"),
        (b"a b", ("--words", "1"), "2"),
        (b"a b", ("--share", "0.6"), "2"),
    ],
)
def test_what_makes_no_corpus_is_told(tmp_path, content, options, words):
    """Other files and impossible numbers end in one line, and nothing is written."""
    (tmp_path / "sentences.txt").write_bytes(content)
    with pytest.raises(SystemExit, match=words):
        main([str(tmp_path / "sentences.txt"), str(tmp_path / "corpus"), *options])
    assert not (tmp_path / "corpus").exists()
