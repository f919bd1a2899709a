import sys
from pathlib import Path

import pytest

from seqvae.dataset.journal import StoppedError
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.recognise import recognise
from seqvae.dataset.remote import RemotePath
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings
from seqvae.errors import DataError
from tests.dataset.making import bytes_of, write_corpus
from tests.dataset.text.making import lines, write_text

fsspec = pytest.importorskip("fsspec")
HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)


@pytest.fixture
def corpus(tmp_path):
    """Tunes in folders, one of them broken, with a table of splits."""
    corpus = write_corpus(tmp_path / "tunes")
    (corpus / "broken.mid").write_bytes(b"MThd")
    (corpus / "none.mid").write_bytes(b"")
    rows = [f"tune{number}.mid,{split}" for number, split in enumerate(["train", "test", "valid"])]
    (corpus / "splits.csv").write_text("\n".join(["filename,split", *rows]))
    return corpus


@pytest.fixture
def bucket(corpus):
    """Copy the tunes to a place that has URLs only."""
    place = fsspec.filesystem("memory")
    place.put(f"{corpus}/", "/bucket/tunes/", recursive=True)
    yield "memory://bucket/tunes"
    place.rm("/bucket", recursive=True)


def test_a_url_gives_the_bytes_of_the_folder(corpus, bucket, tmp_path):
    """Wherever the files lie, shards and report are the same."""
    prepare_corpus([corpus], tmp_path / "folder", HALVES)

    prepare_corpus([bucket], tmp_path / "url", HALVES)
    prepare_corpus([f"file://{corpus}/"], tmp_path / "file", HALVES, num_workers=2)

    assert recognise([bucket]) == "melody"
    assert bytes_of(tmp_path / "folder") == bytes_of(tmp_path / "url") == bytes_of(tmp_path / "file")


def test_sentences_come_from_urls_too(tmp_path):
    """A text file behind a URL is a corpus like any other."""
    text = write_text(tmp_path / "tales.txt", lines())
    settings = TextSettings(vocab_size=400)
    prepare_texts([text], tmp_path / "file", settings)

    prepare_texts([f"file://{text}"], tmp_path / "url", settings)

    assert recognise([f"file://{text}"]) == "text"
    assert bytes_of(tmp_path / "file") == bytes_of(tmp_path / "url")


def test_sentences_behind_a_place_that_fails_are_no_bad_file(tmp_path, monkeypatch):
    """Shards without them would be others than those of the same corpus the day before."""
    text = write_text(tmp_path / "tales.txt", lines())

    def fail(path: RemotePath, size: int = -1) -> bytes:
        raise StoppedError(f"{path}: cannot be reached")

    monkeypatch.setattr(RemotePath, "read", fail)
    with pytest.raises(StoppedError, match="cannot be reached"):
        prepare_texts([f"file://{text}"], tmp_path / "out", TextSettings(vocab_size=400))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("nowhere://bucket/tunes", "nowhere://bucket/tunes: cannot be opened", id="protocol"),
        pytest.param("memory://nothing", "memory://nothing: not a folder", id="missing"),
    ],
)
def test_a_url_that_leads_nowhere_is_named(url, message, tmp_path):
    """The error names the URL and what is wrong with it."""
    with pytest.raises(DataError, match=message):
        prepare_corpus([url], tmp_path / "out", HALVES)


def test_without_fsspec_the_way_to_get_it_is_told(tmp_path, monkeypatch):
    """The optional package is asked for by its command."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)

    with pytest.raises(DataError, match="URLs need fsspec; install it with pip install fsspec"):
        prepare_corpus(["memory://bucket/tunes"], tmp_path / "out", HALVES)


def test_a_place_that_fails_ends_the_run_and_not_the_file(bucket, tmp_path, monkeypatch):
    """What a failing network hides is no bad file: the run stops, and goes on when the place answers."""
    read = RemotePath.read

    def fail(path, size=-1):
        if path.name == "tune5.mid":
            monkeypatch.setattr(type(path._place[0]), "open", lambda *_: 1 / 0)
        return read(path, size)

    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 1)
    monkeypatch.setattr(RemotePath, "read", fail)
    with pytest.raises(StoppedError, match=r"tune5\.mid: cannot be reached \(ZeroDivisionError"):
        prepare_corpus([bucket], tmp_path / "out", HALVES)

    assert len(list((tmp_path / ".out.partial").iterdir())) == 15


def test_paths_are_no_urls(tmp_path):
    """Names with a colon are paths."""
    corpus = write_corpus(tmp_path / "a:b", num_tunes=1)

    assert prepare_corpus([str(corpus)], Path(tmp_path / "out"), HALVES).corpora == ("a:b",)
