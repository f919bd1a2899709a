"""From sums over sentences to metrics with confidence intervals, per corpus and together."""

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.accuracy import Counts, Floats, ratio
from seqvae.evaluation.latent import latent_metrics, mutual_information
from seqvae.evaluation.measure import choose_windows
from seqvae.evaluation.metrics import NATS_PER_BIT, Metrics, Values, compute_groups
from seqvae.evaluation.text.bleu import BLEU_COLUMNS, bleu
from seqvae.evaluation.text.measure import POINTS, SentenceMeasurements

INFORMATION_WINDOWS = 2000  # the one N of the mutual information, wherever there are so many sentences


def compute_text_metrics(measured: SentenceMeasurements, corpora: Sequence[str], *, seed: int) -> Metrics:
    """Sum up measurements; intervals are over templates drawn anew."""

    def of_places(inside: NDArray[np.bool_]) -> Values:
        short = {"short.windows": float(measured.rows.columns["short.windows"][inside].sum())}
        return short | latent_metrics(measured.rows.mu[inside]) | _information(measured, inside, seed=seed)

    return compute_groups(
        measured.rows, corpora, of_sums=metrics_of_text_sums, of_places=of_places, seed=seed
    )


def metrics_of_text_sums(sums: Counts) -> dict[str, Floats]:
    """Turn sums with any leading axes into every metric that is a function of sums."""
    return _costs(sums) | _bounds(sums) | _rebuilt(sums, "") | _rebuilt(sums, "short.")


def _costs(sums: Counts) -> dict[str, Floats]:
    """Average nats over sentences, words and characters."""
    sentences, elbo = sums["windows"], -sums["reconstruction_nats"] - sums["kl_nats"]
    return {
        "kl_nats": ratio(sums["kl_nats"], sentences),
        "kl_bits": ratio(sums["kl_nats"], sentences) / NATS_PER_BIT,
        "reconstruction_nats": ratio(sums["reconstruction_nats"], sentences),
        "reconstruction_nats_at_mu": ratio(sums["reconstruction_nats_at_mu"], sentences),
        "elbo_nats": ratio(elbo, sentences),
        "elbo_perplexity": _perplexity(elbo, sums["words"]),
        "elbo_bits_per_character": -ratio(elbo, sums["characters"]) / NATS_PER_BIT,
    }


def _bounds(sums: Counts) -> dict[str, Floats]:
    """Average the bounds of the sentences that have them."""
    nats, words = sums["bound_nats"], sums["bound_words"]
    return {
        "bound_nats": ratio(nats, sums["bound_windows"]),
        "bound_perplexity": _perplexity(nats, words),
        "bound_bits_per_character": -ratio(nats, sums["bound_characters"]) / NATS_PER_BIT,
        "bound_elbo_nats": ratio(sums["bound_elbo_nats"], sums["bound_windows"]),
        "bound_elbo_perplexity": _perplexity(sums["bound_elbo_nats"], words),
    }


def _perplexity(nats: Floats, words: Floats) -> Floats:
    """Return exp(-nats / words); infinite for what an autoencoder thinks of the prior."""
    with np.errstate(over="ignore"):
        perplexity: Floats = np.exp(-ratio(nats, words))
    return perplexity


def _rebuilt(sums: Counts, prefix: str) -> dict[str, Floats]:
    """Measure reconstructions; `prefix` "short." of the short sentences alone."""
    ids, sentences = sums[f"{prefix}ids"], sums[f"{prefix}windows"]
    metrics: dict[str, Floats] = {}
    for suffix in POINTS:
        forced, free = f"{prefix}teacher_forced{suffix}", f"{prefix}free_running{suffix}"
        metrics |= {
            f"{forced}.accuracy": ratio(sums[f"{forced}.right"], ids),
            f"{free}.accuracy": ratio(sums[f"{free}.right"], ids),
            f"{free}.exact": ratio(sums[f"{free}.exact"], sentences),
            f"{free}.bleu": bleu({name: sums[f"{free}.{name}"] for name in BLEU_COLUMNS}),
        }
    return metrics


def _information(measured: SentenceMeasurements, inside: NDArray[np.bool_], *, seed: int) -> Values:
    """Estimate I(x; z) of up to 2,000 sentences of a group, and say what it cannot exceed."""
    chosen = choose_windows(np.flatnonzero(inside), INFORMATION_WINDOWS, seed=seed)
    nats = mutual_information(measured.z[chosen], measured.rows.mu[chosen], measured.log_sigma[chosen])
    return {
        "information_nats": nats,
        "information_cap_nats": log(len(chosen)),
        "information_windows": float(len(chosen)),
    }
