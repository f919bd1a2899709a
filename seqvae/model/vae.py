"""SequenceVAE: the encoder, the latent point and the decoder as one module."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqvae.config import ModelConfig
from seqvae.losses import gaussian_log_density, kl_per_dimension, sequence_nats, voice_nats
from seqvae.model.decoder import Choice, StepDecoder, Stepper
from seqvae.model.encoder import CODE_NOISE, HierarchicalEncoder, Posterior, build_encoder
from seqvae.model.hierarchical import HierarchicalDecoder
from seqvae.model.prior import AutoregressivePrior, prior_config_of


class Scored(NamedTuple):
    """What the steps of a batch cost; n counts the steps that are real, over all sequences."""

    nats_of_voices: Tensor  # (batch, voices), -log p(x | z) of each voice of each sequence
    logits: Tensor  # (n, voices, vocab)
    ids: Tensor  # (n, voices), what the logits should have said

    @property
    def nats(self) -> Tensor:
        """Return -log p(x | z) of each sequence, `(batch,)`."""
        return self.nats_of_voices.sum(dim=1)


PATH = (
    "project",
    "bar",
    "shortcut",
    "plan",
    "code",
    "code_plan",
    "condition",
    "bar_adapter",
)  # linear layers from step to step
BAR_NOISE = 0.1  # standard deviation added to a bar's features while single bars are autoencoded


__all__ = ["Posterior", "Scored", "SequenceVAE", "gumbel_noise"]


class SequenceVAE(nn.Module):
    """A BiLSTM encoder, a Gaussian latent point and a flat or hierarchical LSTM decoder.

    Ids are `(batch, time, voices)`; with an `end_id` sequences may be shorter than the model's `time`, each
    closed by that id and padded with 0 to the longest of its batch. In histories two more ids exist:
    `hidden_id` for a step that token dropout took away, and `start_id`, which stands before the first step.
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
            if isinstance(self.encoder, HierarchicalEncoder)
            and isinstance(self.decoder, HierarchicalDecoder)
            and config.latent_layout == "dense"
            else None
        )
        if config.path_gain != 1:
            self._amplify_path(config.path_gain)
        self.prior = AutoregressivePrior(prior_config_of(config)) if config.prior == "learned" else None

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

    @property
    def is_variable(self) -> bool:
        """Tell whether sequences may end before the model's time."""
        return self.config.end_id >= 0

    def encode(self, ids: Tensor) -> Posterior:
        """Encode: `(batch, time, voices)` -> Posterior over `(batch, latent)`."""
        posterior: Posterior = self.encoder(ids, self.real_steps(ids) if self.is_variable else None)
        return posterior

    def log_prior(self, z: Tensor) -> Tensor:
        """Return log p(z) of the prior that the model was trained with, `(n, latent)` -> `(n,)`."""
        with torch.autocast(z.device.type, enabled=False):
            if self.prior is not None:
                return self.prior.log_density(z.float())
            nothing = torch.zeros_like(z)
            return gaussian_log_density(z, nothing, nothing)

    def rate(self, posterior: Posterior, z: Tensor) -> Tensor:
        """Return the KL of posteriors to the prior, in nats: all `(n, latent)` -> `(n,)`.

        That to N(0, I) is exact; how much more or less it is to a learned prior is estimated at z alone.
        """
        kl = kl_per_dimension(posterior).sum(dim=-1)
        if self.prior is None:
            return kl
        nothing = torch.zeros_like(z)
        return kl + gaussian_log_density(z, nothing, nothing) - self.log_prior(z)

    def real_steps(self, ids: Tensor) -> Tensor:
        """Tell which steps of `(batch, time, voices)` are not padding behind an end: `(batch, time)`."""
        if not self.is_variable:
            return torch.ones(ids.shape[:2], dtype=torch.bool, device=ids.device)
        bars = ids if self.config.bars == 1 else ids.reshape(-1, self.config.steps_per_bar, ids.shape[-1])
        return self._real_steps_of_bars(bars).reshape(ids.shape[:2])

    def _real_steps_of_bars(self, ids: Tensor) -> Tensor:
        is_end = (ids[..., 0] == self.config.end_id).long()
        return is_end.cumsum(dim=1) - is_end == 0  # (bars, steps)

    def score(
        self, z: Tensor, ids: Tensor, history: Tensor | None = None, earlier: Tensor | None = None
    ) -> Scored:
        """Score the real steps of `(batch, time, voices)` ids; `history`, by default the same, was heard.

        A lookback heard `earlier`, by default the history.
        """
        history = ids if history is None else history
        real = self.real_steps(ids) if self.is_variable else None
        past = self._past(history if earlier is None else earlier)
        logits = self.decoder(self._heard(z), self._shift(history), real=real, heard=history, past=past)
        return _scored(logits, ids, real)

    def decode(self, z: Tensor, inputs: Tensor) -> Tensor:
        """Score each id given those before it: `(batch, latent)`, `(batch, time, voices)` -> `(..., vocab)`.

        `inputs` are the targets themselves (the shift happens here), or an altered history of them.
        """
        past = self._past(inputs)
        scored: Tensor = self.decoder(self._heard(z), self._shift(inputs), heard=inputs, past=past)
        return scored

    def first_ids(self, batch: int) -> Tensor:
        """Return what stands before the first step, `(batch, voices)`."""
        return torch.full((batch, self.config.voices), self.start_id, device=self._device)

    def stepper(self, z: Tensor) -> Stepper:
        """Go step by step from `(batch, latent)` with a flat decoder; ValueError with a hierarchical one."""
        if not isinstance(self.decoder, StepDecoder):
            raise ValueError("a hierarchical decoder writes all bars at once; it has no single steps")
        if self.config.lookback:
            raise ValueError("a decoder with a lookback has no single steps: they hear more than one id")
        with torch.no_grad():
            return self.decoder.stepper(self._heard(z))

    def reset_decoder(self) -> None:
        """Give the decoder new random weights, drawn from torch's own generator."""
        fresh = SequenceVAE(self.config).decoder.to(self._device)
        self.decoder.load_state_dict(fresh.state_dict())

    def generate(
        self,
        z: Tensor,
        *,
        temperature: float = 0.0,
        noise: Tensor | None = None,
        allowed: Tensor | None = None,
    ) -> Tensor:
        """Write ids from latent points: `(batch, latent)` -> `(batch, time, voices)`.

        Where sequences may end early they are padded behind their end, to the longest of the batch.

        Temperature 0 takes the likeliest id of each step. Above, Gumbel noise that broadcasts to
        `(batch, time, voices, vocab)` is added to logits / temperature, which draws from the softmax; the
        same noise for several points makes them differ by z alone. Only ids that are `allowed`, which
        broadcasts to the same shape, are written; where that is one id, what follows hears it as given.
        """
        if temperature < 0:
            raise ValueError(f"temperature is {temperature:g}; choose 0 or more")
        if temperature > 0 and noise is None:
            raise ValueError("a temperature above 0 needs noise; see gumbel_noise")
        config, z = self.config, self._heard(z)
        size = (len(z), config.time, config.voices, config.vocab_size)
        noise, allowed = (None if one is None else one.expand(size) for one in (noise, allowed))
        first = self.first_ids(len(z))
        if isinstance(self.decoder, StepDecoder):
            return self.decoder.generate(z, first, choose=_chooser(temperature, noise, allowed))
        if config.is_in_turn:
            parts: Sequence[Sequence[Tensor | None]]
            parts = [
                [None] * config.bars if one is None else one.chunk(config.bars, dim=1)
                for one in (noise, allowed)
            ]
            choosers = [_chooser(temperature, *pair) for pair in zip(*parts, strict=True)]
            return self.decoder.generate_in_turn(z, first, choose_in_bar=choosers)
        by_bar = (-1, config.steps_per_bar, *size[2:])  # (batch * bars, steps, voices, vocab)
        noise, allowed = (None if one is None else one.reshape(by_bar) for one in (noise, allowed))
        return self.decoder.generate(z, first, choose=_chooser(temperature, noise, allowed))

    @torch.no_grad()
    def rewrite(self, z: Tensor, ids: Tensor) -> Tensor:
        """Write the likeliest ids where a lookback hears these, `(batch, time, voices)`; the same shape.

        Bars of a hierarchical decoder are written at once, as without a lookback.
        """
        likeliest = _chooser(0.0, None, None)
        first = self.first_ids(len(z))
        return self.decoder.generate(self._heard(z), first, choose=likeliest, past=self._past(ids))

    def score_bars(self, ids: Tensor, noise: Tensor | None = None) -> Scored:
        """Autoencode single bars without z and score their real steps: `(bars, steps, voices)`.

        Standard normal `noise` `(bars, bar_size)` blurs what is known of them; of codes, its first places.
        """
        if not isinstance(self.encoder, HierarchicalEncoder) or not isinstance(
            self.decoder, HierarchicalDecoder
        ):
            raise ValueError("only a model that is hierarchical on both sides autoencodes single bars")
        real = self._real_steps_of_bars(ids) if self.is_variable else None
        features, _ = self.encoder.read_bars(ids, real)
        contexts = self._contexts_of_bars(features, noise)
        size = self.config.voices * self.config.decoder_shortcut_size
        blank = contexts.new_zeros(len(ids), self.config.steps_per_bar, size) if size else None
        past = self._past(ids)
        logits: Tensor = self.decoder.steps(contexts, self._start(ids), blank, real, heard=ids, past=past)
        return _scored(logits, ids, real)

    def _contexts_of_bars(self, features: Tensor, noise: Tensor | None) -> Tensor:
        """Return what the writer of single bars hears: `(bars, bar_size)` twice -> `(bars, context)`."""
        assert isinstance(self.encoder, HierarchicalEncoder)
        assert isinstance(self.decoder, HierarchicalDecoder)
        if self.encoder.code is not None:
            codes = self.encoder.code(features)
            codes = codes if noise is None else codes + CODE_NOISE * noise[:, : codes.shape[1]]
            return self.decoder.context_of_code(codes)
        assert self.bar_adapter is not None
        contexts: Tensor = self.bar_adapter(features if noise is None else features + BAR_NOISE * noise)
        return contexts

    @torch.no_grad()
    def _amplify_path(self, gain: float) -> None:
        """Let z and its way begin louder: each of the layers in a row makes torch's first weights fade.

        Five of them leave a hundredth of a pitch for the decoder to hear, which then learns to do without.
        """
        for name, module in self.named_modules():
            is_on_path = name.rsplit(".", 1)[-1] in PATH and "initial" not in name
            if is_on_path and isinstance(module, nn.Linear):
                module.weight *= gain

    @property
    def _device(self) -> torch.device:
        return next(self.parameters()).device

    def _heard(self, z: Tensor) -> Tensor:
        """Return z, or zeros where the decoder is a language model."""
        return torch.zeros_like(z) if self.config.encoder == "none" else z

    def _shift(self, inputs: Tensor) -> Tensor:
        """Put the ids before each step in its place: `(batch, time, voices)`, the same shape."""
        if self.config.decoder == "flat" or self.config.carry_token:
            return self._start(inputs)
        bars = inputs.reshape(-1, self.config.steps_per_bar, self.config.voices)
        return self._start(bars).reshape(inputs.shape)

    def _past(self, inputs: Tensor) -> Tensor | None:
        """Return what a lookback hears: `(batch, time, voices)`, the same shape with a last axis of lags."""
        steps = self.decoder if isinstance(self.decoder, StepDecoder) else self.decoder.steps
        return None if steps.lookback is None else steps.lookback.past_of(inputs)

    def _start(self, inputs: Tensor) -> Tensor:
        first = torch.full_like(inputs[:, :1], self.start_id)
        return torch.cat([first, inputs[:, :-1]], dim=1)


def _scored(logits: Tensor, ids: Tensor, real: Tensor | None) -> Scored:
    """Sum what the ids `(batch, time, voices)` cost, at real steps alone where these are told."""
    if real is None:
        return Scored(voice_nats(logits, ids), logits.flatten(0, 1), ids.flatten(0, 1))
    targets, rows = ids[real], real.nonzero()[:, 0]
    return Scored(sequence_nats(logits, targets, rows, len(ids)), logits, targets)


def gumbel_noise(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw standard Gumbel noise: argmax(logits / temperature + noise) draws from the softmax."""
    uniform = torch.rand(shape, generator=generator, dtype=torch.float64)
    return -torch.log(-torch.log(uniform.clamp(1e-12, 1 - 1e-12))).float()


def _chooser(temperature: float, noise: Tensor | None, allowed: Tensor | None) -> Choice:
    """Return how an id is chosen; both tensors are `(batch, steps, voices, vocab)` of one segment."""

    def choose(logits: Tensor, step: int) -> Tensor:
        if allowed is not None:
            logits = logits.masked_fill(~allowed[:, step], -torch.inf)
        if noise is None or temperature == 0:
            return logits.argmax(dim=-1)
        return (logits / temperature + noise[:, step]).argmax(dim=-1)

    return choose
