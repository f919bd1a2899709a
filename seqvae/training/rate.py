"""The rate controller: finds the beta that keeps the KL at a number of nats."""

from dataclasses import dataclass
from math import exp, log

SMOOTHING = 0.95  # of the KL, per step
PROPORTIONAL = 0.1
INTEGRAL = 0.002  # per step: an error of a factor e moves beta by a factor e in 500 steps
LOG_BETA_BOUNDS = (log(1e-5), log(100.0))


@dataclass(frozen=True)
class RateState:
    """What the controller remembers; plain numbers, saved with a run."""

    log_beta: float
    log_kl: float | None = None  # of the smoothed KL; None before the first step

    @property
    def beta(self) -> float:
        """Return the weight of the KL."""
        return exp(self.log_beta)


def start_rate(beta: float) -> RateState:
    """Begin at a beta."""
    return RateState(_clamp(log(max(beta, 1e-30)), *LOG_BETA_BOUNDS))


def adjust_rate(state: RateState, kl: float, target: float) -> RateState:
    """Move beta after a step that measured `kl` nats: a proportional-integral controller of logarithms.

    Logarithms make a KL twice too large and one twice too small equally wrong, whatever the target.
    """
    seen = log(max(kl, 1e-3))
    log_kl = seen if state.log_kl is None else SMOOTHING * state.log_kl + (1 - SMOOTHING) * seen
    before = log_kl if state.log_kl is None else state.log_kl
    error = _clamp(log_kl - log(target), -1, 1)
    change = PROPORTIONAL * (log_kl - before) + INTEGRAL * error
    return RateState(_clamp(state.log_beta + change, *LOG_BETA_BOUNDS), log_kl)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
