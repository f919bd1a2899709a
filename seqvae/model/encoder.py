"""Bidirectional LSTM encoders: ids in, mean and log sigma of the latent point out."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig
from seqvae.model.layers import VoiceEmbedding

LOG_SIGMA_RANGE = (-7.0, 2.0)  # unclamped, the first steps can reach a KL of 10^14


class Posterior(NamedTuple):
    """A diagonal Gaussian over z for every sequence."""

    mu: Tensor  # (batch, latent)
    log_sigma: Tensor  # (batch, latent)

    def sample(self, noise: Tensor) -> Tensor:
        """Return z = mu + sigma * noise, `(batch, latent)`."""
        return self.mu + self.log_sigma.exp() * noise


class Reader(nn.Module):
    """Read a sequence in both directions and keep what the pooling asks for.

    "positions" keeps some features of every position, so that the way from each step to z is one matrix
    long; "last" keeps the two final states, as Roberts et al. (2018) do.
    """

    def __init__(self, config: ModelConfig, *, input_size: int, hidden_size: int, length: int) -> None:
        super().__init__()
        self.keeps_positions = config.pooling == "positions"
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=True)
        self.size = 2 * hidden_size
        if self.keeps_positions:
            self.project = nn.Linear(2 * hidden_size + input_size, config.summary_size)
            self.size = length * config.summary_size

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Read `(batch, length, size)`; return the summary `(batch, self.size)` and all outputs."""
        outputs, (h, _) = self.lstm(inputs)
        if not self.keeps_positions:
            return torch.cat([h[0], h[1]], dim=-1), outputs
        kept = functional.gelu(self.project(torch.cat([outputs, inputs], dim=-1)))
        return kept.flatten(1), outputs  # (batch, length * summary), (batch, length, 2 * hidden)


class FlatEncoder(nn.Module):
    """One BiLSTM over all steps."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embedding = VoiceEmbedding(config, num_extra=0)
        self.steps = Reader(
            config, input_size=config.embedding_size, hidden_size=config.encoder_size, length=config.time
        )
        self.posterior = nn.Linear(self.steps.size, 2 * config.latent_size)

    def forward(self, ids: Tensor) -> Posterior:
        """Encode: `(batch, time, voices)` -> Posterior."""
        summary, _ = self.steps(self.embedding(ids))
        return to_posterior(self.posterior(summary))


class HierarchicalEncoder(nn.Module):
    """A BiLSTM over the steps of each bar, then one over the bars; a shortcut leads from each step to z."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = VoiceEmbedding(config, num_extra=0)
        self.steps = Reader(
            config,
            input_size=config.embedding_size,
            hidden_size=config.encoder_size,
            length=config.steps_per_bar,
        )
        self.bar = nn.Linear(self.steps.size, config.bar_size)
        self.bars = Reader(
            config, input_size=config.bar_size, hidden_size=config.top_encoder_size, length=config.bars
        )
        size = self.bars.size + config.time * config.encoder_shortcut_size
        self.shortcut = (
            nn.Linear(2 * config.encoder_size, config.encoder_shortcut_size)
            if config.encoder_shortcut_size
            else None
        )
        self.posterior = nn.Linear(size, 2 * config.latent_size)

    def forward(self, ids: Tensor) -> Posterior:
        """Encode: `(batch, time, voices)` -> Posterior."""
        bars = ids.reshape(-1, self.config.steps_per_bar, self.config.voices)  # (batch * bars, steps, voices)
        features, outputs = self.read_bars(bars)
        summary, _ = self.bars(features.view(len(ids), self.config.bars, -1))
        if self.shortcut is not None:
            direct = functional.gelu(self.shortcut(outputs)).reshape(len(ids), -1)  # (batch, time * shortcut)
            summary = torch.cat([summary, direct], dim=-1)
        return to_posterior(self.posterior(summary))

    def read_bars(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Describe single bars: `(bars, steps, voices)` -> `(bars, bar_size)`, `(bars, steps, hidden)`."""
        summary, outputs = self.steps(self.embedding(ids))
        return functional.gelu(self.bar(summary)), outputs


def to_posterior(outputs: Tensor) -> Posterior:
    """Split `(batch, 2 * latent)` into mu and a clamped log sigma, in float32 whatever the autocast."""
    mu, log_sigma = outputs.float().chunk(2, dim=-1)
    return Posterior(mu, log_sigma.clamp(*LOG_SIGMA_RANGE))


def build_encoder(config: ModelConfig) -> FlatEncoder | HierarchicalEncoder:
    """Build the encoder that the settings name."""
    return FlatEncoder(config) if config.encoder == "flat" else HierarchicalEncoder(config)
