"""How well the model knows how held-out drums were played, beside counts that do without one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.dataset.shards import WindowSet
from seqvae.expression.baseline import Cells, Counts, Floats
from seqvae.expression.fit import played_of
from seqvae.expression.model import NUM_VALUES, OFFSET, VELOCITY, ExpressionModel, Played
from seqvae.expression.noise import logistic_noise
from seqvae.losses import gaussian_log_density, importance_weighted_nats
from seqvae.tokens.melody_decode import STEPS_PER_BAR, TICKS_PER_STEP

BATCH = 256
NOTES = (
    "Nats per hit: what velocity and offset of a hit cost together, as whole numbers. Of the model it is"
    " the importance-weighted bound given the pattern of hits, with a prior of N(0, I) over feels, so that"
    " the price of the feel is in it.",
    "Error: mean absolute error of velocities in MIDI units, of offsets in 1/100 of a sixteenth"
    " (1.25 ms at 120 beats a minute). Counts and the model guess medians.",
    "Told the pattern: what is hit and nothing of how; the feel is the mean of all. Told the feel: also z of"
    " the same clip. Told the hits before: also how all earlier hits were really played.",
    "The median of the class in this very clip has seen the answers; it tells how much levels alone explain.",
    "Spread: standard deviations, over all hits and about the mean of each class in its clip; on one step:"
    " correlation of the offsets of hits on one step. The model is drawn at temperature 1.",
)


class Guess(NamedTuple):
    """How far off guesses are, and what the truth costs."""

    name: str
    nats_per_hit: float | None  # velocity and offset together
    velocity_error: float  # mean absolute error, MIDI units
    offset_error: float  # mean absolute error, 1/100 steps


class Spread(NamedTuple):
    """How much performances vary."""

    name: str
    velocity: float  # standard deviation, MIDI units
    velocity_in_clip: float  # of the hits of one class in one window, about their mean
    offset: float  # standard deviation, 1/100 steps
    offset_in_clip: float
    offset_together: float  # correlation of the offsets of two hits on one step


@dataclass(frozen=True, kw_only=True)
class ExpressionEvaluation:
    """Everything that was measured."""

    num_windows: int
    num_hits: int
    kl_per_window: float  # nats
    guesses: tuple[Guess, ...]
    spreads: tuple[Spread, ...]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Read back what `as_dict` told."""
        rows = {
            "guesses": tuple(Guess(**row) for row in told["guesses"]),
            "spreads": tuple(Spread(**row) for row in told["spreads"]),
        }
        return cls(**{**told, **rows})

    def lines(self) -> list[str]:
        """Return both tables in Markdown."""
        head = f"{self.num_windows} windows, {self.num_hits} hits, KL {self.kl_per_window:.1f} nats a window"
        first = ["", "nats per hit", "velocity, error", "offset, error in 1/100 steps"]
        second = ["", "velocity", "in a clip", "offset", "in a clip", "on one step"]
        return [head, "", *_table(first, self.guesses), "", *_table(second, self.spreads)]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        rows = {name: [row._asdict() for row in getattr(self, name)] for name in ("guesses", "spreads")}
        return {
            "num_windows": self.num_windows,
            "num_hits": self.num_hits,
            "kl_per_window": self.kl_per_window,
        } | rows


@torch.no_grad()
def evaluate_expression(
    model: ExpressionModel, train: WindowSet, test: WindowSet, *, samples: int = 20, seed: int = 0
) -> ExpressionEvaluation:
    """Measure the windows of `test` beside counts over those of `train`.

    What the truth costs the model is a bound of `samples` draws from the posterior of the feel.
    """
    truth = _collect(test, lambda played, _: played)
    generator = torch.Generator().manual_seed(seed)
    bounds, kls = zip(*(_bound(model, played, samples, generator) for played in _batches(test)), strict=True)
    num_hits = int(truth.hits.sum())

    def play(temperature: float, *, told: bool) -> Played:
        def play_batch(played: Played, noise: torch.Generator) -> Played:
            own = model.encode(played).mu
            drawn = model.feels(temperature * torch.randn(own.shape, generator=noise))
            hits = played.hits
            shape = (*hits.shape[:2], NUM_VALUES)
            return model.play(
                own if told else drawn, hits, temperature=temperature, noise=logistic_noise(shape, noise)
            )

        return _collect(test, play_batch, seed=seed)

    def guess_next(played: Played, _: torch.Generator) -> Played:
        return model.medians(model.encode(played).mu, played)

    by_class, by_place = (
        [build(cells, scale) for cells, scale in _cells(_collect(train, lambda played, _: played))]
        for build in (Counts.by_class, Counts.by_place)
    )
    known = {"counts by class": by_class, "counts by class and place in the bar": by_place}
    guesses = [
        Guess(name, sum(_mean(c.nats(cells)) for c, (cells, _) in zip(counts, _cells(truth), strict=True)),
              *_errors(_draw(counts, truth, None), truth))
        for name, counts in known.items()
    ]  # fmt: skip
    guesses.append(Guess("median of the class in this very clip", None, *_errors(_own_medians(truth), truth)))
    guesses += [
        Guess("model, told the pattern", float(sum(bounds)) / num_hits, *_errors(play(0, told=False), truth)),
        Guess("model, told the feel too", None, *_errors(play(0, told=True), truth)),
        Guess("model, told the hits before too", None, *_errors(_collect(test, guess_next), truth)),
    ]
    drawn = {
        "the recordings": truth,
        **{name: _draw(counts, truth, np.random.default_rng(seed)) for name, counts in known.items()},
        "model, told the pattern": play(1, told=False),
        "model, told the feel too": play(1, told=True),
    }
    return ExpressionEvaluation(
        num_windows=len(test),
        num_hits=num_hits,
        kl_per_window=float(sum(kls)) / len(test),
        guesses=tuple(guesses),
        spreads=tuple(_spread(name, played) for name, played in drawn.items()),
    )


def _bound(
    model: ExpressionModel, played: Played, samples: int, generator: torch.Generator
) -> tuple[float, float]:
    """Return the bound on -log p and the KL of a batch, summed over its windows."""
    posterior = model.encode(played)
    nothing = torch.zeros_like(posterior.mu)
    joint, density = [], []
    for _ in range(samples):
        z = posterior.sample(torch.randn(nothing.shape, generator=generator))
        joint.append(gaussian_log_density(z, nothing, nothing) - model.nats(z, played).sum(dim=(1, 2)))
        density.append(gaussian_log_density(z, *posterior))
    bound = -importance_weighted_nats(torch.stack(joint), torch.stack(density)).sum()
    kl = (0.5 * (posterior.mu.square() + (2 * posterior.log_sigma).exp() - 1) - posterior.log_sigma).sum()
    return float(bound), float(kl)


def _batches(windows: WindowSet) -> "list[Played]":
    starts = range(0, len(windows), BATCH)
    return [played_of(windows, np.arange(start, min(start + BATCH, len(windows)))) for start in starts]


def _collect(
    windows: WindowSet, make: Callable[[Played, torch.Generator], Played], *, seed: int = 0
) -> Played:
    """Return what is made of every batch as one."""
    generator = torch.Generator().manual_seed(seed)
    parts = [make(played, generator) for played in _batches(windows)]
    return Played(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _cells(played: Played) -> list[tuple[Cells, Any]]:
    """Return the velocities and the offsets of all hits, each with its scale."""
    _, steps, classes = np.nonzero(played.hits.numpy())
    columns = ((played.velocities, VELOCITY), (played.offsets, OFFSET))
    return [
        (Cells(classes, steps % STEPS_PER_BAR, numbers[played.hits].numpy()), scale)
        for numbers, scale in columns
    ]


def _draw(counts: list[Counts], truth: Played, generator: np.random.Generator | None) -> Played:
    """Play the hits of `truth` by counts: medians, or drawn hit by hit."""
    numbers = []
    for known, (cells, _) in zip(counts, _cells(truth), strict=True):
        quantiles = 0.5 if generator is None else generator.random(len(cells.numbers))
        column = torch.zeros(truth.hits.shape, dtype=torch.int64)
        column[truth.hits] = torch.from_numpy(known.at_quantiles(cells, quantiles))
        numbers.append(column)
    return Played(truth.hits, *numbers)


def _own_medians(truth: Played) -> Played:
    """Play each class of each window at its own medians: what levels alone could tell."""

    def level(numbers: Tensor) -> Tensor:
        heard = numbers.double().masked_fill(~truth.hits, torch.nan)
        return heard.nanmedian(dim=1, keepdim=True).values.nan_to_num().round().long() * truth.hits

    return Played(truth.hits, level(truth.velocities), level(truth.offsets))


def _errors(guessed: Played, truth: Played) -> tuple[float, float]:
    """Return the mean absolute error of velocities, and of offsets in 1/100 steps."""
    hits = truth.hits
    velocity = (guessed.velocities - truth.velocities)[hits].abs().double().mean()
    offset = (guessed.offsets - truth.offsets)[hits].abs().double().mean()
    return float(velocity), float(offset) * 100 / TICKS_PER_STEP


def _spread(name: str, played: Played) -> Spread:
    hits = played.hits.numpy()
    velocities, offsets = played.velocities.numpy(), played.offsets.numpy() * 100 / TICKS_PER_STEP
    return Spread(
        name,
        _deviation(velocities[hits]),
        _deviation_in_clip(velocities, hits),
        _deviation(offsets[hits]),
        _deviation_in_clip(offsets, hits),
        _correlation_on_steps(offsets, hits),
    )


def _deviation_in_clip(values: NDArray[Any], hits: NDArray[np.bool_]) -> float:
    """Return the standard deviation of `(windows, steps, 9)` about the mean of each window and class."""
    counts = hits.sum(axis=1, keepdims=True)
    means = (values * hits).sum(axis=1, keepdims=True) / np.maximum(counts, 1)
    freedom = (counts - 1).clip(min=0).sum()
    return float(np.sqrt((((values - means) * hits) ** 2).sum() / max(freedom, 1)))


def _correlation_on_steps(values: NDArray[Any], hits: NDArray[np.bool_]) -> float:
    """Return the correlation of neighbouring classes that are hit on one step, `(windows, steps, 9)`."""
    first, second = [], []
    for low in range(hits.shape[2]):
        for high in range(low + 1, hits.shape[2]):
            both = hits[..., low] & hits[..., high]
            first.append(values[..., low][both])
            second.append(values[..., high][both])
    pairs = np.stack([np.concatenate(first), np.concatenate(second)]).astype(np.float64)
    centred = pairs - pairs.mean(axis=1, keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=1))
    return float((centred[0] * centred[1]).sum() / norms.prod()) if norms.all() else 0.0


def _deviation(values: NDArray[Any]) -> float:
    return float(values.std()) if len(values) else 0.0


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _table(head: list[str], rows: "tuple[Guess, ...] | tuple[Spread, ...]") -> list[str]:
    """Write rows as a table in Markdown."""
    ruled = [head, ["---", *(["--:"] * (len(head) - 1))]]
    cells = [[_cell(value) for value in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [*ruled, *cells]]


def _cell(value: str | float | None) -> str:
    return (
        ""
        if value is None
        else f"{value:.2f}".replace("-0.00", "0.00")
        if isinstance(value, float)
        else value
    )
