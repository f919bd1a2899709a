"""Rows, texts and flags that are not in memory, or hardly, against lists that are."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.ordering import in_order
from seqvae.dataset.table import Bits, Table, Texts
from seqvae.errors import OutputError

names = st.text(st.characters(exclude_categories=["Cs"])) | st.just("caf\udce9.mid")
ROW = np.dtype([("number", "<i8"), ("digest", "u1", 3)])


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """Let blocks and runs be short."""
    monkeypatch.setattr("seqvae.dataset.table.ROWS_AT_ONCE", 4)
    monkeypatch.setattr("seqvae.dataset.ordering.IN_MEMORY", 5)
    monkeypatch.setattr("seqvae.dataset.ordering.OF_EACH_RUN", 2)


@given(st.lists(st.integers(0, 6), max_size=8))
def test_rows_come_back_as_they_went(lengths):
    """In blocks, from anywhere, and while others are still added."""
    table, whole = Table(ROW), np.empty(0, ROW)
    for length in lengths:
        rows = np.zeros(length, ROW)
        rows["number"] = np.arange(length) + len(whole)
        rows["digest"][:, 1] = 7
        table.add(rows)
        whole = np.concatenate([whole, rows])

        assert len(table) == len(whole)
        assert np.concatenate([whole[:0], *table.blocks()]).tobytes() == whole.tobytes()
        middle = len(whole) // 2
        assert table.between(middle, len(whole)).tobytes() == whole[middle:].tobytes()
        assert len(table.between(middle, middle)) == 0
    assert all(0 < len(block) <= 4 for block in table.blocks())


def test_a_full_disk_is_told_in_one_line(monkeypatch):
    """Unless a folder was given, whose owner knows what to say."""
    with pytest.raises(FileNotFoundError):
        Table(np.uint8, Path("/nowhere"))
    told = r"^temporary files .* \(No space left on device\); mend this, or"
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("seqvae.dataset.table.TemporaryFile", lambda **_: full)
        with pytest.raises(OutputError, match=told):
            Table(np.uint8).add(np.zeros(3, np.uint8))


def test_a_file_that_lost_its_end_is_an_error():
    """Fewer rows than are asked for are never returned as if they were all."""
    table = Table(np.int64)
    table.add(np.arange(5))

    assert table.between(3, 5).tolist() == [3, 4]
    with pytest.raises(OSError, match="lost its end"):
        table.between(3, 6)


@given(st.lists(st.lists(names, max_size=9), max_size=3))
def test_texts_end_to_end_are_the_texts(portions):
    """Also where they are no text to the system, from either end, and in slices."""
    kept, whole = Texts(), []
    for some in portions:
        kept.extend(some)
        whole += some

    assert list(kept) == whole
    assert [kept[place - len(whole)] for place in range(len(whole))] == whole
    assert kept[1:-1:2] == whole[1:-1:2]
    assert list(kept.between(len(whole) // 3, len(whole), at_once=3)) == whole[len(whole) // 3 :]
    with pytest.raises(IndexError):
        kept[len(whole)]


@given(st.lists(names, max_size=40))
def test_many_texts_come_in_the_order_of_a_sorted_list(texts):
    """However many runs they take."""
    assert list(in_order(iter(texts))) == sorted(texts)


@given(st.integers(0, 70), st.data())
def test_bits_are_flags(size, data):
    """Set in portions, they are read back from any place to any other."""
    bits, flags = Bits(size), np.zeros(size, dtype=bool)
    for places in data.draw(st.lists(st.lists(st.integers(0, max(0, size - 1)), max_size=9), max_size=3)):
        inside = np.array(places if size else [], dtype=np.uint64)
        bits.set(inside)
        flags[inside.astype(int)] = True
    first = data.draw(st.integers(0, size))
    last = data.draw(st.integers(first, size))

    assert bits.between(first, last).tolist() == flags[first:last].tolist()
