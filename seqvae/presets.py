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
    "melody-16bar": Preset(
        model=ModelConfig(
            vocab_size=MELODY_VOCAB,
            ordered_ids=MELODY_PITCHES,
            bars=16,
            latent_size=128,
            encoder="hierarchical",
            encoder_size=160,
            summary_size=32,
            top_encoder_size=160,
            encoder_shortcut_size=32,
            decoder="hierarchical",
            decoder_size=384,
            conductor_size=256,
            plan_size=128,
            condition_size=64,
            decoder_shortcut_size=48,
        ),
        objective=ObjectiveConfig(beta=0.05, beta_start=0.005, beta_hold_steps=4000, beta_ramp_steps=8000),
        train=TrainConfig(
            num_steps=18_000,
            bar_steps=600,
            batch_size=8,
            learning_rate=3e-3,
            clip_norm=50.0,
            ema_decay=0.999,
            precision="bfloat16",
        ),
    ),
}


def preset(name: str) -> Preset:
    """Return the recipe of that name; ConfigError lists the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"unknown preset {name!r}; choose from {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
