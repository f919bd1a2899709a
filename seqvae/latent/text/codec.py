"""Sentences to points z and back, in batches that fit any machine."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.stepper import Stepper
from seqvae.latent.decoding.write import Draws, chooser, write_ids
from seqvae.model.decoder import StepDecoder
from seqvae.model.encoder import Posterior
from seqvae.model.hierarchical import HierarchicalDecoder
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids, pad_ids

BATCH_SIZE = 256  # many, because lines that end early leave the others with little to share a step


@torch.no_grad()
def encode_ids(model: SequenceVAE, sentences: Sequence[Ids]) -> Posterior:
    """Return the posterior of each sentence `(time, 1)`, on the CPU: `(sentences, latent)`."""
    mu = torch.zeros(len(sentences), model.config.latent_size)
    log_sigma = torch.zeros_like(mu)
    for rows in _by_length(sentences):
        posterior = model.encode(_padded(model, [sentences[row] for row in rows]))
        mu[rows], log_sigma[rows] = posterior.mu.cpu(), posterior.log_sigma.cpu()
    return Posterior(mu, log_sigma)


@torch.no_grad()
def write_sentences(model: SequenceVAE, z: Tensor, rules: Decoding, draws: Draws) -> list[Ids]:
    """Return what the model writes for each point: `(lines, latent)` -> ids `(time, 1)` with their ends."""
    write = _write_one_by_one if isinstance(model.decoder, StepDecoder) else _write_side_by_side
    written: list[Ids] = []
    for rows in torch.split(torch.arange(len(z)), lines_at_once(rules)):
        lines = [draws.lines[row] for row in rows.tolist()]
        written += write(model, z[rows].to(_device(model)), rules, Draws(draws.seed, lines))
    return written


def lines_at_once(rules: Decoding) -> int:
    """Return how many lines are written at once: each beam takes the room of a line."""
    return max(1, BATCH_SIZE // rules.beams)


def _write_one_by_one(model: SequenceVAE, z: Tensor, rules: Decoding, draws: Draws) -> list[Ids]:
    """Write a sentence for each of `(lines, latent)`, up to its end."""
    return write_flat(model, model.stepper(z), len(z), rules, draws)


def write_flat(
    model: SequenceVAE, stepper: Stepper, num_lines: int, rules: Decoding, draws: Draws
) -> list[Ids]:
    """Write so many sentences by a decoder that goes id by id, each up to its end."""
    config, first = model.config, model.first_ids(num_lines)
    ids = write_ids(stepper, first, rules, draws=draws, max_length=config.time, end_id=config.end_id)
    return [_up_to_end(line, config.end_id) for line in ids.cpu().numpy().astype(np.int16)]


def _write_side_by_side(model: SequenceVAE, z: Tensor, rules: Decoding, draws: Draws) -> list[Ids]:
    """Write all sentences of a paragraph at once for each of `(lines, latent)`, at full length."""
    assert isinstance(model.decoder, HierarchicalDecoder)
    config = model.config
    lines = [line * config.bars + bar for line in draws.lines for bar in range(config.bars)]
    choose = chooser(rules, Draws(draws.seed, lines), max_length=config.steps_per_bar, end_id=config.end_id)
    ids = model.decoder.generate(z, model.first_ids(len(z)), choose=choose)  # (lines, time, 1)
    return list(ids.cpu().numpy().astype(np.int16))


@torch.no_grad()
def log_probabilities(model: SequenceVAE, z: Tensor, sentences: Sequence[Ids]) -> Tensor:
    """Return log p(sentence | z) of each, its end included, in nats: `(sentences,)`."""
    log_p = torch.zeros(len(sentences))
    for rows in _by_length(sentences):
        ids = _padded(model, [sentences[row] for row in rows])
        log_p[rows] = -model.score(z[rows].to(ids.device), ids).nats.float().cpu()
    return log_p


def _by_length(sentences: Sequence[Ids]) -> Iterator[list[int]]:
    """Yield batches of rows of similar length."""
    order = sorted(range(len(sentences)), key=lambda row: len(sentences[row]))
    for start in range(0, len(order), BATCH_SIZE):
        yield order[start : start + BATCH_SIZE]


def _padded(model: SequenceVAE, sentences: Sequence[Ids]) -> Tensor:
    return torch.from_numpy(pad_ids(sentences).astype(np.int64)).to(_device(model))


def _up_to_end(line: Ids, end_id: int) -> Ids:
    return line[: int(np.flatnonzero(line == end_id)[0]) + 1, None]


def _device(model: SequenceVAE) -> torch.device:
    return next(model.parameters()).device
