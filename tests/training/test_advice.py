import pytest

from seqvae.training.advice import GRACE_STEPS, collapse_warning
from tests.training.making import debug_preset

PRESET = debug_preset("objective.beta_hold_steps=100", "train.warmup_steps=10", "model.latent_size=40")
LATE = 111 + GRACE_STEPS


@pytest.mark.parametrize(
    ("step", "kl", "active", "warned"),
    [
        (LATE, 0.5, 20, True),
        (LATE, 5.0, 1, True),
        (LATE, 5.0, 2, False),
        (LATE - 1, 0.5, 0, False),
    ],
    ids=["no nats", "no units", "healthy", "too early to tell"],
)
def test_a_collapse_is_told_once_beta_rises(step, kl, active, warned):
    """Less than one nat or fewer than 5 % of the units, after the ramp has begun."""
    warning = collapse_warning({"step": step, "kl": kl, "active_units": active}, PRESET)

    assert (warning is not None) == warned
    assert warning is None or "Lower objective.beta" in warning


def test_the_first_phase_has_no_posterior_to_collapse():
    """Bars are learned without a z."""
    assert collapse_warning({"step": LATE}, PRESET) is None
