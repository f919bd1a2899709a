from dataclasses import replace
from math import log

import numpy as np
import pytest
import torch

from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.text.bleu import BLEU_COLUMNS
from seqvae.evaluation.text.measure import (
    SHORT_PIECES,
    SentenceMeasurements,
    _count_rebuilt,
    measure_sentences,
)
from seqvae.evaluation.text.metrics import compute_text_metrics
from seqvae.evaluation.text.sentences import texts_of
from tests.evaluation.text.making import make_uniform, text_model

SETTINGS = MeasureSettings(bound_samples=4, bound_windows=10, batch_size=16)


def measure(loaded, shards, settings=SETTINGS) -> SentenceMeasurements:
    """Measure the test split."""
    sentences = shards.split("test")
    return measure_sentences(loaded, sentences, np.arange(len(sentences)), settings=settings)


@pytest.fixture(scope="module")
def measured(vae, shards) -> SentenceMeasurements:
    """Measure the model that knows nothing."""
    return measure(vae, shards)


def test_batches_change_nothing(vae, shards, measured):
    """Sentence by sentence gives what batches give, in the same order."""
    single = measure(vae, shards, replace(SETTINGS, batch_size=1))

    for name, values in measured.rows.columns.items():
        np.testing.assert_allclose(single.rows.columns[name], values, rtol=1e-4, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(single.z, measured.z, atol=1e-5)


def test_order_of_the_sentences_is_kept(vae, shards, measured):
    """Rows stand in the order asked for, though sentences are measured by length."""
    sentences = shards.split("test")
    some = np.array([7, 0, 3])
    chosen = measure_sentences(vae, sentences, some, settings=SETTINGS)

    np.testing.assert_array_equal(chosen.rows.columns["ids"], sentences.lengths[some])
    np.testing.assert_allclose(chosen.rows.mu, measured.rows.mu[some], atol=1e-5)
    np.testing.assert_array_equal(measured.rows.columns["ids"], sentences.lengths)


def test_uniform_model_has_the_perplexity_of_its_vocabulary(shards, tmp_path):
    """Where every id has probability 1 / (V - 1), nats are ids * ln(V - 1), and words divide them."""
    loaded = make_uniform(text_model(shards, tmp_path / "model"))
    measured = measure(loaded, shards, replace(SETTINGS, bound_windows=10**6))
    sentences, nats_per_id = shards.split("test"), log(loaded.config.vocab_size - 1)
    texts = [loaded.tokenizer.decode(sentences.sequence(i)) for i in range(len(sentences))]
    nats = float(sentences.lengths.sum()) * nats_per_id
    metrics = compute_text_metrics(measured, sentences.corpora, seed=0).values["together"]

    perplexity = np.exp(nats / sum(len(text.split()) + 1 for text in texts))
    assert metrics["elbo_perplexity"] == pytest.approx(perplexity, rel=1e-4)
    assert metrics["bound_perplexity"] == pytest.approx(perplexity, rel=1e-4)
    bits = nats / log(2) / sum(len(text) + 1 for text in texts)
    assert metrics["bound_bits_per_character"] == pytest.approx(bits, rel=1e-4)
    assert metrics["kl_nats"] == pytest.approx(0, abs=1e-6)
    assert metrics["information_nats"] == pytest.approx(0, abs=1e-5)


def test_language_model_pays_no_kl_and_its_bounds_agree(language_model, shards):
    """Without a z ELBO and importance-weighted bound are the likelihood itself."""
    columns = measure(language_model, shards).rows.columns
    bounded = columns["bound_windows"] == 1

    assert not columns["kl_nats"].any()
    assert bounded.sum() == 10
    for name in ("bound_nats", "bound_elbo_nats"):
        np.testing.assert_allclose(
            columns[name][bounded], -columns["reconstruction_nats"][bounded], rtol=1e-4
        )
        assert not columns[name][~bounded].any()


def test_bound_is_at_least_the_elbo(measured):
    """Jensen's inequality holds for every sentence."""
    columns = measured.rows.columns

    assert (columns["bound_nats"] >= columns["bound_elbo_nats"] - 1e-4).all()


def test_what_was_rebuilt_is_exact(vae, shards):
    """Ids written as they were due are right, exact and have BLEU counts that match."""
    sentences = shards.split("test")
    ids = sentences.windows(np.arange(6))
    real = vae.model.real_steps(torch.from_numpy(ids.astype(np.int64))).numpy()
    longer = np.concatenate([ids, np.zeros_like(ids[:, :3])], axis=1)
    counts = _count_rebuilt(vae, longer, ids, texts_of(vae, ids), real)

    np.testing.assert_array_equal(counts["right"], sentences.lengths[:6])
    assert counts["exact"].all()
    for size in range(1, 5):
        np.testing.assert_array_equal(counts[f"matched_{size}"], counts[f"written_{size}"])


def test_what_goes_on_after_the_end_due_is_wrong(vae, shards):
    """A sentence that does not end where it should misses its end; one cut short misses what was due."""
    ids = shards.split("test").windows(np.array([0]))
    length = ids.shape[1]
    real = np.ones((1, length), dtype=bool)
    going_on = np.concatenate([ids, ids], axis=1)
    going_on[0, length - 1] = 5
    texts = texts_of(vae, ids)

    for written in (going_on, ids[:, : length - 1]):
        counts = _count_rebuilt(vae, written, ids, texts, real)
        assert counts["right"] == length - 1
    assert not _count_rebuilt(vae, going_on, ids, texts, real)["exact"].any()


def test_short_sentences_are_counted_once_more(measured):
    """The columns of short sentences are those of all, zero for the longer ones."""
    columns = measured.rows.columns
    is_short = columns["ids"] - 1 <= SHORT_PIECES

    assert 0 < is_short.sum() < len(is_short)
    for name in ("windows", "ids", "free_running.right", f"free_running_at_mu.{BLEU_COLUMNS[0]}"):
        np.testing.assert_array_equal(columns[f"short.{name}"], columns[name] * is_short)
