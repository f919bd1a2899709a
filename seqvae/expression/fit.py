"""Training of the model of expression: only hits cost, and training ends when held-out music says so."""

from collections.abc import Callable
from copy import deepcopy
from math import cos, pi
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.dataset.batches import Batches
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.shards import WindowSet
from seqvae.expression.model import ExpressionModel, Played
from seqvae.expression.settings import FitConfig
from seqvae.losses import kl_per_dimension
from seqvae.model.encoder import Posterior
from seqvae.tokens.drum_decode import classes_of

WARMUP_STEPS = 100
VALID_BATCH = 256
ROOM = 1e-4  # added to the variance of feels, so that it has a root


class Cost(NamedTuple):
    """What windows cost, in nats for each; hits are counted."""

    velocity: Tensor  # (batch,)
    offset: Tensor  # (batch,)
    kl: Tensor  # (batch,)
    num_hits: Tensor  # (batch,)


class Checked(NamedTuple):
    """The cost of held-out windows, in nats per hit."""

    step: int
    velocity: float
    offset: float
    kl: float

    @property
    def total(self) -> float:
        """Return the negative evidence bound per hit, which early stopping watches."""
        return self.velocity + self.offset + self.kl


def fit(
    config: FitConfig, train: WindowSet, valid: WindowSet, tell: Callable[[Checked], None]
) -> tuple[ExpressionModel, dict[str, Any]]:
    """Train until held-out windows stop getting cheaper; return the best model and notes for its folder."""
    torch.manual_seed(config.seed)
    model = ExpressionModel(config.model)
    batches = Batches(train, size=config.batch_size, seed=config.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=config.weight_decay
    )
    best, best_state = check(model, valid, step=0), deepcopy(model.state_dict())
    for step in range(config.num_steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        optimizer.zero_grad()
        training_loss(model, played_of(train, batches.indices(step)), config, step).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        optimizer.step()
        if (step + 1) % config.evaluate_every and step + 1 < config.num_steps:
            continue
        found = check(model, valid, step=step + 1)
        tell(found)
        if found.total < best.total:
            best, best_state = found, deepcopy(model.state_dict())
        elif found.step - best.step >= config.patience * config.evaluate_every:
            break
    model.load_state_dict(best_state)
    settle_feels(model.eval(), train)
    return model, {"fit": config.to_dict(), "step": best.step, "valid_nats_per_hit": best._asdict()}


def training_loss(model: ExpressionModel, played: Played, config: FitConfig, step: int) -> Tensor:
    """Return what one step minimises, in nats per hit."""
    generator = torch.Generator().manual_seed(
        int(generator_of(config.seed, Purpose.DROPOUT, step).integers(2**62))
    )
    model.train()
    kept = torch.rand(played.hits.shape[:2], generator=generator) >= config.history_dropout
    noise = torch.randn(len(kept), config.model.feel_size, generator=generator)
    with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bfloat16"):
        cost = cost_of(model, played, noise, kept=kept)
    beta = config.beta * min(1.0, step / max(config.beta_ramp_steps, 1))
    total = cost.velocity + cost.offset + beta * cost.kl
    return total.sum() / cost.num_hits.sum()


def cost_of(model: ExpressionModel, played: Played, noise: Tensor, *, kept: Tensor | None = None) -> Cost:
    """Return what windows cost; cells where nothing is hit cost nothing, whatever stands in them."""
    posterior: Posterior = model.encode(played)
    nats = model.nats(posterior.sample(noise), played, kept=kept)  # (batch, steps, 18)
    velocity, offset = (part.sum(dim=(1, 2)) for part in nats.chunk(2, dim=-1))
    return Cost(velocity, offset, kl_per_dimension(posterior).sum(dim=1), played.hits.sum(dim=(1, 2)))


@torch.no_grad()
def check(model: ExpressionModel, windows: WindowSet, *, step: int) -> Checked:
    """Measure all windows of a split, always with the same noise."""
    model.eval()
    generator = torch.Generator().manual_seed(0)
    costs = []
    for start in range(0, len(windows), VALID_BATCH):
        played = played_of(windows, np.arange(start, min(start + VALID_BATCH, len(windows))))
        noise = torch.randn(len(played.hits), model.config.feel_size, generator=generator)
        costs.append(torch.stack([part.sum().double() for part in cost_of(model, played, noise)]))
    velocity, offset, kl, hits = torch.stack(costs).sum(dim=0).tolist()
    return Checked(step, velocity / hits, offset / hits, kl / hits)


@torch.no_grad()
def settle_feels(model: ExpressionModel, windows: WindowSet) -> None:
    """Note in the model where the feels of these windows lie: mean and root of the covariance."""
    posteriors = [
        model.encode(played_of(windows, np.arange(start, min(start + VALID_BATCH, len(windows)))))
        for start in range(0, len(windows), VALID_BATCH)
    ]
    mu = torch.cat([posterior.mu for posterior in posteriors]).double()
    variance = torch.cat([(2 * posterior.log_sigma).exp() for posterior in posteriors]).double().mean(dim=0)
    centred = mu - mu.mean(dim=0)
    covariance = centred.T @ centred / len(mu) + torch.diag(variance + ROOM)
    model.feel_mean.copy_(mu.mean(dim=0))
    model.feel_root.copy_(torch.linalg.cholesky(covariance))


def played_of(windows: WindowSet, indices: NDArray[np.int64]) -> Played:
    """Return windows of drums with their expression."""
    hits = classes_of(windows.windows(indices)[..., 0])
    expression = windows.expressions(indices)
    velocities = torch.from_numpy(expression.velocities.astype(np.int64))
    offsets = torch.from_numpy(expression.offsets.astype(np.int64))
    return Played(torch.from_numpy(hits), velocities, offsets)


def learning_rate(step: int, config: FitConfig) -> float:
    """Return the learning rate: warmed up, then a cosine down to 0."""
    cosine = 0.5 * (1 + cos(pi * step / config.num_steps))
    return config.learning_rate * cosine * min(1.0, (step + 1) / WARMUP_STEPS)
