"""The model of expression: a feel z, and given it velocity and timing of every hit, one after the other."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.expression.logistic import Logistics, Scale, at_quantile, log_mass
from seqvae.expression.settings import ExpressionConfig
from seqvae.model.encoder import Posterior, to_posterior
from seqvae.tokens.drum_map import NUM_CLASSES
from seqvae.tokens.melody_decode import STEPS_PER_BAR

VELOCITY = Scale(1, 127, centre=64, width=32)
OFFSET = Scale(-60, 59, centre=0, width=30)  # 1/120 steps
NUM_VALUES = 2 * NUM_CLASSES  # of a step: velocities, then offsets
SPREAD = 0.7  # of the means of a mixture before training


class Played(NamedTuple):
    """Drums and how they were played."""

    hits: Tensor  # (batch, steps, 9), bool
    velocities: Tensor  # (batch, steps, 9), 1..127 where there is a hit
    offsets: Tensor  # (batch, steps, 9), 1/120 steps, -60..59

    @property
    def values(self) -> Tensor:
        """Return both in units of the network, `(batch, steps, 18)`, 0 where nothing is hit."""
        pairs = ((VELOCITY, self.velocities), (OFFSET, self.offsets))
        return torch.cat([scale.to_unit(numbers.float()) * self.hits for scale, numbers in pairs], dim=-1)


class ExpressionModel(nn.Module):
    """Two BiLSTMs and an LSTM: how a clip was played to a feel z, and what is hit, z and the past to a step.

    A value is a mixture of logistics. Those of one step are not independent: each mixture moves with how far
    the values before it in the step were off their means, velocities first.
    """

    feel_mean: Tensor
    feel_root: Tensor

    def __init__(self, config: ExpressionConfig) -> None:
        super().__init__()
        self.config = config
        step_size = NUM_CLASSES + STEPS_PER_BAR
        self.encoder = nn.LSTM(
            step_size + NUM_VALUES, config.encoder_size, batch_first=True, bidirectional=True
        )
        self.posterior = nn.Linear(2 * config.encoder_size, 2 * config.feel_size)
        self.context = nn.LSTM(step_size, config.context_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(config.dropout)
        heard = 2 * config.context_size + config.feel_size + NUM_VALUES
        self.decoder = nn.LSTM(heard, config.decoder_size, batch_first=True)
        self.head = nn.Linear(
            config.decoder_size + 2 * config.context_size, NUM_VALUES * 3 * config.num_logistics
        )
        self.chain = nn.Parameter(torch.zeros(NUM_VALUES, NUM_VALUES))  # below its diagonal
        self.register_buffer("feel_mean", torch.zeros(config.feel_size))  # where feels of the data lie
        self.register_buffer("feel_root", torch.eye(config.feel_size))
        if not self.head.bias.is_meta:
            with torch.no_grad():
                bias = self.head.bias.view(NUM_VALUES, 3, config.num_logistics)
                bias[:, 1] = torch.linspace(-SPREAD, SPREAD, config.num_logistics)
                bias[:, 2] = -1.0

    @property
    def num_parameters(self) -> int:
        """Count the weights."""
        return sum(parameter.numel() for parameter in self.parameters())

    def encode(self, played: Played) -> Posterior:
        """Tell the feel of clips: Posterior over `(batch, feel)`."""
        outputs, _ = self.encoder(torch.cat([_describe(played.hits), played.values], dim=-1))
        is_hit = played.hits.any(dim=-1, keepdim=True).float()  # (batch, steps, 1)
        pooled = (outputs * is_hit).sum(dim=1) / is_hit.sum(dim=1).clamp(min=1)
        return to_posterior(self.posterior(pooled))

    def nats(self, z: Tensor, played: Played, *, kept: Tensor | None = None) -> Tensor:
        """Return -log p of every value given those before it, `(batch, steps, 18)`, 0 where nothing is hit.

        Of the past the decoder hears the steps `kept` `(batch, steps)`, else all.
        """
        mixture, shift = self._mixtures(z, played, kept=kept)
        nats = [
            -log_mass(_part(mixture, half).moved(shift[:, :, half]), *given)
            for half, given in _halves(played.values)
        ]
        return torch.cat(nats, dim=-1) * torch.cat([played.hits, played.hits], dim=-1)

    def medians(self, z: Tensor, played: Played) -> Played:
        """Guess every value given all those before it."""
        mixture, shift = self._mixtures(z, played)
        middle = torch.full_like(shift, 0.5)
        numbers = [
            at_quantile(_part(mixture, half).moved(shift[:, :, half]), middle[:, :, half], scale)
            for half, (_, scale) in _halves(played.values)
        ]
        return Played(played.hits, *numbers)

    @torch.no_grad()
    def play(self, z: Tensor, hits: Tensor, *, temperature: float, noise: Tensor) -> Played:
        """Play `(batch, steps, 9)` hits with the feel `(batch, feel)`, step after step.

        `noise` `(batch, steps, 18)` is logistic. It is scaled by the temperature and told as a quantile of
        each mixture, so that 0 plays medians and 1 draws from the mixture.
        """
        context = self._context(hits)  # (batch, steps, 2 * context)
        quantiles = torch.sigmoid(noise * temperature)
        before, state = torch.zeros(len(z), NUM_VALUES), None
        played = torch.zeros(*hits.shape[:2], NUM_VALUES, dtype=torch.int64)
        for step in range(hits.shape[1]):
            inputs = torch.cat([context[:, step], z, before], dim=-1)
            hidden, state = self.decoder(inputs[:, None], state)
            mixture = self._head(hidden, context[:, step, None])
            both = torch.cat([hits[:, step], hits[:, step]], dim=-1)  # (batch, 18)
            played[:, step], before = self._play_step(mixture, both, quantiles[:, step])
        return Played(hits, *played.chunk(2, dim=-1))

    def feels(self, noise: Tensor) -> Tensor:
        """Return feels where those of the data lie, from standard normal `(batch, feel)`."""
        return self.feel_mean + noise @ self.feel_root.T

    def _play_step(self, mixture: Logistics, hits: Tensor, quantiles: Tensor) -> tuple[Tensor, Tensor]:
        """Return numbers and values in units of the network of one step, `(batch, 18)` both."""
        weights = self.chain.tril(-1)
        first = Logistics(*(part[:, 0] for part in mixture))  # (batch, 18, logistics)
        means = first.mean
        numbers = torch.zeros(hits.shape, dtype=torch.int64)
        values, surprises = torch.zeros(hits.shape), torch.zeros(hits.shape)
        for place in hits.any(dim=0).nonzero().flatten().tolist():
            scale = VELOCITY if place < NUM_CLASSES else OFFSET
            own = Logistics(*(part[:, place] for part in first)).moved(surprises @ weights[place])
            drawn = at_quantile(own, quantiles[:, place], scale)
            numbers[:, place] = drawn * hits[:, place]
            values[:, place] = scale.to_unit(drawn.float()) * hits[:, place]
            surprises[:, place] = (values[:, place] - means[:, place]) * hits[:, place]
        return numbers, values

    def _mixtures(self, z: Tensor, played: Played, *, kept: Tensor | None = None) -> tuple[Logistics, Tensor]:
        """Return the mixtures of all values `(batch, steps, 18)` and how far the step's others move them."""
        values = played.values
        past = values if kept is None else values * kept[..., None]
        before = functional.pad(past, (0, 0, 1, 0))[:, :-1]
        context = self._context(played.hits)
        told = z[:, None].expand(-1, values.shape[1], -1)
        hidden, _ = self.decoder(torch.cat([context, told, before], dim=-1))
        mixture = self._head(hidden, context)
        is_hit = torch.cat([played.hits, played.hits], dim=-1)
        surprises = (values - mixture.mean) * is_hit
        return mixture, surprises @ self.chain.tril(-1).T

    def _context(self, hits: Tensor) -> Tensor:
        read: Tensor = self.dropout(self.context(_describe(hits))[0])
        return read

    def _head(self, hidden: Tensor, context: Tensor) -> Logistics:
        outputs: Tensor = self.head(torch.cat([self.dropout(hidden), context], dim=-1))
        return Logistics.from_outputs(outputs.view(*outputs.shape[:-1], NUM_VALUES, -1))


def _describe(hits: Tensor) -> Tensor:
    """Return what is hit and the place in the bar, `(batch, steps, 9 + 16)`."""
    places = torch.arange(hits.shape[1]) % STEPS_PER_BAR
    in_bar = functional.one_hot(places, STEPS_PER_BAR).float().expand(len(hits), -1, -1)
    return torch.cat([hits.float(), in_bar], dim=-1)


def _part(mixture: Logistics, values: slice) -> Logistics:
    """Return the mixtures `(batch, steps, values)` of some of the 18 values."""
    return Logistics(*(part[:, :, values] for part in mixture))


def _halves(values: Tensor) -> list[tuple[slice, tuple[Tensor, Scale]]]:
    """Return velocities and offsets of `(batch, steps, 18)` with their scales."""
    velocities, offsets = slice(NUM_CLASSES), slice(NUM_CLASSES, NUM_VALUES)
    return [(velocities, (values[..., velocities], VELOCITY)), (offsets, (values[..., offsets], OFFSET))]
