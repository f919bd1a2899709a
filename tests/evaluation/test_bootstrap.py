import numpy as np
import pytest

from seqvae.evaluation import bootstrap
from seqvae.evaluation.bootstrap import interval, resample_sums, sum_by_piece


def test_sums_by_piece_are_those_of_a_plain_loop():
    """Rows of one piece are added up, in the order of the pieces."""
    generator = np.random.default_rng(0)
    values, pieces = generator.random((20, 3)), generator.integers(5, 9, size=20)

    plain = [values[pieces == piece].sum(axis=0) for piece in sorted(set(pieces.tolist()))]
    np.testing.assert_allclose(sum_by_piece(values, pieces), plain)


def test_spread_is_that_of_the_mean():
    """Means of resampled pieces scatter as statistics says: by sigma / sqrt(n)."""
    values = np.random.default_rng(1).normal(5, 2, size=(400, 1))
    drawn = resample_sums(np.hstack([values, np.ones((400, 1))]), seed=2, replicates=4000)
    means = drawn[:, 0] / drawn[:, 1]

    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.05)


def test_interval_covers_the_truth_as_often_as_it_says():
    """About 95 % of the intervals hold the mean that the pieces were drawn around."""
    generator = np.random.default_rng(3)
    covered = 0
    for seed in range(200):
        sums = np.hstack([generator.normal(1, 1, size=(60, 1)), np.ones((60, 1))])
        drawn = resample_sums(sums, seed=seed, replicates=300)
        low, high = interval(drawn[:, 0] / drawn[:, 1])
        covered += low <= 1 <= high

    assert 0.89 <= covered / 200 <= 0.99


def test_windows_of_one_piece_are_one_witness():
    """Ten copies of each window make no interval narrower."""
    values = np.random.default_rng(4).random((50, 1))
    once = sum_by_piece(values, np.arange(50))
    copied = sum_by_piece(np.repeat(values, 10, axis=0), np.repeat(np.arange(50), 10))

    np.testing.assert_allclose(resample_sums(copied, seed=5), 10 * resample_sums(once, seed=5))


def test_blocks_keep_the_number_of_replicates(monkeypatch):
    """Many pieces are drawn in blocks, and there are as many replicates as asked for."""
    monkeypatch.setattr(bootstrap, "MAX_WEIGHTS", 100)

    assert resample_sums(np.ones((40, 2)), seed=0, replicates=7).tolist() == [[40, 40]] * 7


def test_interval_ignores_what_is_not_a_number():
    """Replicates without anything to count are left out."""
    assert interval(np.array([np.nan, 3.0, np.nan])) == (3.0, 3.0)
    assert np.isnan(interval(np.array([np.nan]))).all()
