from math import log

import numpy as np
import pytest

from seqvae.evaluation.accuracy import count_hits, count_targets
from seqvae.evaluation.measure import GUESSES, HISTORIES, Measurements
from seqvae.evaluation.metrics import CORPUS_MEAN, TOGETHER, Metrics, compute_metrics
from tests.evaluation.making import MELODY, random_ids, spoil, window_set

CORPORA = ("corpus0", "corpus1", "unused")


def measured(share: float = 0.1, num_windows: int = 60) -> Measurements:
    """Make up what a model wrote: the truth with a share of it spoiled, more where it ran freely."""
    ids = random_ids(0, num_windows=num_windows)
    columns = count_targets(ids, MELODY)
    for number, name in enumerate((*HISTORIES, *GUESSES)):
        hits = count_hits(spoil(ids, number, share=share * (1 + number)), ids, MELODY)
        columns |= {f"{name}.{key}": values for key, values in hits.items()}
    generator = np.random.default_rng(1)
    for name in (
        "kl_nats",
        "reconstruction_nats",
        "reconstruction_nats_at_mu",
        "bound_nats",
        "bound_elbo_nats",
    ):
        columns[name] = generator.random(num_windows) * 10
    columns["bound_windows"] = np.ones(num_windows)
    windows = window_set(ids)
    mu = generator.standard_normal((num_windows, 4)).astype(np.float32)
    return Measurements(columns, mu, windows.pieces, windows.corpus_indices)


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    """Compute the metrics of what was made up."""
    return compute_metrics(measured(), CORPORA, seed=0)


def test_groups_are_those_with_windows(metrics):
    """A corpus without windows has no row; together and the mean over corpora have one."""
    assert list(metrics.values) == [TOGETHER, "corpus0", "corpus1", CORPUS_MEAN]


def test_every_group_has_every_metric(metrics):
    """One dict of floats per group, all with the same names, but no mean of counts of windows and pieces."""
    names = {group: set(values) for group, values in metrics.values.items()}

    assert names["corpus0"] == names["corpus1"] == names[TOGETHER]
    assert names[TOGETHER] - names[CORPUS_MEAN] == {"windows", "pieces", "bound_windows"}
    assert all(type(value) is float for values in metrics.values.values() for value in values.values())


def test_together_lies_between_the_corpora(metrics):
    """Together is a mean weighted by windows, the mean over corpora an even one."""
    name = "free_running.accuracy"
    parts = [metrics.values[corpus][name] for corpus in CORPORA[:2]]

    assert min(parts) <= metrics.values[TOGETHER][name] <= max(parts)
    assert metrics.values[CORPUS_MEAN][name] == pytest.approx(np.mean(parts))


def test_values_lie_in_their_intervals(metrics):
    """Every interval holds its value and has some width."""
    for group, intervals in metrics.intervals.items():
        for name, (low, high) in intervals.items():
            assert low <= metrics.values[group][name] <= high, (group, name)
    low, high = metrics.intervals[TOGETHER]["gap"]
    assert low < high


def test_gap_is_the_difference(metrics):
    """The gap is teacher-forced less free-running accuracy, with an interval of its own."""
    values = metrics.values[TOGETHER]

    assert values["gap"] == pytest.approx(values["teacher_forced.accuracy"] - values["free_running.accuracy"])


def test_units_are_converted(metrics):
    """Bits are nats / ln 2; per sequence times sequences is per step times steps."""
    values, columns = metrics.values[TOGETHER], measured().columns

    assert values["kl_bits"] == pytest.approx(values["kl_nats"] / log(2))
    assert values["elbo_nats"] == pytest.approx(-values["kl_nats"] - values["reconstruction_nats"])
    assert values["elbo_bits_per_step"] * columns["due"].sum() == pytest.approx(values["elbo_bits"] * 60)


def test_the_fitted_prior_has_its_own_rate_and_bound():
    """They are sums over windows like those to N(0, I), and only there where they were measured."""
    measurements = measured()
    measurements.columns["fitted_kl_nats"] = measurements.columns["kl_nats"] - 2
    plain = compute_metrics(measured(), CORPORA, seed=0).values[TOGETHER]
    found = compute_metrics(measurements, CORPORA, seed=0).values[TOGETHER]

    assert found["fitted_kl_nats"] == pytest.approx(plain["kl_nats"] - 2)
    assert found["fitted_kl_bits"] == pytest.approx((plain["kl_nats"] - 2) / log(2))
    assert found["fitted_elbo_nats"] == pytest.approx(plain["elbo_nats"] + 2)
    assert found["fitted_elbo_bits"] == pytest.approx((plain["elbo_nats"] + 2) / log(2))
    assert found.keys() - plain.keys() == {
        f"fitted_{name}" for name in ("kl_nats", "kl_bits", "elbo_nats", "elbo_bits")
    }


def test_a_perfect_model_has_ones_and_no_gap():
    """Nothing spoiled: all accuracies are 1 in every draw of pieces."""
    metrics = compute_metrics(measured(share=0), CORPORA, seed=0)
    names = [name for name in metrics.values[TOGETHER] if "." in name and not name.endswith("pitch_when_due")]

    assert {metrics.values[TOGETHER][name] for name in names} == {1.0}
    assert {metrics.intervals[TOGETHER][name] for name in names} == {(1.0, 1.0)}
    assert metrics.values[TOGETHER]["gap"] == 0


def test_seed_fixes_the_intervals():
    """The same seed draws the same pieces."""
    assert compute_metrics(measured(), CORPORA, seed=4) == compute_metrics(measured(), CORPORA, seed=4)
