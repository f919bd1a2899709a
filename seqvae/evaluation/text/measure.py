"""One pass of a model over sentences: what it rebuilt and what that cost, one row of numbers per sentence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.accuracy import Floats
from seqvae.evaluation.bounds import sample_bounds
from seqvae.evaluation.meaning import Ids
from seqvae.evaluation.measure import Measurements, MeasureSettings, OnProgress, choose_windows, evaluating
from seqvae.evaluation.noise import Purpose, normal_noise
from seqvae.evaluation.text.bleu import BLEU_COLUMNS, count_bleu
from seqvae.evaluation.text.sentences import num_characters, num_words, texts_of, words_for_bleu
from seqvae.evaluation.text.writing import write_points
from seqvae.losses import kl_per_dimension
from seqvae.model.vae import Scored, SequenceVAE

Columns = dict[str, Floats]
POINTS = ("", "_at_mu")  # z is drawn from the posterior, or is its mean
SHORT_PIECES = 12  # reconstructions of sentences up to here are counted once more


@dataclass(frozen=True, eq=False)
class SentenceMeasurements:
    """What was measured of n sentences, in the order they were asked for."""

    rows: Measurements
    log_sigma: NDArray[np.float32]  # (n, latent)
    z: NDArray[np.float32]  # (n, latent) the draws of the posterior that were measured


def measure_sentences(
    loaded: LoadedModel,
    sentences: WindowSet,
    indices: NDArray[np.int64],
    *,
    settings: MeasureSettings,
    on_progress: OnProgress | None = None,
) -> SentenceMeasurements:
    """Measure the sentences at `indices`, none twice, where the model is.

    Sentences of about one length are measured together; the noise of each depends on its index and the seed.
    """
    in_bound = choose_windows(indices, settings.bound_windows, seed=settings.seed)
    order = np.argsort(sentences.lengths[indices], kind="stable")
    columns: list[Columns] = []
    latent: list[NDArray[np.float32]] = []  # (3, batch, latent): mu, log sigma, z
    with evaluating(loaded.model):
        for start in range(0, len(order), settings.batch_size):
            batch = indices[order[start : start + settings.batch_size]]
            ids = sentences.windows(batch)
            measured, points = _measure_batch(loaded, ids, batch, settings)
            bound = _measure_bound(loaded, ids, batch, np.isin(batch, in_bound), settings)
            columns.append(measured | bound)
            latent.append(points)
            if on_progress:
                on_progress(min(start + settings.batch_size, len(order)), len(order))
    back = np.argsort(order)
    mu, log_sigma, z = np.concatenate(latent, axis=1)[:, back]
    merged = {name: np.concatenate([part[name] for part in columns])[back] for name in columns[0]}
    rows = Measurements(merged, mu, sentences.pieces[indices], sentences.corpus_indices[indices])
    return SentenceMeasurements(rows, log_sigma, z)


def _measure_batch(
    loaded: LoadedModel, ids: Ids, indices: NDArray[np.int64], settings: MeasureSettings
) -> tuple[Columns, NDArray[np.float32]]:
    model = loaded.model
    targets = _to_device(ids.astype(np.int64), model)
    real = model.real_steps(targets)
    texts = texts_of(loaded, ids)
    posterior = model.encode(targets)
    noise = normal_noise(indices, posterior.mu.shape[1:], purpose=Purpose.POSTERIOR, seed=settings.seed)
    z = posterior.sample(_to_device(noise, model))
    columns = {
        "windows": np.ones(len(ids)),
        "ids": _to_floats(real.sum(dim=1)),  # the end is one
        "words": np.array([float(num_words(text)) for text in texts]),
        "characters": np.array([float(num_characters(text)) for text in texts]),
        "kl_nats": _to_floats(kl_per_dimension(posterior).sum(dim=-1)),
    }
    for point, suffix in zip((z, posterior.mu), POINTS, strict=True):
        scored = model.score(point, targets)
        columns[f"reconstruction_nats{suffix}"] = _to_floats(scored.nats)
        columns[f"teacher_forced{suffix}.right"] = _count_right(scored, real)
        written = write_points(model, point)
        rebuilt = _count_rebuilt(loaded, written, ids, texts, real.cpu().numpy())
        columns |= {f"free_running{suffix}.{name}": values for name, values in rebuilt.items()}
    points = torch.stack([posterior.mu, posterior.log_sigma, z]).cpu().numpy()
    return columns | _short_columns(columns), points


def _count_right(scored: Scored, real: Tensor) -> Floats:
    """Count the real steps whose likeliest id is the true one, `(batch,)`."""
    hits = (scored.logits.argmax(dim=-1) == scored.ids).all(dim=-1)  # (real steps,)
    rows = real.nonzero()[:, 0]
    return _to_floats(torch.zeros(len(real), device=hits.device).index_add(0, rows, hits.float()))


def _count_rebuilt(
    loaded: LoadedModel, written: Ids, ids: Ids, texts: list[str], real: NDArray[np.bool_]
) -> Columns:
    """Compare what was written with `(batch, time, 1)` ids and their texts: id by id, whole, by BLEU."""
    aligned = np.zeros_like(ids, dtype=np.int64)
    shared = min(written.shape[1], ids.shape[1])
    aligned[:, :shared] = written[:, :shared]
    own = texts_of(loaded, written)
    counts = [
        count_bleu(words_for_bleu(loaded, text), words_for_bleu(loaded, due))
        for text, due in zip(own, texts, strict=True)
    ]
    return {
        "right": ((aligned == ids).all(axis=-1) & real).sum(axis=1).astype(np.float64),
        "exact": np.array([float(text == due) for text, due in zip(own, texts, strict=True)]),
        **{name: np.array([count[name] for count in counts]) for name in BLEU_COLUMNS},
    }


def _short_columns(columns: Columns) -> Columns:
    """Return what counts reconstructions once more, zero for sentences of more than 12 pieces."""
    is_short = columns["ids"] <= SHORT_PIECES + 1  # the end
    names = [name for name in columns if "." in name or name in ("windows", "ids")]
    return {f"short.{name}": columns[name] * is_short for name in names}


def _measure_bound(
    loaded: LoadedModel,
    ids: Ids,
    indices: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    settings: MeasureSettings,
) -> Columns:
    """Compute both bounds from the same samples for the sentences chosen; the others count zero."""
    names = ("windows", "nats", "elbo_nats", "words", "characters")
    columns = {f"bound_{name}": np.zeros(len(ids)) for name in names}
    if not settings.bound_samples or not chosen.any():
        return columns
    model = loaded.model
    targets = _to_device(ids[chosen].astype(np.int64), model)
    shape = (settings.bound_samples, model.config.latent_size)
    noise = normal_noise(indices[chosen], shape, purpose=Purpose.BOUND, seed=settings.seed)
    samples_first = _to_device(noise, model).transpose(0, 1)
    bounds = sample_bounds(model, targets, samples_first, batch_size=settings.batch_size)
    texts = texts_of(loaded, ids[chosen])
    columns["bound_windows"][chosen] = 1.0
    columns["bound_nats"][chosen] = _to_floats(bounds.importance_weighted)
    columns["bound_elbo_nats"][chosen] = _to_floats(bounds.elbo)
    columns["bound_words"][chosen] = [num_words(text) for text in texts]
    columns["bound_characters"][chosen] = [num_characters(text) for text in texts]
    return columns


def _to_device(values: NDArray[Any], model: SequenceVAE) -> Tensor:
    return torch.from_numpy(values).to(next(model.parameters()).device)


def _to_floats(values: Tensor) -> Floats:
    return values.double().cpu().numpy()
