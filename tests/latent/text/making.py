"""Text models for the tests: one that forgets nothing, and the smallest real one with its first weights."""

from functools import cache
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from seqvae.checkpoint import LoadedModel, save_model
from seqvae.config import ModelConfig
from seqvae.latent.text.model import TextModel
from seqvae.model.decoder import StepDecoder
from seqvae.model.encoder import Posterior
from seqvae.model.vae import Scored, SequenceVAE
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import WordTokenizer

SENTENCES = Path(__file__).parent.parent.parent.parent / "data" / "sentences" / "sentences.txt"
WORDS = ("a", "b", "c", "d", "e", "f", "g", "h")
WINDOW = 8  # ids of a sentence with its end


class EchoText(nn.Module):
    """A perfect autoencoder: z holds one id per dimension, so what comes out is known beforehand."""

    def __init__(self) -> None:
        super().__init__()
        self.config = ModelConfig(
            vocab_size=len(WORDS) + 2, bars=1, steps_per_bar=WINDOW, latent_size=WINDOW, end_id=1
        )
        self.nothing = nn.Parameter(torch.zeros(1))

    def encode(self, ids: Tensor) -> Posterior:
        """Take the ids for z."""
        z = torch.ones(len(ids), WINDOW)
        z[:, : ids.shape[1]] = ids[..., 0].clamp_min(1).float()
        return Posterior(z, torch.zeros_like(z))

    @property
    def decoder(self) -> StepDecoder:
        """Count as a flat decoder."""
        return StepDecoder.__new__(StepDecoder)

    def stepper(self, z: Tensor) -> "EchoStepper":
        """Go step by step."""
        return EchoStepper(z)

    def first_ids(self, batch: int) -> Tensor:
        """Stand before the first step."""
        return torch.full((batch, 1), len(WORDS) + 3)

    def score(self, z: Tensor, ids: Tensor) -> Scored:
        """Add up what each id costs."""
        log_p = echo_logits(z[:, : ids.shape[1]]).log_softmax(dim=-1)
        nats = -log_p.take_along_dim(ids, dim=2)[..., 0]  # (batch, time)
        return Scored((nats * (ids[..., 0] > 0)).sum(dim=1, keepdim=True), log_p, ids)


class EchoStepper:
    """Every step of it knows its dimension of z."""

    def __init__(self, z: Tensor) -> None:
        self.z = z

    def start(self) -> tuple[Tensor, Tensor]:
        """Need no state."""
        return self.z, self.z

    def step(self, ids: Tensor, state: tuple[Tensor, Tensor], step: int) -> tuple[Tensor, tuple]:
        """Score ids by how near they are to the dimension of this step."""
        return echo_logits(self.z[:, step : step + 1]), state

    def select(self, rows: Tensor) -> Self:
        """Take these rows."""
        return type(self)(self.z[rows])


def echo_logits(z: Tensor) -> Tensor:
    """Score each id: `(batch, time)` -> `(batch, time, vocab)`."""
    return -20 * (z[..., None] - torch.arange(len(WORDS) + 2)) ** 2


def echo_text(folder: Path) -> TextModel:
    """Return a text model that forgets nothing and knows eight words."""
    return TextModel(LoadedModel(EchoText().eval(), WordTokenizer(WORDS), folder), name="echo")


@cache
def tokenizer() -> TextTokenizer:
    """Learn a few pieces from the sample sentences."""
    return TextTokenizer.train(SENTENCES.read_text().splitlines(), vocab_size=330)


def save_text_model(folder: Path, *, latent_dropout: float = 0.0) -> Path:
    """Save the smallest text model with its first weights: real in all but what it says."""
    torch.manual_seed(0)
    config = ModelConfig(
        vocab_size=tokenizer().vocab_size,
        bars=1,
        steps_per_bar=48,
        end_id=1,
        latent_size=8,
        embedding_size=12,
        encoder_size=12,
        pooling="max",
        decoder_size=16,
        conditioning="constant",
        condition_size=8,
        head_size=0,
        latent_dropout=latent_dropout,
    )
    save_model(folder, SequenceVAE(config), tokenizer())
    return folder


def save_paragraph_model(folder: Path) -> Path:
    """Save the smallest model of three sentences at once with its first weights."""
    torch.manual_seed(0)
    config = ModelConfig(
        vocab_size=tokenizer().vocab_size,
        bars=3,
        steps_per_bar=32,
        end_id=1,
        latent_size=8,
        embedding_size=12,
        encoder="hierarchical",
        encoder_size=8,
        summary_size=4,
        bar_size=8,
        top_encoder_size=8,
        decoder="hierarchical",
        decoder_size=16,
        conductor_size=8,
        plan_size=8,
        condition_size=8,
        head_size=0,
    )
    save_model(folder, SequenceVAE(config), tokenizer())
    return folder
