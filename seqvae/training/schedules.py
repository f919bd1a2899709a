"""Numbers that change with the step: learning rate, beta, share of true history."""

from math import cos, exp, pi

from seqvae.config import ObjectiveConfig, TrainConfig


def learning_rate_at(step: int, config: TrainConfig) -> float:
    """Return the learning rate: a cosine over the whole run, warmed up at the start of both phases."""
    low, high = config.final_learning_rate, config.learning_rate
    cosine = low + (high - low) * 0.5 * (1 + cos(pi * min(step / config.num_steps, 1)))
    into_phase = step - config.first_steps if step >= config.first_steps else step
    return cosine * min((into_phase + 1) / (config.warmup_steps + 1), 1)


def beta_at(step: int, config: ObjectiveConfig) -> float:
    """Return the weight of the KL; steps count from the start of the phase that has one."""
    if config.beta_schedule == "constant":
        return config.beta
    if config.beta_schedule == "exponential":
        return config.beta * (1 - config.beta_rate**step)
    into_ramp = (step - config.beta_hold_steps) / config.beta_ramp_steps
    if into_ramp <= 0:
        return config.beta_start
    if config.beta_schedule == "cyclical":
        into_ramp = min(2 * (into_ramp % 1), 1)  # half a cycle up, half at the top: Fu et al. 2019
    return config.beta_start + (config.beta - config.beta_start) * min(into_ramp, 1)


def true_history_share(step: int, rate: float) -> float:
    """Return the share of true decoder inputs: k / (k + exp(step / k)), Bengio et al. 2015; all for k = 0."""
    if not rate:
        return 1.0
    return rate / (rate + exp(min(step / rate, 700)))  # exp of more overflows
