"""Where in z music or sentences live: a mixture fitted to the posteriors of many windows, to sample from.

A model trained with beta below 1 does not fill N(0, I), and samples from there are foreign to it. Nor does
one Gaussian do: metres and styles lie apart. The mixture is fitted to the means mu of the windows, and
the mean of sigma^2 is added to its covariances.
"""

from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError

from seqvae.dataset.shards import WindowSet
from seqvae.errors import CheckpointError
from seqvae.latent.codec import encode_windows
from seqvae.latent.mixture import Mixture, fit_mixture
from seqvae.model.vae import SequenceVAE

FILE_NAME = "posterior.safetensors"
TENSORS = ("weights", "means", "roots")
MOST_VALUES = 10**8  # of the roots, 400 MB in float32


def fit_posterior(
    model: SequenceVAE, windows: WindowSet, *, num_components: int, limit: int, seed: int = 0
) -> Mixture:
    """Fit a mixture to where the model puts at most `limit` windows of shards, drawn at random.

    Those of training are meant, as written: transposed copies are not drawn.
    """
    order = np.random.default_rng(seed).permutation(len(windows))[:limit]
    posterior = encode_windows(model, windows.windows(np.sort(order)))
    variance = (2 * posterior.log_sigma).exp().mean(dim=0)
    return fit_mixture(posterior.mu, variance, num_components, torch.Generator().manual_seed(seed))


def save_posterior(folder: str | Path, posterior: Mixture) -> None:
    """Write the mixture beside the weights of a model, the roots of its covariances in float16."""
    roots = posterior.roots.half()  # the largest part by far
    tensors = {"weights": posterior.weights, "means": posterior.means, "roots": roots}
    target = Path(folder) / FILE_NAME
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(safetensors.torch.save({name: t.contiguous() for name, t in tensors.items()}))
    temporary.replace(target)


def load_posterior(folder: str | Path, latent_size: int) -> Mixture | None:
    """Read the mixture saved in a model folder; None where there is none."""
    path = Path(folder) / FILE_NAME
    if not path.exists():
        return None
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            shapes = [tuple(file.get_slice(name).get_shape()) for name in TENSORS]
            count = shapes[1][0] if shapes[1] else 0
            fits = shapes == [(count,), (count, latent_size), (count, latent_size, latent_size)]
            if not fits or not 0 < count * latent_size**2 <= MOST_VALUES:  # before memory is taken
                raise CheckpointError(
                    f"{path} is not of latent size {latent_size}; fit it again or remove it"
                )
            tensors = {name: file.get_tensor(name).float() for name in TENSORS}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); fit it again or remove it") from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise CheckpointError(f"{path} holds values that are not finite; fit it again or remove it")
    return Mixture(**tensors)
