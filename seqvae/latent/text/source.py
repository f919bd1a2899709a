"""Where points z of new sentences come from: drafts that are encoded, a fitted prior, or N(0, I).

The points of sentences lie like no mixture that can be fitted to them. A decoder that was trained to do
without z now and then (`model.latent_dropout`) is a language model besides: what it writes without z, a
draft, is encoded like any sentence, as the mean of its posterior. So points lie where those of sentences do,
as far as drafts are like them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.errors import CheckpointError
from seqvae.latent.decoding.chance import generator_for
from seqvae.latent.decoding.rules import SAMPLING, Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.fitted import LatentDensity, PriorWish, choose_prior
from seqvae.latent.text.codec import encode_ids, write_sentences
from seqvae.model.vae import SequenceVAE


class Source(NamedTuple):
    """Draws a point for each line from a seed, `(lines, latent)`; line i depends on the seed and i alone."""

    name: str
    draw: Callable[[Sequence[int], int], Tensor]


def choose_source(
    model: SequenceVAE,
    fitted: LatentDensity | None,
    wish: PriorWish | None = None,
    decoding: Decoding = SAMPLING,
) -> Source:
    """Return drafts if the model writes them, else what was fitted, else N(0, I), or what is wished for.

    Drafts are written by `decoding`, or by SAMPLING where that leaves nothing to chance.
    """
    can_draft = model.config.latent_dropout > 0
    if wish == "drafted" and not can_draft:
        raise CheckpointError(
            "this model was not trained to write without z (model.latent_dropout); choose the normal prior"
        )
    if can_draft and wish in (None, "drafted"):
        rules = decoding if decoding.temperature else SAMPLING
        return Source("encoded drafts", lambda lines, seed: _draft(model, rules, lines, seed))
    chosen = choose_prior(fitted, model.config.latent_size, wish)
    return Source(chosen.name, lambda lines, seed: _draw(chosen.density, lines, seed))


def _draw(density: LatentDensity, lines: Sequence[int], seed: int) -> Tensor:
    return torch.cat([density.sample(1, generator_for(seed, line)) for line in lines])


def _draft(model: SequenceVAE, rules: Decoding, lines: Sequence[int], seed: int) -> Tensor:
    nowhere = torch.zeros(len(lines), model.config.latent_size)
    return encode_ids(model, write_sentences(model, nowhere, rules, Draws(seed, lines))).mu
