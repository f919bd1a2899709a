import numpy as np
import pytest

from seqvae.evaluation.latent import active_units, latent_metrics, mutual_information


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


def channel(num_windows: int, *, gain: float, latent: int = 2):
    """Draw windows x from N(0, I) and z from N(gain * x, 1); the mutual information is known."""
    generator = np.random.default_rng(3)
    mu = gain * generator.standard_normal((num_windows, latent))
    z = mu + generator.standard_normal(mu.shape)
    return z, mu, np.zeros_like(mu)


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 2.0])
def test_mutual_information_of_a_gaussian_channel(gain):
    """An independent channel of gain g carries ln(1 + g^2) / 2 nats in each dimension."""
    found = mutual_information(*channel(2000, gain=gain))

    assert found == pytest.approx(np.log(1 + gain**2), abs=0.08)


def test_mutual_information_cannot_exceed_its_cap():
    """Posteriors far apart tell each of N windows from all others, which is ln N and no more."""
    assert mutual_information(*channel(50, gain=1e4)) == pytest.approx(np.log(50))


def test_mutual_information_agrees_with_plain_sums():
    """The expanded squares give what the definition gives, window by window."""
    z, mu, _ = channel(20, gain=1.5)
    log_sigma = np.random.default_rng(4).normal(size=mu.shape) * 0.5
    density = [
        [
            np.prod(np.exp(-0.5 * ((z[i] - mu[j]) / np.exp(log_sigma[j])) ** 2 - log_sigma[j]))
            for j in range(20)
        ]
        for i in range(20)
    ]
    expected = np.mean([np.log(density[i][i] / np.mean(density[i])) for i in range(20)])

    assert mutual_information(z, mu, log_sigma) == pytest.approx(expected)
