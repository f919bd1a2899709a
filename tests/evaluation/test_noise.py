import numpy as np
import pytest

from seqvae.evaluation.noise import Purpose, gumbel_noise, normal_noise


def test_noise_belongs_to_the_window():
    """A window draws the same numbers in any company and order."""
    together = normal_noise([7, 3, 5], (4,), purpose=Purpose.POSTERIOR, seed=1)
    alone = normal_noise([5], (4,), purpose=Purpose.POSTERIOR, seed=1)

    np.testing.assert_array_equal(together[2], alone[0])


def test_fewer_samples_are_the_first_of_more():
    """Asking for more samples keeps those that were there."""
    many = normal_noise([2], (50, 8), purpose=Purpose.BOUND, seed=0)

    np.testing.assert_array_equal(many[:, :10], normal_noise([2], (10, 8), purpose=Purpose.BOUND, seed=0))


@pytest.mark.parametrize(
    "other",
    [(2, Purpose.POSTERIOR, 0), (1, Purpose.BOUND, 0), (1, Purpose.POSTERIOR, 1)],
    ids=["window", "purpose", "seed"],
)
def test_streams_differ(other):
    """Another window, purpose or seed draws other numbers."""
    index, purpose, seed = other
    first = normal_noise([1], (16,), purpose=Purpose.POSTERIOR, seed=0)

    assert not np.isin(first, normal_noise([index], (16,), purpose=purpose, seed=seed)).any()


def test_gumbel_noise_samples_from_a_softmax():
    """The best of logits + noise is distributed as the softmax says."""
    logits = np.array([0.0, 1.0, 2.0])
    noise = gumbel_noise(range(4000), (3,), purpose=Purpose.SAMPLING, seed=0)
    shares = np.bincount((logits + noise).argmax(axis=1), minlength=3) / 4000

    np.testing.assert_allclose(shares, np.exp(logits) / np.exp(logits).sum(), atol=0.025)
    assert np.isfinite(noise).all()
