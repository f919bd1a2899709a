from dataclasses import replace

import numpy as np
import pytest
import torch

from seqvae.errors import ConfigError
from seqvae.evaluation.baseline import fit_baseline
from seqvae.evaluation.measure import (
    HISTORIES,
    Measurements,
    MeasureSettings,
    choose_windows,
    evaluating,
    measure_windows,
)
from seqvae.latent.mixture import Mixture
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from tests.evaluation.making import MELODY, random_ids, window_set

WINDOWS = window_set(random_ids(0, num_windows=24, vocab_size=131))
SETTINGS = MeasureSettings(bound_samples=3, bound_windows=10, batch_size=24)


@pytest.fixture(scope="module")
def model() -> SequenceVAE:
    """Make a small model whose weights are large, so that its guesses differ from step to step."""
    torch.manual_seed(0)
    model = SequenceVAE(preset("debug").model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    return model.eval()


def measure(model, indices=range(24), settings=SETTINGS, prior=None) -> Measurements:
    """Measure windows of the small set."""
    baseline, places = fit_baseline(WINDOWS, MELODY, vocab_size=131), np.array(indices)
    return measure_windows(model, WINDOWS, places, baseline=baseline, settings=settings, prior=prior)


def test_where_the_prior_is_the_posterior_nothing_is_to_be_told(model):
    """The KL of a window to its own posterior is 0, that of others to it is not; no other column moves."""
    with torch.no_grad():
        mu, log_sigma = model.encode(torch.from_numpy(WINDOWS.windows(np.array([3])).astype(np.int64)))
    own = Mixture(torch.ones(1), mu, torch.diag_embed(log_sigma.exp()))
    plain, found = measure(model), measure(model, prior=own)
    kl = found.columns.pop("fitted_kl_nats")

    assert kl[3] == pytest.approx(0, abs=1e-4)
    assert np.delete(kl, 3).mean() > 1
    assert "fitted_kl_nats" not in plain.columns
    for name, values in plain.columns.items():
        np.testing.assert_array_equal(found.columns[name], values, err_msg=name)


def test_refining_is_measured_by_noise_it_has_not_heard(model):
    """Refined posteriors cost less at the z that is drawn for measuring, in every batch alike."""
    settings = replace(SETTINGS, refine_steps=30, refine_beta=0.5)
    plain, refined = measure(model), measure(model, settings=settings)
    parts = measure(model, settings=replace(settings, batch_size=7))
    costs = [
        one.columns["reconstruction_nats"] + 0.5 * one.columns["kl_nats"] for one in (plain, refined, parts)
    ]

    assert costs[1].mean() < costs[0].mean() - 1
    np.testing.assert_allclose(costs[2], costs[1], rtol=1e-3)
    bound, elbo = (refined.columns[name].sum() for name in ("bound_nats", "bound_elbo_nats"))
    assert bound > elbo
    assert elbo != pytest.approx(plain.columns["bound_elbo_nats"].sum(), rel=1e-3)


def test_batch_size_changes_nothing_but_float_noise(model):
    """Ten at once, or one: every count is the same, every cost up to rounding."""
    whole = measure(model)
    for size in (1, 10):
        parts = measure(model, settings=MeasureSettings(bound_samples=3, bound_windows=10, batch_size=size))

        for name, values in whole.columns.items():
            np.testing.assert_allclose(parts.columns[name], values, rtol=1e-4, atol=1e-3, err_msg=name)
        np.testing.assert_allclose(parts.mu, whole.mu, atol=1e-5)


def test_order_of_windows_changes_nothing(model):
    """A window has the same numbers wherever it stands; the choice for the bound aside."""
    order = np.random.default_rng(1).permutation(24)
    every = MeasureSettings(bound_samples=3, bound_windows=24, batch_size=7)
    straight, shuffled = measure(model, settings=every), measure(model, order, every)

    for name, values in straight.columns.items():
        np.testing.assert_allclose(shuffled.columns[name], values[order], rtol=1e-4, atol=1e-3, err_msg=name)
    np.testing.assert_array_equal(shuffled.pieces, straight.pieces[order])


def test_seed_decides_what_is_drawn(model):
    """The same seed gives the same numbers; another one other samples and costs, but no other posterior."""
    first, again = measure(model), measure(model)
    other = measure(model, settings=MeasureSettings(seed=1, bound_samples=3, bound_windows=10))

    assert all((first.columns[name] == again.columns[name]).all() for name in first.columns)
    assert (first.columns["reconstruction_nats"] != other.columns["reconstruction_nats"]).all()
    np.testing.assert_allclose(first.columns["kl_nats"], other.columns["kl_nats"], rtol=1e-5)
    np.testing.assert_allclose(
        first.columns["reconstruction_nats_at_mu"], other.columns["reconstruction_nats_at_mu"], rtol=1e-5
    )


def test_bound_is_computed_where_chosen(model):
    """So many windows as asked for have a bound, and it is at least the ELBO of the same samples."""
    columns = measure(model).columns
    chosen = columns["bound_windows"] == 1

    assert chosen.sum() == 10
    assert (columns["bound_nats"] >= columns["bound_elbo_nats"])[chosen].all()
    assert not columns["bound_nats"][~chosen].any()
    assert not measure(model, settings=MeasureSettings(bound_samples=0)).columns["bound_windows"].any()


def test_a_model_that_knows_everything_scores_one(model, monkeypatch):
    """With the right ids whatever the history, every history has everything right."""
    truth = torch.from_numpy(WINDOWS.windows(np.arange(24)).astype(np.int64))
    logits = torch.nn.functional.one_hot(truth, 131).float()
    monkeypatch.setattr(model, "decode", lambda _z, _ids: logits)
    monkeypatch.setattr(model, "generate", lambda _z, **_options: truth)
    columns = measure(model, settings=MeasureSettings(bound_samples=0)).columns

    for name in HISTORIES:
        assert (columns[f"{name}.right"] == columns["due"]).all()
        assert (columns[f"{name}.windows_exact"] == 1).all()
    assert (columns["teacher_forced.told"] == columns["onsets"]).all()


def test_teacher_forcing_agrees_with_own_history_where_that_is_right(model):
    """Up to its first mistake a model writes what it would have guessed with the true ids before."""
    ids = torch.from_numpy(WINDOWS.windows(np.arange(24)).astype(np.int64))
    with evaluating(model):
        mu = model.encode(ids).mu
        written = model.generate(mu)
        guessed = model.decode(mu, written).argmax(dim=-1)

    assert (guessed == written).all()


def test_model_comes_back_as_it_was(model):
    """Measuring in the middle of training leaves the mode as it was, and builds no graph."""
    model.train()
    with evaluating(model):
        assert not model.training
        assert not model.encode(torch.ones(1, 32, 1, dtype=torch.long)).mu.requires_grad

    assert model.training
    model.eval()


def test_fewer_windows_are_among_more():
    """A smaller choice lies within a larger one, in the order of the windows."""
    indices = np.arange(100, 200)
    few, many = choose_windows(indices, 10, seed=3), choose_windows(indices, 40, seed=3)

    assert set(few) <= set(many) <= set(indices)
    assert (len(few), len(many)) == (10, 40)
    assert (np.diff(many) > 0).all()


def test_settings_are_checked():
    """A batch of nothing is refused."""
    with pytest.raises(ConfigError, match="batch_size is 0; choose 1 or more"):
        MeasureSettings(batch_size=0)
    with pytest.raises(ConfigError, match="refine_beta is nan; choose 0 or more"):
        MeasureSettings(refine_beta=float("nan"))
