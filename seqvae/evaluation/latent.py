"""How much of the latent space a model uses."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

ACTIVE_VARIANCE = 0.01  # of the posterior mean over the set; Burda et al. 2016, section 5


def active_units(mu: NDArray[np.floating]) -> int:
    """Count the columns of `(windows, latent)` posterior means that vary over the set."""
    if len(mu) < 2:
        return 0
    return int((mu.astype(np.float64).var(axis=0) >= ACTIVE_VARIANCE).sum())


def latent_metrics(mu: NDArray[np.floating]) -> dict[str, float]:
    """Describe `(windows, latent)` posterior means; the prior has variance 1 in every dimension."""
    units = active_units(mu)
    variance = float(mu.astype(np.float64).var(axis=0).mean()) if len(mu) else float("nan")
    return {
        "active_units": float(units),
        "active_share": units / mu.shape[1],
        "variance_of_mu": variance,
    }


def mutual_information(z: Floats, mu: Floats, log_sigma: Floats) -> float:
    """Estimate I(x; z) in nats from a draw z of the posterior of each of N windows, all `(windows, latent)`.

    The mean of log q(z_i | x_i) - log mean_j q(z_i | x_j), j over all N, so that it cannot exceed ln N
    (Hoffman and Johnson 2016, with one N for all models).
    """
    z, mu, log_sigma = (values.astype(np.float64) for values in (z, mu, log_sigma))
    precision = np.exp(-2 * log_sigma)
    squares = z**2 @ precision.T - 2 * z @ (mu * precision).T + (mu**2 * precision).sum(axis=1)
    log_density = -0.5 * squares - log_sigma.sum(axis=1)  # (windows of z, windows of q), up to a constant
    highest = log_density.max(axis=1)
    log_mean = highest + np.log(np.exp(log_density - highest[:, None]).mean(axis=1))
    return float((np.diagonal(log_density) - log_mean).mean())
