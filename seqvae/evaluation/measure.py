"""One pass of a model over windows: what it rebuilt and what that cost, one row of numbers per window."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.dataset.shards import WindowSet
from seqvae.errors import ConfigError
from seqvae.evaluation.accuracy import Floats, count_hits, count_targets
from seqvae.evaluation.baseline import MajorityBaseline
from seqvae.evaluation.bounds import sample_bounds
from seqvae.evaluation.meaning import Ids, Meaning
from seqvae.evaluation.noise import Purpose, gumbel_noise, normal_noise
from seqvae.latent.fitted import LatentDensity
from seqvae.latent.refining import BETA, refine_posterior
from seqvae.losses import gaussian_log_density, kl_per_dimension, reconstruction_nats
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE

OnProgress = Callable[[int, int], None]  # windows done, windows in all

HISTORIES = (
    "teacher_forced",  # z drawn from the posterior; the ids before are the true ones
    "free_running",  # the same z; the ids before are the model's own best ones
    "sampled",  # the same z; the ids before are the model's own, drawn at T = 1
    "teacher_forced_at_mu",  # z is the posterior mean
    "free_running_at_mu",
)
GUESSES = ("majority", "constant")
RefinePrior = Literal["own", "fitted"]
LEAST = {
    "seed": 0,
    "bound_samples": 0,
    "bound_windows": 0,
    "batch_size": 1,
    "refine_steps": 0,
    "refine_beta": 0,
}


@dataclass(frozen=True, kw_only=True)
class MeasureSettings:
    """What decides the numbers; batch_size changes them by float noise only."""

    seed: int = 0
    bound_samples: int = 50  # K of the importance-weighted bound; 0 leaves it out
    bound_windows: int = 256  # a fixed random choice of windows that the bound is computed on
    batch_size: int = 128
    refine_steps: int = 0  # gradient steps that the posterior of each window takes by itself
    refine_beta: float = BETA  # weight of the KL in them
    refine_prior: RefinePrior = "own"  # to which that KL is: the prior of training, or the one fitted later

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        for name, least in LEAST.items():
            if not least <= getattr(self, name) < float("inf"):
                raise ConfigError(f"{name} is {getattr(self, name)}; choose {least} or more")
        if self.refine_prior not in get_args(RefinePrior):
            raise ConfigError(f"refine_prior is {self.refine_prior!r}; choose own or fitted")
        if self.refine_prior == "fitted" and not self.refine_steps:
            raise ConfigError("refine_prior is 'fitted' and refine_steps 0; choose a number of steps, or own")


@dataclass(frozen=True, eq=False)
class Measurements:
    """What was measured of n windows, in the order they were asked for."""

    columns: dict[str, Floats]  # name -> (n,); counts and nats, to be summed
    mu: NDArray[np.float32]  # (n, latent) posterior means
    pieces: NDArray[np.int32]  # (n,)
    corpora: NDArray[np.int32]  # (n,) index of the window's corpus

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.pieces)


def measure_windows(
    model: SequenceVAE,
    windows: WindowSet,
    indices: NDArray[np.int64],
    *,
    baseline: MajorityBaseline,
    settings: MeasureSettings,
    prior: LatentDensity | None = None,
    on_progress: OnProgress | None = None,
) -> Measurements:
    """Measure the windows at `indices`, none twice, where the model is.

    The noise of a window depends on its index and the seed alone. With a `prior` the KL to it is estimated
    too, at the z that was drawn.
    """
    in_bound = set(choose_windows(indices, settings.bound_windows, seed=settings.seed).tolist())
    rows: list[dict[str, Floats]] = []
    mus: list[NDArray[np.float32]] = []
    with evaluating(model):
        for batch in _batches(indices, settings.batch_size):
            ids = windows.windows(batch)
            posterior = _posterior_of(model, ids, settings, prior)
            columns = _measure_batch(model, ids, batch, posterior, baseline, prior, settings)
            chosen = np.array([index in in_bound for index in batch.tolist()])
            rows.append(columns | _measure_bound(model, ids, batch, posterior, chosen, settings))
            mus.append(posterior.mu.cpu().numpy())
            if on_progress:
                on_progress(sum(map(len, mus)), len(indices))
    return Measurements(
        {name: np.concatenate([row[name] for row in rows]) for name in rows[0]},
        np.concatenate(mus),
        windows.pieces[indices],
        windows.corpus_indices[indices],
    )


def choose_windows(indices: NDArray[np.int64], limit: int, *, seed: int) -> NDArray[np.int64]:
    """Choose at most `limit` of the indices at random, in their order; more of them contain the fewer."""
    shuffled = np.random.default_rng(seed).permutation(len(indices))
    return indices[np.sort(shuffled[:limit])]


@contextmanager
def evaluating(model: SequenceVAE) -> Iterator[None]:
    """Put a model into evaluation mode, without gradients and in full float32; then back."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
    finally:
        model.train(was_training)


def _posterior_of(
    model: SequenceVAE, ids: Ids, settings: MeasureSettings, prior: LatentDensity | None
) -> Posterior:
    """Encode windows, and refine what comes out if that is asked for."""
    targets = _to_device(ids.astype(np.int64), model)
    posterior = model.encode(targets)
    if not settings.refine_steps:
        return posterior
    steps, beta = settings.refine_steps, settings.refine_beta
    by = prior if settings.refine_prior == "fitted" else None
    return refine_posterior(model, targets, posterior, steps, beta=beta, prior=by).posterior


def _measure_batch(
    model: SequenceVAE,
    ids: Ids,
    indices: NDArray[np.int64],
    posterior: Posterior,
    baseline: MajorityBaseline,
    prior: LatentDensity | None,
    settings: MeasureSettings,
) -> dict[str, Floats]:
    meaning = baseline.meaning
    targets = _to_device(ids.astype(np.int64), model)
    size = tuple(posterior.mu.shape[1:])
    noise = normal_noise(indices, size, purpose=Purpose.POSTERIOR, seed=settings.seed)
    z, mu = posterior.sample(_to_device(noise, model)), posterior.mu

    columns = count_targets(ids, meaning)
    columns["kl_nats"] = _to_floats(model.rate(posterior, z))
    if model.prior is not None:
        columns["normal_kl_nats"] = _to_floats(kl_per_dimension(posterior).sum(dim=-1))
    if prior:
        log_posterior = gaussian_log_density(z, posterior.mu, posterior.log_sigma)
        columns["fitted_kl_nats"] = _to_floats(log_posterior.cpu() - prior.log_density(z.cpu()))
    for point, suffix in ((z, ""), (mu, "_at_mu")):
        logits = model.decode(point, targets)
        columns[f"reconstruction_nats{suffix}"] = _to_floats(reconstruction_nats(logits, targets))
        columns |= _prefix(f"teacher_forced{suffix}", _count_logits(logits, ids, meaning))
    shape = (*ids.shape[1:], logits.shape[-1])
    gumbel = gumbel_noise(indices, shape, purpose=Purpose.SAMPLING, seed=settings.seed)
    written = {
        "free_running": model.generate(z),
        "sampled": model.generate(z, temperature=1.0, noise=_to_device(gumbel, model)),
        "free_running_at_mu": model.generate(mu),
    }
    guesses = {"majority": baseline.guess_positions(ids), "constant": baseline.guess_constant(ids)}
    for name, predicted in ({n: w.cpu().numpy() for n, w in written.items()} | guesses).items():
        columns |= _prefix(name, count_hits(predicted, ids, meaning))
    return columns


def _count_logits(logits: Tensor, ids: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count hits of the best ids, and of the best notes where a note was due."""
    hits = count_hits(logits.argmax(dim=-1).cpu().numpy(), ids, meaning)
    hits |= _count_told(logits, ids, meaning)
    for name, (place, part) in meaning.parts.items():
        voice = slice(place, place + 1)
        hits |= _prefix(name, _count_told(logits[:, :, voice], ids[:, :, voice], part))
    return hits


def _count_told(logits: Tensor, ids: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count where the best note is the right one, in the voices whose notes have a pitch."""
    told = np.zeros(len(ids))
    for voice, (low, high) in enumerate(voice.pitches for voice in meaning.voices):
        if low < high:
            notes = logits[:, :, voice, low:high].argmax(dim=-1).cpu().numpy() + low  # (windows, time)
            told += (notes == ids[:, :, voice]).sum(axis=1, dtype=np.float64)
    return {"told": told} if meaning.has_pitches else {}


def _measure_bound(
    model: SequenceVAE,
    ids: Ids,
    indices: NDArray[np.int64],
    posterior: Posterior,
    chosen: NDArray[np.bool_],
    settings: MeasureSettings,
) -> dict[str, Floats]:
    """Compute both bounds from the same samples for the windows chosen; the others count zero."""
    columns = {name: np.zeros(len(ids)) for name in ("bound_windows", "bound_nats", "bound_elbo_nats")}
    if not settings.bound_samples or not chosen.any():
        return columns
    targets = _to_device(ids[chosen].astype(np.int64), model)
    shape = (settings.bound_samples, model.config.latent_size)
    noise = normal_noise(indices[chosen], shape, purpose=Purpose.BOUND, seed=settings.seed)
    samples_first = _to_device(noise, model).transpose(0, 1)
    own = Posterior(*(one[torch.from_numpy(chosen)] for one in posterior))
    bounds = sample_bounds(model, targets, samples_first, posterior=own, batch_size=settings.batch_size)
    columns["bound_windows"][chosen] = 1.0
    columns["bound_nats"][chosen] = _to_floats(bounds.importance_weighted)
    columns["bound_elbo_nats"][chosen] = _to_floats(bounds.elbo)
    return columns


def _batches(indices: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


def _prefix(name: str, columns: dict[str, Floats]) -> dict[str, Floats]:
    return {f"{name}.{column}": values for column, values in columns.items()}


def _to_device(values: NDArray[np.int64] | NDArray[np.float32], model: SequenceVAE) -> Tensor:
    return torch.from_numpy(values).to(next(model.parameters()).device)


def _to_floats(values: Tensor) -> Floats:
    return values.double().cpu().numpy()
