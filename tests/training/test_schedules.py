from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.config import ObjectiveConfig, TrainConfig
from seqvae.training.schedules import beta_at, learning_rate_at, true_history_share

TRAIN = TrainConfig(
    num_steps=1000, bar_steps=200, warmup_steps=10, learning_rate=1.0, final_learning_rate=0.1
)


@pytest.mark.parametrize("step", [0, 200], ids=["first phase", "second phase"])
def test_learning_rate_warms_up_at_the_start_of_each_phase(step):
    """Eleven equal stairs lead up to the cosine."""
    rates = [learning_rate_at(step + i, TRAIN) for i in range(12)]
    unwarmed = [learning_rate_at(step + i, replace(TRAIN, warmup_steps=0)) for i in range(12)]

    assert [rate / full for rate, full in zip(rates, unwarmed, strict=True)] == pytest.approx(
        [min((i + 1) / 11, 1) for i in range(12)]
    )


def test_learning_rate_is_a_cosine_of_the_whole_run():
    """It begins at the highest value, is half-way in the middle and ends at the lowest."""
    config = replace(TRAIN, bar_steps=0, warmup_steps=0)

    assert [learning_rate_at(step, config) for step in (0, 500, 1000)] == pytest.approx([1.0, 0.55, 0.1])


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", {0: 0.8, 100: 0.8, 10_000: 0.8}),
        ("linear", {0: 0.2, 50: 0.2, 100: 0.35, 200: 0.65, 250: 0.8, 10_000: 0.8}),
        ("cyclical", {0: 0.2, 50: 0.2, 100: 0.5, 150: 0.8, 249: 0.8, 250: 0.2, 300: 0.5}),
        ("exponential", {0: 0.0, 1: 0.008, 10_000: 0.8}),
    ],
    ids=["constant", "linear", "cyclical", "exponential"],
)
def test_beta_follows_its_schedule(schedule, expected):
    """Hold for 50 steps, ramp or cycle for 200; the exponential one goes its own way."""
    config = ObjectiveConfig(
        beta=0.8,
        beta_start=0.2,
        beta_hold_steps=50,
        beta_ramp_steps=200,
        beta_rate=0.99,
        beta_schedule=schedule,
    )

    assert {step: beta_at(step, config) for step in expected} == pytest.approx(expected, abs=1e-9)


@given(rate=st.floats(1, 1e5), step=st.integers(0, 10**8))
def test_the_share_of_true_history_falls(rate, step):
    """It is a probability, never rises, and stands at one half where exp(step / k) = k."""
    share = true_history_share(step, rate)

    assert 0 <= true_history_share(step + 1, rate) <= share <= 1


def test_no_rate_means_teacher_forcing():
    """With k = 0 all history is true at every step."""
    assert true_history_share(10**9, 0.0) == 1.0
