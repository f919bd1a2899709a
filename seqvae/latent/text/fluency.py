"""How well sentences read: the decoder without z as a language model, that judges and has a say in writing.

It is one where it was trained to do without z now and then (`model.latent_dropout`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from seqvae.latent.decoding.mixed import MixedStepper
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.text.codec import log_probabilities, write_flat
from seqvae.model.decoder import StepDecoder
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids


def can_judge(model: SequenceVAE) -> bool:
    """Tell whether a model is a language model too, that writes id by id."""
    return model.config.latent_dropout > 0 and isinstance(model.decoder, StepDecoder)


def write_with_say(model: SequenceVAE, z: Tensor, shares: Tensor, rules: Decoding, draws: Draws) -> list[Ids]:
    """Write a line for each of `(lines, latent)`; the language model has a share of each, `(lines,)`."""
    device = next(model.parameters()).device
    z, shares = z.to(device), shares.to(device)
    stepper = MixedStepper(model.stepper(z), model.stepper(torch.zeros_like(z)), shares)
    return write_flat(model, stepper, len(z), rules, draws)


def fluency_of(model: SequenceVAE, sentences: Sequence[Ids]) -> Tensor:
    """Return the nats per id that the language model gives each sentence, `(sentences,)`."""
    lengths = torch.tensor([len(line) for line in sentences])
    nowhere = torch.zeros(len(sentences), model.config.latent_size)
    return log_probabilities(model, nowhere, sentences) / lengths
