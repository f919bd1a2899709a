import numpy as np
import pytest

from seqvae.evaluation.latent import active_units, latent_metrics


def test_units_that_vary_are_active():
    """A unit counts from a variance of 0.01 on."""
    generator = np.random.default_rng(0)
    mu = generator.standard_normal((5000, 4)) * np.array([1.0, 0.11, 0.09, 0.0])

    assert active_units(mu.astype(np.float32)) == 2
    assert latent_metrics(mu)["active_share"] == 0.5
    assert latent_metrics(mu)["variance_of_mu"] == pytest.approx((1 + 0.0121 + 0.0081) / 4, rel=0.05)


def test_shift_and_order_change_nothing():
    """Variance knows neither the mean nor the order of the windows."""
    mu = np.random.default_rng(1).standard_normal((50, 6))

    assert active_units(mu[::-1] + 3) == active_units(mu)


def test_one_window_shows_nothing():
    """What one window activates cannot be told."""
    assert active_units(np.ones((1, 3))) == 0
