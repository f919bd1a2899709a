"""The published models as plain Python, and "debug", which trains in seconds on a CPU."""

from seqvae.config import ModelConfig, ObjectiveConfig, Preset, TrainConfig
from seqvae.errors import ConfigError

MELODY_VOCAB = 131  # padding, hold, rest and 128 pitches
MELODY_PITCHES = (3, 131)

PRESETS = {
    "debug": Preset(
        model=ModelConfig(
            vocab_size=MELODY_VOCAB,
            ordered_ids=MELODY_PITCHES,
            latent_size=8,
            embedding_size=16,
            encoder_size=16,
            summary_size=8,
            decoder_size=24,
            condition_size=8,
            head_size=16,
        ),
        objective=ObjectiveConfig(beta=0.1, beta_ramp_steps=20),
        train=TrainConfig(num_steps=60, batch_size=8, warmup_steps=10, evaluate_every=30, save_every=20),
    ),
    "melody-2bar": Preset(
        model=ModelConfig(vocab_size=MELODY_VOCAB, ordered_ids=MELODY_PITCHES, latent_size=48),
        objective=ObjectiveConfig(beta=0.1, beta_start=0.01, beta_hold_steps=2000, beta_ramp_steps=8000),
        train=TrainConfig(num_steps=24_000, batch_size=48, ema_decay=0.999, precision="bfloat16"),
    ),
}


def preset(name: str) -> Preset:
    """Return the recipe of that name; ConfigError lists the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"unknown preset {name!r}; choose from {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
