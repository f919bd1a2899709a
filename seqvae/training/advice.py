"""A collapsed posterior, told in plain words, and what to do about it."""

from seqvae.config import Preset
from seqvae.training.metrics import Record

MIN_KL = 1.0  # nats
MIN_ACTIVE_SHARE = 0.05
GRACE_STEPS = 200  # the first steps of a healthy run look like a collapse


def collapse_warning(record: Record, preset: Preset) -> str | None:
    """Say that the model ignores z, once the ramp of beta has begun; None while it does not."""
    objective, model, step = preset.objective, preset.model, record["step"]
    has_hold = objective.beta_schedule in ("linear", "cyclical") and not objective.target_kl
    begin = preset.train.first_steps + preset.train.warmup_steps + GRACE_STEPS
    begin += objective.beta_hold_steps if has_hold else 0
    if "kl" not in record or step <= begin:
        return None
    active, kl = record["active_units"], record["kl"]
    if kl >= MIN_KL and active >= MIN_ACTIVE_SHARE * model.latent_size:
        return None
    return (
        f"the posterior has collapsed at step {step}: the decoder hardly listens to z (KL {kl:.2f} nats, "
        f"{active} of {model.latent_size} units active), so every z will sound alike. "
        "Lower objective.beta, give free bits (objective.free_bits=0.1 per dimension), lengthen "
        "objective.beta_ramp_steps, hide more of the history (train.token_dropout=0.2), or ask for a KL "
        "with objective.target_kl."
    )
