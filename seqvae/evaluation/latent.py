"""How much of the latent space a model uses."""

import numpy as np
from numpy.typing import NDArray

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
