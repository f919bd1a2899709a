from collections import Counter

import pytest

from seqvae.dataset.pieces import Source
from seqvae.dataset.text.files import MAX_LINE_BYTES, list_texts, read_sentences
from seqvae.dataset.text.settings import SEPARATOR, TextSettings
from seqvae.errors import DataError
from tests.dataset.text.making import write_text, write_treebank


def read(path, content: bytes, **settings):
    """Write bytes and read them as a text file: numbers of paragraphs, sentences, and what was left out."""
    path.write_bytes(content)
    left_out: Counter[str] = Counter()
    found = list(read_sentences(Source("corpus", path.name, path), TextSettings(**settings), left_out))
    return [paragraph for paragraph, _ in found], [sentence for _, sentence in found], left_out


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        pytest.param(b"one\ntwo", ["one", "two"], id="no last line break"),
        pytest.param(b"one\r\n\r\n  two \r\n", ["one", "two"], id="from Windows"),
        pytest.param(b"\xef\xbb\xbfone\n", ["one"], id="byte order mark"),
        pytest.param("a  b\u2028c\n".encode(), ["a  b\u2028c"], id="spaces inside stay"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_each_line_is_a_sentence(tmp_path, content, sentences):
    """Line ends and the space around a line are no part of it; empty lines are counted."""
    _, found, left_out = read(tmp_path / "a.txt", content)

    assert found == sentences
    assert left_out.total() == content.count(b"\r\n\r\n")


def test_paragraphs_are_cut(tmp_path):
    """With the option, line ends inside a paragraph are spaces and empty lines end it."""
    paragraphs, found, _ = read(tmp_path / "a.txt", b"One\nsentence. And\n\nanother", split_sentences=True)

    assert found == ["One sentence.", "And", "another"]
    assert paragraphs == [0, 1, 2]


def test_windows_know_their_paragraph(tmp_path):
    """Windows of several sentences tell which paragraph they were cut from."""
    paragraphs, found, _ = read(tmp_path / "a.txt", b"One. Two. Three.\n\nFour.", sentences=2)

    assert [len(window.split(SEPARATOR)) for window in found] == [2, 1, 1]
    assert paragraphs == [0, 0, 1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"MThd\0\0\0\6", "not a text file", id="binary"),
        pytest.param("one\ntwo".encode("utf-16"), "not a text file", id="utf-16"),
        pytest.param("fine\ncaf\u00e9".encode("latin-1"), "bytes that are no text", id="latin-1"),
    ],
)
def test_a_file_that_is_no_text_is_named(tmp_path, content, reason):
    """Nothing is guessed: the reason is told, and the line."""
    with pytest.raises(DataError, match=rf"{reason} \(.*line [12]\)"):
        read(tmp_path / "a.txt", content)


@pytest.mark.parametrize("size", [1_000_000, MAX_LINE_BYTES, 3 * MAX_LINE_BYTES + 7])
@pytest.mark.parametrize("tokenizer", ["text", "words"])
def test_a_giant_line_is_counted(tmp_path, size, tokenizer):
    """A line too long for any model costs neither memory nor the lines around it."""
    _, found, left_out = read(tmp_path / "a.txt", b"one\n" + b"x" * size + b"\ntwo\n", tokenizer=tokenizer)

    assert found == ["one", "two"]
    assert left_out.total() == 1


@pytest.mark.parametrize(
    "names", [("train", "valid", "test"), ("ptb.train", "ptb.valid", "ptb.test"), ("train", "dev", "test")]
)
def test_official_splits_are_found(tmp_path, names):
    """A folder in the layout of the Penn Treebank keeps its splits, other files in it are no part."""
    for name in (*names, "readme"):
        write_text(tmp_path / f"{name}.txt", ["x"])

    found = {source.name.removesuffix(".txt"): split for source, split in list_texts([tmp_path]).items()}

    assert found == dict(zip(names, ("train", "valid", "test"), strict=True))


@pytest.mark.parametrize("names", [("train", "test"), ("train", "valid", "val", "test"), ("a", "b")])
def test_other_folders_have_no_official_splits(tmp_path, names):
    """Two of three files or two for one split are ordinary files."""
    for name in names:
        write_text(tmp_path / f"{name}.txt", ["x"])

    assert set(list_texts([tmp_path]).values()) == {""}


def test_corpora_are_named_by_file_or_folder(tmp_path):
    """A file is a corpus, a folder another, whatever order they come in."""
    paths = [write_text(tmp_path / "tales.txt", ["x"]), write_treebank(tmp_path / "news")]

    for order in (paths, paths[::-1]):
        assert [(source.corpus, split) for source, split in list_texts(order).items()] == [
            ("news", ""),
            ("news", ""),
            ("news", ""),
            ("tales", ""),
        ]


def test_what_is_not_there_is_named(tmp_path):
    """A missing path, an empty folder and two corpora of one name are told apart."""
    (tmp_path / "empty").mkdir()
    twin = write_text(tmp_path / "twin.txt", ["x"])
    write_text(tmp_path / "twin" / "a.txt", ["x"])

    for paths, message in (
        ([tmp_path / "missing"], "missing: no such file or folder"),
        ([tmp_path / "empty"], r"empty: no text files here \(\.txt\)"),
        ([twin, tmp_path / "twin"], "a second corpus named 'twin'"),
    ):
        with pytest.raises(DataError, match=message):
            list_texts(paths)
