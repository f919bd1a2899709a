"""A prior over z that is learned, with a model or after it: part after part of z, each unit in turn.

A VAE trained with beta below 1 does not fill N(0, I), and a few Gaussians do not tell where its points lie:
where z is laid out by bars, what later waves say depends on those before. The rate is measured against a
marginal that is fitted, as in Alemi et al. 2018 (Fixing a Broken ELBO, section 2); samples come from it too.
"""

from dataclasses import dataclass
from math import log, pi
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import Config, ModelConfig

LOG_SCALES = (-6.0, 3.0)  # of a component, in standard deviations of the unit
FIRST_MEANS = 1.5  # components begin spread so far to both sides
FIRST_LOG_SCALE = -0.3
SMALLEST_SPREAD = 1e-3


@dataclass(frozen=True, kw_only=True)
class PriorConfig(Config):
    """The shape of a learned prior."""

    parts: int  # of z, one after another; 1: only the units inside
    part_size: int  # units of each
    hidden_size: int = 192  # of the LSTM over parts; of no use where there is one
    width: int = 192  # of the masked layers over the units of a part
    components: int = 4  # Gaussians for each unit

    def __post_init__(self) -> None:
        """Check every bound."""
        self._require_range("parts", 1, 1024)
        self._require_range("part_size", 1, 8192)
        for name in ("hidden_size", "width"):
            self._require_range(name, 1, 4096)
        self._require_range("components", 1, 64)

    @property
    def latent_size(self) -> int:
        """Return the number of units."""
        return self.parts * self.part_size


def prior_config_of(model: ModelConfig) -> PriorConfig:
    """Return the prior for a model: a part for each wave of z laid out by bars, else one of all units."""
    parts = model.bars if model.latent_layout == "bars" else 1
    return PriorConfig(
        parts=parts,
        part_size=model.latent_size // parts,
        hidden_size=model.prior_size,
        width=model.prior_size,
        components=model.prior_components,
    )


class MaskedLinear(nn.Linear):
    """A linear layer some of whose weights are 0 for good: `(outputs, inputs)` mask."""

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float(), persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Map `(..., inputs)` -> `(..., outputs)`."""
        return functional.linear(values, self.kept, self.bias)

    @property
    def kept(self) -> Tensor:
        """Return the weights, `(outputs, inputs)`, masked."""
        return self.weight * self.mask


class _Layers(NamedTuple):
    """Masked weights of a prior, for drawing."""

    read: Tensor  # (part, width)
    mix: Tensor  # (width, width)
    write: Tensor  # (part * values, width)
    direct: Tensor  # (part * values, part)


class _Contexts(NamedTuple):
    """What the parts before tell those layers: added to what each gives; 0 where there is one part."""

    read: Tensor | float  # (..., width)
    mix: Tensor | float
    write: Tensor | float  # (..., part * values)


_NO_CONTEXTS = _Contexts(0.0, 0.0, 0.0)


class AutoregressivePrior(nn.Module):
    """Units of z given those before, each a mixture of Gaussians.

    An LSTM hears the parts before, if any; inside a part masked layers do (MADE, Germain et al. 2015), so
    that all densities come at once and samples unit by unit.
    """

    mean: Tensor  # of each unit, (parts, part)
    spread: Tensor

    def __init__(self, config: PriorConfig, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.dropout = dropout
        size, width, values = config.part_size, config.width, 3 * config.components
        units, degrees = torch.arange(size), torch.arange(width) % max(1, size - 1)
        hears = degrees[:, None] >= units  # a feature of degree d hears units 0 to d
        told = (units[:, None] > degrees).repeat_interleave(values, dim=0)
        self.read = MaskedLinear(hears)
        self.mix = MaskedLinear(degrees[:, None] >= degrees)
        self.write = MaskedLinear(told)
        self.direct = MaskedLinear((units[:, None] > units).repeat_interleave(values, dim=0))
        if config.parts > 1:
            self.place = nn.Parameter(torch.zeros(config.parts, width))
            self.before = nn.LSTM(size, config.hidden_size, batch_first=True)
            self.start = nn.Parameter(torch.zeros(config.parts, size))  # beside what the LSTM hears there
            self.context = nn.Linear(config.hidden_size, 2 * width + size * values)
        self.register_buffer("mean", torch.zeros(config.parts, size))
        self.register_buffer("spread", torch.ones(config.parts, size))
        self._begin_as_a_bell()

    @property
    def latent_size(self) -> int:
        """The number of units."""
        return self.config.latent_size

    def standardise(self, points: Tensor) -> None:
        """Take mean and spread of each unit from `(n, latent)`: they are what training begins from."""
        parts = points.view(len(points), self.config.parts, self.config.part_size)
        self.mean.copy_(parts.mean(dim=0))
        self.spread.copy_(parts.std(dim=0, correction=0).clamp(min=SMALLEST_SPREAD))

    def log_density(self, points: Tensor) -> Tensor:
        """Return the log of the density, `(n, latent)` -> `(n,)`; differentiable."""
        parts = points.view(len(points), self.config.parts, self.config.part_size)
        parts = (parts - self.mean) / self.spread
        shares, means, log_scales = self._mixtures(parts)
        white = (parts[..., None] - means) * (-log_scales).exp()
        of_each = shares - log_scales - 0.5 * white.square()
        nats = of_each.logsumexp(dim=-1) - 0.5 * log(2 * pi) - self.spread.log()
        return nats.sum(dim=(1, 2))

    @torch.no_grad()
    def sample(self, num_samples: int, generator: torch.Generator) -> Tensor:
        """Draw points, `(num_samples, latent)`."""
        size = (num_samples, self.config.parts, self.config.part_size)
        lots, noise = torch.rand(size, generator=generator), torch.randn(size, generator=generator)
        lots, noise = lots.to(self.mean.device), noise.to(self.mean.device)
        layers = _Layers(self.read.kept.T, self.mix.kept, self.write.kept, self.direct.kept)
        drawn = [noise.new_zeros(num_samples, self.config.part_size)]
        state = None
        for part in range(self.config.parts):
            contexts = _NO_CONTEXTS
            if self.config.parts > 1:
                hidden, state = self.before((drawn[-1] + self.start[part])[:, None], state)
                contexts = self._contexts(hidden[:, 0], self.place[part])
            drawn.append(self._draw_part(contexts, layers, lots[:, part], noise[:, part]))
        return (torch.stack(drawn[1:], dim=1) * self.spread + self.mean).flatten(1)

    def _draw_part(self, contexts: _Contexts, layers: _Layers, lots: Tensor, noise: Tensor) -> Tensor:
        """Draw the units of one part, `(n, part)`; only what a new unit changes is computed anew."""
        first, second, last = contexts
        heard = self.read.bias + first
        told = self._by_unit(self.write.bias + self.direct.bias + last)
        units = torch.zeros_like(noise)
        for unit in range(self.config.part_size):
            rows = slice(unit * told.shape[-1], (unit + 1) * told.shape[-1])
            features = functional.gelu(heard)
            features = features + functional.gelu(
                functional.linear(features, layers.mix, self.mix.bias) + second
            )
            values = told[..., unit, :] + features @ layers.write[rows].T + units @ layers.direct[rows].T
            shares, means, log_scales = self._mixture_of(values)
            passed = lots[:, unit, None] > shares.exp().cumsum(dim=-1)
            chosen = passed.sum(dim=-1, keepdim=True).clamp(max=self.config.components - 1)
            mean, log_scale = (one.gather(1, chosen)[:, 0] for one in (means, log_scales))
            units[:, unit] = mean + log_scale.exp() * noise[:, unit]
            heard = heard + units[:, unit, None] * layers.read[unit]
        return units

    def _mixtures(self, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Tell of each unit, `(n, parts, part)`, its mixture by those before it, as `_mixture_of` does."""
        first, second, last = _NO_CONTEXTS
        if self.config.parts > 1:
            heard = functional.pad(units[:, :-1], (0, 0, 1, 0)) + self.start
            first, second, last = self._contexts(self._drop(self.before(heard)[0]), self.place)
        features = self._drop(functional.gelu(self.read(units) + first))
        features = features + self._drop(functional.gelu(self.mix(features) + second))
        told = self.write(features) + self.direct(units) + last
        return self._mixture_of(self._by_unit(told))

    def _contexts(self, hidden: Tensor, place: Tensor) -> _Contexts:
        """Tell both layers of features and what is written of the parts before, and where they stand."""
        width = self.config.width
        first, *others = torch.split(self.context(hidden), [width, width, self.write.out_features], dim=-1)
        return _Contexts(first + place, *others)

    def _by_unit(self, values: Tensor) -> Tensor:
        """Split what is told of all units: `(..., part * values)` -> `(..., part, values)`."""
        return values.view(*values.shape[:-1], self.config.part_size, -1)

    def _mixture_of(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Split `(..., 3 * components)` into logs of shares, means and logs of scales."""
        shares, means, log_scales = values.view(*values.shape[:-1], 3, -1).unbind(dim=-2)
        return shares.log_softmax(dim=-1), means, log_scales.clamp(*LOG_SCALES)

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self.dropout, self.training)

    def _begin_as_a_bell(self) -> None:
        """Let every unit begin with components on both sides of its mean, whatever came before."""
        if self.write.weight.is_meta:
            return
        bell = torch.zeros(self.config.part_size, 3, self.config.components)
        side = FIRST_MEANS if self.config.components > 1 else 0.0
        bell[:, 1] = torch.linspace(-side, side, self.config.components)
        bell[:, 2] = FIRST_LOG_SCALE
        with torch.no_grad():
            self.write.bias.copy_(bell.flatten())
            for weights in (self.write.weight, self.direct.weight, self.direct.bias):
                weights.zero_()
            if self.config.parts == 1:
                return
            self.context.weight[2 * self.config.width :].zero_()
            self.context.bias[2 * self.config.width :].zero_()
