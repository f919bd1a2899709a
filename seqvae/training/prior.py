"""Learning where the points of a trained model lie: an autoregressive prior over its z."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, log, pi

import torch
from torch import Tensor

from seqvae.config import Config
from seqvae.dataset.augment import Augmentation
from seqvae.dataset.batches import Batches
from seqvae.dataset.shards import WindowSet
from seqvae.errors import DataError
from seqvae.latent.codec import BATCH_SIZE, encode_windows
from seqvae.losses import gaussian_log_density
from seqvae.model.encoder import Posterior
from seqvae.model.prior import AutoregressivePrior, prior_config_of
from seqvae.model.vae import SequenceVAE

WARMUP_STEPS = 100
WEIGHT_DECAY = 0.01
ADAM_BETAS = (0.9, 0.98)
CLIP_NORM = 20.0

OnStep = Callable[[int, float], None]  # the step, and the mean rate of its batch in bits


@dataclass(frozen=True, kw_only=True)
class PriorTraining(Config):
    """How a prior is learned."""

    num_windows: int = 40_000  # that are encoded, each in a key drawn anew
    corpus_balance: float = 0.0  # as in TrainConfig
    transpose_semitones: int = 6
    num_steps: int = 1500
    batch_size: int = 128
    learning_rate: float = 2e-3
    dropout: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every bound."""
        for name in ("num_windows", "num_steps", "batch_size"):
            self._require_range(name, 1, 10**9)
        self._require_range("corpus_balance", 0, 1)
        self._require_range("transpose_semitones", 0, 64)
        self._require_range("learning_rate", 1e-9, 10)
        self._require(0 <= self.dropout < 1, "dropout", "choose 0 to below 1")
        self._require_range("seed", 0, 10**9)


def learn_prior(
    model: SequenceVAE, windows: WindowSet, settings: PriorTraining, on_step: OnStep | None = None
) -> AutoregressivePrior:
    """Fit a prior to where the model puts windows of train; it comes back in evaluation mode.

    DataError where there are none.
    """
    if not len(windows):
        raise DataError("there are no windows to learn a prior from; prepare a larger corpus")
    posterior = encode_some(model, windows, settings)
    chance = torch.Generator().manual_seed(settings.seed)
    torch.manual_seed(settings.seed)  # the first weights, and dropout
    prior = AutoregressivePrior(prior_config_of(model.config), dropout=settings.dropout).train()
    prior.standardise(posterior.sample(torch.randn(posterior.mu.shape, generator=chance)))
    optimizer = torch.optim.AdamW(prior.parameters(), betas=ADAM_BETAS, weight_decay=WEIGHT_DECAY)
    rows = _rows(len(posterior.mu), settings.batch_size, settings.num_steps, chance)
    for step, some in enumerate(rows, 1):
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * _rate(step, settings.num_steps)
        own = Posterior(posterior.mu[some], posterior.log_sigma[some])
        nats = rates(prior, own, torch.randn(own.mu.shape, generator=chance)).mean()
        optimizer.zero_grad()
        nats.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(prior.parameters(), CLIP_NORM)
        optimizer.step()
        if on_step:
            on_step(step, float(nats.detach()) / log(2))
    return prior.requires_grad_(False).eval()


def rates(prior: AutoregressivePrior, posterior: Posterior, noise: Tensor) -> Tensor:
    """Return log q(z | x) - log p(z) at z drawn with noise, in nats: all `(n, latent)` -> `(n,)`.

    Its mean is the KL of the posterior to the prior.
    """
    z = posterior.sample(noise)
    return gaussian_log_density(z, posterior.mu, posterior.log_sigma) - prior.log_density(z)


def encode_some(model: SequenceVAE, windows: WindowSet, settings: PriorTraining) -> Posterior:
    """Return the posteriors, `(num_windows, latent)`, of windows drawn as in training, each transposed."""
    config = model.config
    batches = Batches(
        windows,
        size=BATCH_SIZE,
        seed=settings.seed,
        augmentation=Augmentation(settings.transpose_semitones, config.ordered_ids, config.ordered_voices),
        corpus_balance=settings.corpus_balance,
    )
    numbers = range(-(-settings.num_windows // BATCH_SIZE))
    parts = [encode_windows(model, batches.batch(number)) for number in numbers]
    mu, log_sigma = (torch.cat(one)[: settings.num_windows] for one in zip(*parts, strict=True))
    return Posterior(mu, log_sigma)


def _rows(count: int, size: int, num_batches: int, chance: torch.Generator) -> list[Tensor]:
    """Draw batches of rows, permutation after permutation."""
    epochs = -(-num_batches * size // count)
    order = torch.cat([torch.randperm(count, generator=chance) for _ in range(epochs)])
    return list(torch.split(order[: num_batches * size], size))


def _rate(step: int, num_steps: int) -> float:
    """Warm up, then fall to 0 as a cosine does."""
    return min(1.0, step / WARMUP_STEPS) * 0.5 * (1 + cos(pi * step / num_steps))
