from math import log

import pytest

from seqvae.training.rate import LOG_BETA_BOUNDS, RateState, adjust_rate, start_rate


def follow(state: RateState, *, target: float, num_steps: int) -> tuple[RateState, list[float]]:
    """Close the loop over a toy model: KL settles towards 20 / sqrt(beta) within some 300 steps."""
    kl, seen = 0.5, []
    for _ in range(num_steps):
        kl += (20 / state.beta**0.5 - kl) / 300
        state = adjust_rate(state, kl, target)
        seen.append(kl)
    return state, seen


@pytest.mark.parametrize("beta", [1e-4, 0.1, 50.0])
@pytest.mark.parametrize("target", [10.0, 40.0])
def test_the_rate_settles_at_its_target(beta, target):
    """Whatever beta it begins with, the KL ends within 3 % of what was asked for and stays there."""
    state, seen = follow(start_rate(beta), target=target, num_steps=12_000)

    assert all(abs(kl / target - 1) < 0.03 for kl in seen[-1000:])
    assert state.beta == pytest.approx((20 / target) ** 2, rel=0.1)


def test_beta_stays_within_bounds():
    """A KL that no beta can reach drives beta to the end of its range and no further."""
    state = start_rate(1.0)
    for _ in range(20_000):
        state = adjust_rate(state, 0.0, 50.0)

    assert state.log_beta == LOG_BETA_BOUNDS[0]


def test_a_kl_at_the_target_leaves_beta_alone():
    """There is nothing to correct."""
    assert adjust_rate(RateState(log(0.3), log(20)), 20.0, 20.0) == RateState(
        log(0.3), pytest.approx(log(20))
    )
