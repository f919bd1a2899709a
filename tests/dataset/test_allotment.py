"""Whole groups to splits: shares, chance, and the disk, which must not show."""

from collections import Counter
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.allotment import Allotment, Shares, assign_splits, median_of
from seqvae.dataset.grouping import TEST, TRAIN, VALID

pieces = st.lists(st.tuples(*(st.integers(0, most) for most in (12, 2, 30, 2**64 - 1))), max_size=40)


def splits_of(weights, corpora=None, **changes):
    """Split unrelated pieces of these weights."""
    pieces = range(len(weights))
    shares = Shares(**{"seed": 0, "valid": 0.1, "test": 0.1} | changes)
    return assign_splits(pieces, pieces, corpora or ["tunes"] * len(weights), weights, shares=shares)


def test_no_piece_is_no_matter():
    """Where a corpus brings the split of every piece, nothing is left to share out."""
    assert splits_of([]) == []


@given(st.integers(0, 99))
def test_each_corpus_is_split_by_its_shares(seed):
    """Of every corpus, small or large, about the asked share of bars is held out."""
    corpora = ["large"] * 300 + ["small"] * 60
    weights = [20 + number % 7 for number in range(360)]

    splits = splits_of(weights, corpora, seed=seed)

    for corpus in ("large", "small"):
        total = sum(w for w, c in zip(weights, corpora, strict=True) if c == corpus)
        for split in ("valid", "test"):
            places = zip(weights, corpora, splits, strict=True)
            held_out = sum(w for w, c, s in places if (c, s) == (corpus, split))
            assert 0.1 <= held_out / total <= 0.1 + 26 / total


def test_another_seed_holds_out_other_pieces():
    """The seed decides which pieces are held out."""
    assert splits_of([10] * 50, seed=0) != splits_of([10] * 50, seed=1)


@pytest.mark.parametrize(
    ("num_pieces", "expected"),
    [
        pytest.param(2, ["train", "train"], id="too few to hold out any"),
        pytest.param(3, ["test", "train", "valid"], id="one each"),
        pytest.param(4, ["test", "train", "train", "valid"], id="the rest to train"),
    ],
)
def test_a_handful_of_pieces_gives_one_to_each_split(num_pieces, expected):
    """Small corpora are held out from as soon as there are three pieces."""
    assert sorted(splits_of([10] * num_pieces)) == expected


@given(st.integers(0, 99))
def test_a_giant_group_goes_to_train(seed):
    """A group heavier than a whole share would make the held-out set speak of nothing else."""
    assert splits_of([1000] + [10] * 50, seed=seed)[0] == "train"


def decide(told, shares):
    """Tell of pieces in these portions and ask for the split of 13 groups."""
    with TemporaryDirectory() as folder:
        allotment = Allotment(Path(folder), shares)
        for some in told:
            groups, corpora, weights = (np.array([row[column] for row in some], int) for column in range(3))
            allotment.add(groups, corpora, weights, np.array([row[3] for row in some], np.uint64))
        return allotment.decide(13).tolist()


@given(st.lists(pieces, max_size=5), st.integers(0, 50), st.integers(0, 3))
def test_neither_portions_nor_the_disk_show(told, most_rows, seed):
    """Told at once and in memory, or in portions that go through files, groups get the same splits."""
    shares = Shares(seed, 0.2, 0.3)
    at_once = decide([list(chain(*told))], shares)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqvae.dataset.spill.MOST_ROWS", most_rows)

        assert decide(told, shares) == at_once


@given(st.lists(st.integers(0, 20), min_size=1))
def test_median_of_counted_values_is_that_of_the_values(values):
    """Even where it lies between two of them."""
    assert median_of(Counter(values)) == median(values)


def test_a_group_belongs_to_the_corpus_of_most_of_its_weight():
    """Two corpora have three groups each; one piece of the first in a group of the second moves none."""
    rows = [(group, group // 3, 10, 1000 + group) for group in range(6)]
    stranger = (5, 0, 0, 1005)
    alone, together = (decide([some], Shares(0, 0.3, 0.3))[:6] for some in (rows, [stranger, *rows]))

    assert sorted(alone[:3]) == sorted(alone[3:]) == [TRAIN, VALID, TEST]
    assert together == alone
