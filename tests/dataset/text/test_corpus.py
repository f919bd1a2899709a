import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.pieces import Source
from seqvae.dataset.text.corpus import read_corpus
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.store import SentenceStore
from tests.dataset.text.making import write_text

sentences = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A file that comes and goes."""
    return tmp_path_factory.mktemp("store") / "sentences"


@given(sentences, sentences, sentences)
def test_a_store_gives_back_what_was_added(place, kept, dropped, more):
    """Every sentence but those that were cut off comes back, as often as asked, and no file stays."""
    with SentenceStore(place) as store:
        for sentence in kept:
            store.add(sentence)
        end = store.place()
        for sentence in dropped:
            store.add(sentence)
        store.cut(end)
        for sentence in more:
            store.add(sentence)

        assert list(store) == list(store) == kept + more
    assert not place.exists()


def test_a_store_reads_sentences_across_its_chunks(place, monkeypatch):
    """Where a chunk ends has no say, not even inside a character."""
    monkeypatch.setattr("seqvae.dataset.text.store.CHUNK_BYTES", 3)
    with SentenceStore(place) as store:
        for sentence in ("\u4f60\u597d", "", "abcdefg", "\U0001f600"):
            store.add(sentence)

        assert list(store) == ["\u4f60\u597d", "", "abcdefg", "\U0001f600"]


def test_memory_holds_no_text(tmp_path):
    """To read a corpus takes a small part of its size."""
    path = write_text(tmp_path / "tales.txt", [f"{'x' * 2000} {number}" for number in range(500)])
    settings = TextSettings(max_pieces=200)
    with SentenceStore(tmp_path / "store") as store:
        tracemalloc.start()
        corpus = read_corpus({Source("tales", "tales.txt", path): ""}, settings, store)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert len(corpus.rows.texts) == 500
    assert peak < path.stat().st_size / 4
