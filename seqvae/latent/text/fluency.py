"""How well sentences read: the decoder without z as a language model, that judges and has a say in writing.

It is one where it was trained to do without z now and then (`model.latent_dropout`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from seqvae.latent.decoding.mixed import MixedStepper
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.text.codec import lines_at_once, log_probabilities, write_flat
from seqvae.model.decoder import StepDecoder
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids


def can_judge(model: SequenceVAE) -> bool:
    """Tell whether a model is a language model too, that writes id by id."""
    return model.config.latent_dropout > 0 and isinstance(model.decoder, StepDecoder)


def write_with_say(model: SequenceVAE, z: Tensor, shares: Tensor, rules: Decoding, draws: Draws) -> list[Ids]:
    """Write a line for each of `(lines, latent)`; the language model has a share of each, `(lines,)`."""
    device = next(model.parameters()).device
    written: list[Ids] = []
    for rows in torch.split(torch.arange(len(z)), lines_at_once(rules)):
        points = z[rows].to(device)
        without = model.stepper(torch.zeros_like(points))
        stepper = MixedStepper(model.stepper(points), without, shares[rows].to(device))
        lines = [draws.lines[row] for row in rows.tolist()]
        written += write_flat(model, stepper, len(rows), rules, Draws(draws.seed, lines))
    return written


def fluency_of(model: SequenceVAE, sentences: Sequence[Ids]) -> Tensor:
    """Return the nats per id that the language model gives each sentence, `(sentences,)`."""
    lengths = torch.tensor([len(line) for line in sentences])
    nowhere = torch.zeros(len(sentences), model.config.latent_size)
    return log_probabilities(model, nowhere, sentences) / lengths
