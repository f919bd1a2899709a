from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.array_file import ArrayFile
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.spill import Spill, in_order_of
from tests.dataset.making import bytes_of, write_corpus

HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)
batches = st.lists(st.lists(st.integers(0, 200), max_size=12), max_size=8)


def few_parts(patch):
    """Let files be four for each of four digits of two bits."""
    for name, value in {"DIGIT_BITS": 2, "NUM_PARTS": 4, "MOST_DIGITS": 4}.items():
        patch.setattr(f"seqvae.dataset.spill.{name}", value)


@given(batches, st.integers(0, 20))
def test_parts_hold_every_row_once_and_equal_hashes_together(batches, most_rows):
    """Whatever fits into memory, rows of one hash are in one part, in the order they came."""
    spilled, number = {}, 0
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqvae.dataset.spill.MOST_ROWS", most_rows)
        few_parts(patch)
        spill = Spill(Path(folder), "rows", columns=2)
        for batch in batches:
            spill.add(np.array(batch, np.uint64), np.arange(number, number + len(batch)))
            number += len(batch)
        for place, part in enumerate(spill.parts()):
            for key, row in part.tolist():
                spilled.setdefault(key, []).append((place, row))

    keys = [key for batch in batches for key in batch]
    assert {key: [row for _, row in rows] for key, rows in spilled.items()} == {
        key: [row for row, other in enumerate(keys) if other == key] for key in keys
    }
    assert all(len({place for place, _ in rows}) == 1 for rows in spilled.values())


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60), st.integers(0, 6))
def test_parts_are_short_and_may_come_in_order(keys, most_rows):
    """Parts of many rows are parted again, so that none is long but by equal hashes; keys come sorted."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqvae.dataset.spill.MOST_ROWS", most_rows)
        few_parts(patch)
        spill, numbers = Spill(Path(folder), "keys", columns=2), np.array(keys, np.uint64)
        spill.add(in_order_of(numbers << np.uint64(56)), numbers << np.uint64(56))  # four digits are left
        parts = [part[:, 1].tolist() for part in spill.parts()]

    assert [key for part in parts for key in sorted(part)] == sorted(key % 256 << 56 for key in keys)
    assert all(len(part) <= most_rows or len(set(part)) == 1 for part in parts)


def test_a_full_disk_is_not_passed_over(tmp_path):
    """Few rows, which a buffer could hold until nobody looks any more, are written or it is said."""
    spill = Spill(tmp_path, "rows", columns=2)
    for part in range(64):
        (tmp_path / f"rows-{part:02}.rows").symlink_to("/dev/full")
    spill.add(np.arange(64), np.arange(64))

    with pytest.raises(OSError, match="No space left on device"):
        spill.add(np.zeros(1 << 14, int), np.zeros(1 << 14, int))


def test_a_corpus_too_large_for_memory_gives_the_same_bytes(tmp_path, monkeypatch):
    """Arranging by parts on disk decides what arranging in memory decides."""
    corpus = write_corpus(tmp_path / "tunes")
    prepare_corpus([corpus], tmp_path / "memory", HALVES)
    monkeypatch.setattr("seqvae.dataset.spill.MOST_ROWS", 10)

    prepare_corpus([corpus], tmp_path / "disk", HALVES)

    assert bytes_of(tmp_path / "memory") == bytes_of(tmp_path / "disk")


@given(
    st.lists(st.integers(0, 5), max_size=5),
    st.sampled_from(["<i2", "<i8", "|u1"]),
    st.sampled_from([(), (1,), (3,)]),
)
def test_parts_of_an_array_become_the_file_of_the_whole(lengths, dtype, rest):
    """Written part by part, an array has the bytes that np.save gives it, empty ones too."""
    parts = [np.full((length, *rest), place, dtype) for place, length in enumerate(lengths)]
    whole = np.concatenate([np.empty((0, *rest), dtype), *parts])
    saved = BytesIO()
    np.save(saved, whole, allow_pickle=False)

    with TemporaryDirectory() as folder:
        with ArrayFile(Path(folder) / "a.npy", dtype, whole.shape) as file:
            for part in parts:
                file.append(part.astype("<i8"))
        assert file.path.read_bytes() == saved.getvalue()
        assert (file.record.dtype, file.record.shape) == (dtype, whole.shape)
