"""The distribution over z that belongs to a model: what samples are drawn from, and rates are measured by.

A model folder holds it as a learned prior (`prior.safetensors`) or as a mixture of Gaussians
(`posterior.safetensors`), or does without; where both are, the learned one counts.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from seqvae.checkpoint import LoadedModel, read_model_weights
from seqvae.errors import CheckpointError, ConfigError
from seqvae.latent.mixture import Mixture, standard_normal
from seqvae.latent.posterior import FILE_NAME as POSTERIOR_NAME
from seqvae.latent.posterior import load_posterior, save_posterior
from seqvae.model.prior import AutoregressivePrior, PriorConfig

PRIOR_NAME = "prior.safetensors"
CONFIG_KEY = "prior"  # of the metadata
FITTED_NAMES = (PRIOR_NAME, POSTERIOR_NAME)
MOST_WEIGHTS = 10**8
IN_FULL = ("mean", "spread")  # stored in float32, the rest in float16
PriorWish = Literal["drafted", "fitted", "normal"]


class LatentDensity(Protocol):
    """A distribution over z, on the CPU."""

    @property
    def latent_size(self) -> int:
        """The number of dimensions."""

    def sample(self, num_samples: int, generator: torch.Generator) -> Tensor:
        """Draw points, `(num_samples, latent)`."""

    def log_density(self, points: Tensor) -> Tensor:
        """Return the log of the density, `(n, latent)` -> `(n,)`."""


class Prior(NamedTuple):
    """Where samples come from, and what that is called."""

    density: LatentDensity
    name: str


def choose_prior(fitted: LatentDensity | None, latent_size: int, wish: PriorWish | None = None) -> Prior:
    """Return what was fitted if there is something, else N(0, I), or what is wished for."""
    if wish == "drafted":
        raise CheckpointError("only models of sentences write drafts; choose the fitted or the normal prior")
    if wish == "fitted" and fitted is None:
        raise CheckpointError("this model has no fitted prior; fit one, or choose the normal prior")
    if fitted is None or wish == "normal":
        return Prior(standard_normal(latent_size), "N(0, I)")
    return Prior(fitted, "fitted to the training data")


def fitted_to(loaded: LoadedModel) -> LatentDensity | None:
    """Return the prior that a model was trained with, if it learned one, else what its folder knows."""
    own = getattr(loaded.model, "prior", None)
    if own is None:
        return load_fitted(loaded.folder, loaded.model.config.latent_size)
    alone: AutoregressivePrior = deepcopy(own).to("cpu").requires_grad_(False)
    return alone.eval()


def load_fitted(folder: str | Path, latent_size: int) -> LatentDensity | None:
    """Read what a model folder knows of its points; None where that is nothing."""
    learned = load_prior(folder, latent_size)
    return learned if learned is not None else load_posterior(folder, latent_size)


def save_fitted(folder: str | Path, fitted: Mixture | AutoregressivePrior) -> None:
    """Write what was fitted beside the weights of a model, in place of all that was before."""
    if isinstance(fitted, Mixture):
        save_posterior(folder, fitted)
        (Path(folder) / PRIOR_NAME).unlink(missing_ok=True)
    else:
        _save_prior(folder, fitted)
        (Path(folder) / POSTERIOR_NAME).unlink(missing_ok=True)


def _save_prior(folder: str | Path, prior: AutoregressivePrior) -> None:
    tensors = {
        name: (tensor if name in IN_FULL else tensor.half()).contiguous().cpu()
        for name, tensor in prior.state_dict().items()
    }
    target = Path(folder) / PRIOR_NAME
    temporary = target.with_suffix(".tmp")
    told = {CONFIG_KEY: json.dumps(prior.config.to_dict())}
    temporary.write_bytes(safetensors.torch.save(tensors, metadata=told))
    temporary.replace(target)


def load_prior(folder: str | Path, latent_size: int) -> AutoregressivePrior | None:
    """Read the learned prior of a model folder, ready for use; None where there is none."""
    path = Path(folder) / PRIOR_NAME
    if not path.exists():
        return None
    config = _read_config(path)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in AutoregressivePrior(config).state_dict().items()}
    num_weights = sum(shape.numel() for shape in shapes.values())
    if num_weights > MOST_WEIGHTS:  # before memory is taken
        raise CheckpointError(
            f"{path}: {num_weights} weights, at most {MOST_WEIGHTS} are read; fit it again or remove it"
        )
    if config.latent_size != latent_size:
        raise CheckpointError(
            f"{path} is of latent size {config.latent_size}, the model of {latent_size}; "
            "fit it again or remove it"
        )
    weights = read_model_weights(path, shapes)
    prior = AutoregressivePrior(config)
    prior.load_state_dict(weights)
    if not bool((prior.spread > 0).all()):
        raise CheckpointError(f"{path}: a spread is not above 0; fit it again or remove it")
    return prior.requires_grad_(False).eval()


def _read_config(path: Path) -> PriorConfig:
    """Read what shape the prior has from the head of its file."""
    try:
        with safe_open(path, framework="pt") as file:
            told = json.loads((file.metadata() or {})[CONFIG_KEY])
        return PriorConfig.from_dict(told)
    except (
        OSError,
        SafetensorError,
        ConfigError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        raise CheckpointError(f"{path} is damaged ({error}); fit it again or remove it") from error
