"""Windows of ids to points z and back, in batches that fit any machine."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.errors import ConfigError
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE, gumbel_noise

BATCH_SIZE = 64  # windows at once
MAX_TEMPERATURE = 10


class Drawing(NamedTuple):
    """How ids are drawn: argmax of scores / temperature + noise."""

    temperature: float
    noise: Tensor  # (windows, time, voices, vocab)


@torch.no_grad()
def encode_windows(model: SequenceVAE, windows: NDArray[np.integer[Any]]) -> Posterior:
    """Return the posterior of each window, on the CPU: `(windows, time, voices)` -> `(windows, latent)`.

    Sentences, padded with 0, go through the model beside others of their length.
    """
    ids = to_device(model, windows)
    order, is_variable = torch.arange(len(ids)), model.config.end_id >= 0 and model.config.bars == 1
    if is_variable:
        order = (ids != 0).any(dim=-1).sum(dim=1).cpu().argsort(stable=True)
    batches = (ids[rows] for rows in torch.split(order, BATCH_SIZE))
    parts = [model.encode(_without_padding(batch) if is_variable else batch) for batch in batches]
    back = order.argsort()
    return Posterior(*(torch.cat([part[i] for part in parts]).cpu()[back] for i in range(2)))


@torch.no_grad()
def decode_windows(
    model: SequenceVAE, z: Tensor, drawing: Drawing | None = None, allowed: Tensor | None = None
) -> NDArray[np.int16]:
    """Return what the model writes for each z: `(windows, latent)` -> `(windows, time, voices)`.

    Window i takes row i % n of the n rows of noise, so that the steps of a walk share theirs, and so of the
    ids that are `allowed`, `(n, time, voices, vocab)`. Without a `drawing` each id is the most likely one.
    """
    device = next(model.parameters()).device
    written: list[NDArray[np.int16]] = []
    for rows in torch.split(torch.arange(len(z)), BATCH_SIZE):
        temperature, noise = drawing or (0.0, None)
        noise, may = (None if one is None else one[rows % len(one)].to(device) for one in (noise, allowed))
        ids = model.generate(z[rows].to(device), temperature=temperature, noise=noise, allowed=may)
        written.append(ids.cpu().numpy().astype(np.int16))
    return np.concatenate(written)


@torch.no_grad()
def free_choices(
    model: SequenceVAE, z: Tensor, ids: NDArray[np.integer[Any]], drawing: Drawing | None = None
) -> NDArray[np.int16]:
    """Return what the model would write at each step of `(windows, time, voices)` after the ids before it."""
    device = next(model.parameters()).device
    chosen: list[NDArray[np.int16]] = []
    for rows in torch.split(torch.arange(len(z)), BATCH_SIZE):
        logits = model.decode(z[rows].to(device), to_device(model, ids[rows.numpy()]))
        if drawing is not None:
            noise = drawing.noise[rows % len(drawing.noise)].to(device)
            logits = logits / drawing.temperature + noise
        chosen.append(logits.argmax(dim=-1).cpu().numpy().astype(np.int16))
    return np.concatenate(chosen)


def draw(
    model: SequenceVAE, num_windows: int, temperature: float, generator: torch.Generator
) -> Drawing | None:
    """Draw Gumbel noise for windows; on the CPU, so alike on all devices. None at temperature 0."""
    if not 0 <= temperature <= MAX_TEMPERATURE:
        raise ConfigError(f"temperature is {temperature}; choose 0 to {MAX_TEMPERATURE}")
    if not temperature:
        return None
    config = model.config
    size = (num_windows, config.time, config.voices, config.vocab_size)
    return Drawing(temperature, gumbel_noise(size, generator))


def _without_padding(ids: Tensor) -> Tensor:
    """Cut off the last steps of `(batch, time, voices)` that are padding in every row."""
    used = ids.any(dim=-1).any(dim=0).nonzero()  # (used steps, 1)
    return ids[:, : int(used[-1]) + 1]


def to_device(model: SequenceVAE, windows: NDArray[np.integer[Any]]) -> Tensor:
    """Return windows as the tensor that the model reads, where the model is."""
    return torch.from_numpy(windows.astype(np.int64)).to(next(model.parameters()).device)
