"""Points z become ids of sentences: step by step where the decoder takes single steps, which is often."""

import numpy as np
import torch
from torch import Tensor

from seqvae.checkpoint import LoadedModel
from seqvae.evaluation.measure import evaluating
from seqvae.evaluation.text.sentences import Ids, texts_of
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws, write_ids
from seqvae.model.vae import SequenceVAE, gumbel_noise

BATCH_SIZE = 256  # texts written at once


def write_points(
    model: SequenceVAE, z: Tensor, *, temperature: float = 0.0, seed: int = 0, first_line: int = 0
) -> Ids:
    """Write the ids of each of `(points, latent)`, `(points, longest, voices)`; at 0 the likeliest.

    Chance depends on the seed and on the number of a line, the first of which is `first_line`.
    """
    config = model.config
    if config.decoder == "flat":
        lines = range(first_line, first_line + len(z))
        rules, draws = Decoding(temperature=temperature), Draws(seed, lines)
        first = model.first_ids(len(z))
        stepper = model.stepper(z)
        ids = write_ids(stepper, first, rules, draws=draws, max_length=config.time, end_id=config.end_id)
        return ids[..., None].cpu().numpy()
    noise = None
    if temperature:
        shape = (len(z), config.time, config.voices, config.vocab_size)
        noise = gumbel_noise(shape, torch.Generator().manual_seed(seed + first_line)).to(z.device)
    return model.generate(z, temperature=temperature, noise=noise).cpu().numpy()


def write_texts(loaded: LoadedModel, z: Tensor, *, temperature: float = 0.0, seed: int = 0) -> list[str]:
    """Write the text of each of `(points, latent)`."""
    device = next(loaded.model.parameters()).device
    texts: list[str] = []
    with evaluating(loaded.model):
        for points in torch.split(z.to(device), BATCH_SIZE):
            ids = write_points(
                loaded.model, points, temperature=temperature, seed=seed, first_line=len(texts)
            )
            texts += texts_of(loaded, ids)
    return texts


def posterior_means(loaded: LoadedModel, ids: Ids) -> Tensor:
    """Return mu of `(sentences, time, voices)` ids, `(sentences, latent)`, where the model is."""
    device = next(loaded.model.parameters()).device
    with evaluating(loaded.model):
        mu: Tensor = loaded.model.encode(torch.from_numpy(ids.astype(np.int64)).to(device)).mu
    return mu
