"""Bidirectional LSTM encoders: ids in, mean and log sigma of the latent point out."""

from math import log
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig
from seqvae.model.layers import VariableBiLSTM, VoiceEmbedding, mix_bars

LOG_SIGMA_RANGE = (-7.0, 2.0)  # unclamped, the first steps can reach a KL of 10^14
CODE_NOISE = 0.1  # standard deviation with which codes of bars begin


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
    long; "last" keeps the two final states, as Roberts et al. (2018) do; "max" keeps them and the largest
    output of every unit (Li et al. 2019).
    """

    def __init__(
        self, config: ModelConfig, *, input_size: int, hidden_size: int, length: int, is_variable: bool
    ) -> None:
        super().__init__()
        self.pooling = config.pooling
        self.length = length
        self.lstm: nn.LSTM | VariableBiLSTM = (
            VariableBiLSTM(input_size, hidden_size)
            if is_variable
            else nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=True)
        )
        self.size = 4 * hidden_size if self.pooling == "max" else 2 * hidden_size
        if self.pooling == "positions":
            self.project = nn.Linear(2 * hidden_size + input_size, config.summary_size)
            self.size = length * config.summary_size

    def forward(self, inputs: Tensor, real: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read `(batch, time, size)`; return the summary `(batch, self.size)` and all outputs.

        `real` `(batch, time)` tells the steps before the padding; None where all are.
        """
        outputs, last = self._read(inputs, real)
        if self.pooling == "last":
            return last, outputs
        if self.pooling == "max":
            heard = outputs if real is None else outputs.masked_fill(~real[..., None], -torch.inf)
            return torch.cat([last, heard.amax(dim=1)], dim=-1), outputs
        kept = functional.gelu(self.project(torch.cat([outputs, inputs], dim=-1)))
        if real is not None:
            kept = kept * real[..., None]
            kept = functional.pad(kept, (0, 0, 0, self.length - kept.shape[1]))
        return kept.flatten(1), outputs  # (batch, length * summary), (batch, time, 2 * hidden)

    def _read(self, inputs: Tensor, real: Tensor | None) -> tuple[Tensor, Tensor]:
        if isinstance(self.lstm, VariableBiLSTM):
            assert real is not None
            read: tuple[Tensor, Tensor] = self.lstm(inputs, real.sum(dim=1))
            return read
        outputs, (h, _) = self.lstm(inputs)
        return outputs, torch.cat([h[0], h[1]], dim=-1)


class VoiceEncoder(nn.Module):
    """What both encoders share: each voice of a segment is read by a BiLSTM of its own.

    Summed into one reader, drums, which are many, keep the pitches of melody and bass from z for thousands
    of training steps.
    """

    def __init__(self, config: ModelConfig, *, length: int) -> None:
        super().__init__()
        self.config = config
        self.embedding = VoiceEmbedding(config, num_extra=0)
        self.steps = self._reader(length)  # of the first voice
        self.other_steps = nn.ModuleList(self._reader(length) for _ in range(1, config.voices))

    @property
    def summary_size(self) -> int:
        """Return the number of features that describe a segment."""
        return self.config.voices * self.steps.size

    def read_segments(self, ids: Tensor, real: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read `(batch, length, voices)`; return summaries and outputs, both of all voices side by side.

        They are `(batch, summary_size)` and `(batch, length, voices * 2 * hidden)`; `real` is as in `Reader`.
        """
        readers = [self.steps, *self.other_steps]
        embedded = self.embedding(ids).unbind(dim=-2)
        read = [reader(voice, real) for reader, voice in zip(readers, embedded, strict=True)]
        summaries, outputs = zip(*read, strict=True)
        return torch.cat(summaries, dim=-1), torch.cat(outputs, dim=-1)

    def _reader(self, length: int) -> Reader:
        return Reader(
            self.config,
            input_size=self.config.embedding_size,
            hidden_size=self.config.encoder_size,
            length=length,
            is_variable=self.config.end_id >= 0,
        )


class FlatEncoder(VoiceEncoder):
    """One BiLSTM over all steps."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, length=config.time)
        self.posterior = nn.Linear(self.summary_size, 2 * config.latent_size)

    def forward(self, ids: Tensor, real: Tensor | None = None) -> Posterior:
        """Encode: `(batch, time, voices)`, real steps `(batch, time)` -> Posterior."""
        summary, _ = self.read_segments(ids, real)
        return to_posterior(self.posterior(summary))


class HierarchicalEncoder(VoiceEncoder):
    """A BiLSTM over the steps of each bar, then one over the bars; a shortcut leads from each step to z."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, length=config.steps_per_bar)
        self.bar = nn.Linear(self.summary_size, config.bar_size)
        self.bars = Reader(
            config,
            input_size=config.bar_size,
            hidden_size=config.top_encoder_size,
            length=config.bars,
            is_variable=False,
        )
        size = self.bars.size + config.time * config.encoder_shortcut_size
        self.shortcut = (
            nn.Linear(config.voices * 2 * config.encoder_size, config.encoder_shortcut_size)
            if config.encoder_shortcut_size
            else None
        )
        self.posterior = nn.Linear(size, 2 * config.latent_size)
        self.code = nn.Linear(config.bar_size, config.code_size) if config.latent_layout == "bars" else None
        if self.code is not None and not self.posterior.weight.is_meta:
            nn.init.zeros_(self.posterior.weight)  # at first z is the codes of the bars and nothing else
            nn.init.zeros_(self.posterior.bias)
            nn.init.constant_(self.posterior.bias[config.latent_size :], log(CODE_NOISE))

    def forward(self, ids: Tensor, real: Tensor | None = None) -> Posterior:
        """Encode: `(batch, time, voices)`, real steps `(batch, time)` -> Posterior."""
        bars = ids.reshape(-1, self.config.steps_per_bar, self.config.voices)  # (batch * bars, steps, voices)
        real = None if real is None else real.reshape(bars.shape[:2])
        features, outputs = self.read_bars(bars, real)
        summary, _ = self.bars(features.view(len(ids), self.config.bars, -1))
        if self.shortcut is not None:
            direct = functional.gelu(self.shortcut(outputs))
            direct = direct if real is None else direct * real[..., None]
            direct = direct.reshape(len(ids), -1)  # (batch, time * shortcut)
            summary = torch.cat([summary, direct], dim=-1)
        outputs = self.posterior(summary)
        if self.code is not None:
            codes = mix_bars(self.code(features.view(len(ids), self.config.bars, -1))).flatten(1)
            outputs = outputs + functional.pad(codes, (0, codes.shape[1]))  # log sigma has no part in them
        return to_posterior(outputs)

    def read_bars(self, ids: Tensor, real: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Describe single bars: `(bars, steps, voices)` -> `(bars, bar_size)`, `(bars, steps, hidden)`."""
        summary, outputs = self.read_segments(ids, real)
        return functional.gelu(self.bar(summary)), outputs


class NoEncoder(nn.Module):
    """Know nothing: the posterior of everything is the prior, which makes the VAE a language model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.latent_size = config.latent_size

    def forward(self, ids: Tensor, real: Tensor | None = None) -> Posterior:
        """Return N(0, I) for each of `(batch, time, voices)`."""
        zeros = torch.zeros(len(ids), self.latent_size, device=ids.device)
        return Posterior(zeros, zeros)


def to_posterior(outputs: Tensor) -> Posterior:
    """Split `(batch, 2 * latent)` into mu and a clamped log sigma, in float32 whatever the autocast."""
    mu, log_sigma = outputs.float().chunk(2, dim=-1)
    return Posterior(mu, log_sigma.clamp(*LOG_SIGMA_RANGE))


def build_encoder(config: ModelConfig) -> FlatEncoder | HierarchicalEncoder | NoEncoder:
    """Build the encoder that the settings name."""
    if config.encoder == "none":
        return NoEncoder(config)
    return FlatEncoder(config) if config.encoder == "flat" else HierarchicalEncoder(config)
