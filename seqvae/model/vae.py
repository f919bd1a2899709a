"""SequenceVAE: the encoder, the latent point and the decoder as one module."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seqvae.config import ModelConfig
from seqvae.model.decoder import Choice, StepDecoder
from seqvae.model.encoder import HierarchicalEncoder, Posterior, build_encoder
from seqvae.model.hierarchical import HierarchicalDecoder

BAR_NOISE = 0.1  # standard deviation added to a bar's features while single bars are autoencoded


__all__ = ["Posterior", "SequenceVAE", "gumbel_noise"]


class SequenceVAE(nn.Module):
    """A BiLSTM encoder, a Gaussian latent point and a flat or hierarchical LSTM decoder.

    Ids are `(batch, time, voices)`. In histories two more ids exist: `hidden_id` for a step that word or
    token dropout took away, and `start_id`, which stands before the first step.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = build_encoder(config)
        self.decoder = (
            StepDecoder(config, context_size=config.latent_size, length=config.time)
            if config.decoder == "flat"
            else HierarchicalDecoder(config)
        )
        self.bar_adapter = (
            nn.Linear(config.bar_size, self.decoder.context_size)
            if isinstance(self.encoder, HierarchicalEncoder) and isinstance(self.decoder, HierarchicalDecoder)
            else None
        )

    @property
    def hidden_id(self) -> int:
        """Return the id that hides a step of the history."""
        return self.config.vocab_size

    @property
    def start_id(self) -> int:
        """Return the id that stands before the first step."""
        return self.config.vocab_size + 1

    @property
    def num_parameters(self) -> int:
        """Count the weights."""
        return sum(parameter.numel() for parameter in self.parameters())

    def encode(self, ids: Tensor) -> Posterior:
        """Encode: `(batch, time, voices)` -> Posterior over `(batch, latent)`."""
        posterior: Posterior = self.encoder(ids)
        return posterior

    def decode(self, z: Tensor, inputs: Tensor) -> Tensor:
        """Score each id given those before it: `(batch, latent)`, `(batch, time, voices)` -> `(..., vocab)`.

        `inputs` are the targets themselves (the shift happens here), or an altered history of them.
        """
        scored: Tensor = self.decoder(z, self._shift(inputs))
        return scored

    def generate(self, z: Tensor, *, temperature: float = 0.0, noise: Tensor | None = None) -> Tensor:
        """Write ids from latent points: `(batch, latent)` -> `(batch, time, voices)`.

        Temperature 0 takes the likeliest id of each step. Above, Gumbel noise that broadcasts to
        `(batch, time, voices, vocab)` is added to logits / temperature, which draws from the softmax; the
        same noise for several points makes them differ by z alone.
        """
        if temperature < 0:
            raise ValueError(f"temperature is {temperature:g}; choose 0 or more")
        if temperature > 0 and noise is None:
            raise ValueError("a temperature above 0 needs noise; see gumbel_noise")
        config = self.config
        if noise is not None:
            noise = noise.expand(len(z), config.time, config.voices, config.vocab_size)
        first = torch.full((len(z), config.voices), self.start_id, device=z.device)
        if isinstance(self.decoder, StepDecoder):
            return self.decoder.generate(z, first, choose=_chooser(temperature, noise))
        if config.carry_token:
            parts: Sequence[Tensor | None]
            parts = [None] * config.bars if noise is None else noise.chunk(config.bars, dim=1)
            choosers = [_chooser(temperature, part) for part in parts]
            return self.decoder.generate_in_turn(z, first, choose_in_bar=choosers)
        if noise is not None:
            noise = noise.reshape(-1, config.steps_per_bar, *noise.shape[2:])  # (batch * bars, steps, ...)
        return self.decoder.generate(z, first, choose=_chooser(temperature, noise))

    def bar_logits(self, ids: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Autoencode single bars without z: `(bars, steps, voices)` -> `(bars, steps, voices, vocab)`."""
        if self.bar_adapter is None:
            raise ValueError("only a model that is hierarchical on both sides autoencodes single bars")
        assert isinstance(self.encoder, HierarchicalEncoder)
        assert isinstance(self.decoder, HierarchicalDecoder)
        features, _ = self.encoder.read_bars(ids)
        noise = torch.randn(features.shape, generator=generator, device=features.device)
        contexts = self.bar_adapter(features + BAR_NOISE * noise)
        size = self.config.decoder_shortcut_size
        blank = contexts.new_zeros(len(ids), self.config.steps_per_bar, size) if size else None
        scored: Tensor = self.decoder.steps(contexts, self._start(ids), blank)
        return scored

    def _shift(self, inputs: Tensor) -> Tensor:
        """Put the ids before each step in its place: `(batch, time, voices)`, the same shape."""
        if self.config.decoder == "flat" or self.config.carry_token:
            return self._start(inputs)
        bars = inputs.reshape(-1, self.config.steps_per_bar, self.config.voices)
        return self._start(bars).reshape(inputs.shape)

    def _start(self, inputs: Tensor) -> Tensor:
        first = torch.full_like(inputs[:, :1], self.start_id)
        return torch.cat([first, inputs[:, :-1]], dim=1)


def gumbel_noise(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw standard Gumbel noise: argmax(logits / temperature + noise) draws from the softmax."""
    uniform = torch.rand(shape, generator=generator, dtype=torch.float64)
    return -torch.log(-torch.log(uniform.clamp(1e-12, 1 - 1e-12))).float()


def _chooser(temperature: float, noise: Tensor | None) -> Choice:
    """Return how an id is chosen; `noise` is `(batch, steps, voices, vocab)` for the steps of one segment."""

    def choose(logits: Tensor, step: int) -> Tensor:
        if noise is None or temperature == 0:
            return logits.argmax(dim=-1)
        return (logits / temperature + noise[:, step]).argmax(dim=-1)

    return choose
