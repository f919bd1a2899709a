"""The published models as plain Python, and "debug" for each kind, which trains in seconds on a CPU."""

from dataclasses import replace

from seqvae.config import ModelConfig, ObjectiveConfig, Preset, TrainConfig
from seqvae.errors import ConfigError

MELODY_VOCAB = 131  # padding, hold, rest and 128 pitches
MELODY_PITCHES = (3, 131)
DRUM_VOCAB = 513  # padding and 512 sets of nine classes, silence among them
DRUM_SETS = (1, 513)
TRIO_SIZES = (132, 132, 514)  # melody, bass, drums: each one more than alone, for absent
TEXT_VOCAB = 4000  # these and the longest sentence are those of the shards once a run begins
TEXT_STEPS = 65
TEXT_END = 1


def as_trio(model: ModelConfig) -> ModelConfig:
    """Give a model the ids of melody, bass and drums."""
    return replace(
        model,
        vocab_size=max(TRIO_SIZES),
        voices=len(TRIO_SIZES),
        voice_sizes=TRIO_SIZES,
        ordered_ids=MELODY_PITCHES,
        ordered_voices=2,
        set_ids=DRUM_SETS,
    )


DEBUG_MODEL = ModelConfig(
    vocab_size=MELODY_VOCAB,
    ordered_ids=MELODY_PITCHES,
    latent_size=8,
    embedding_size=16,
    encoder_size=16,
    summary_size=8,
    decoder_size=24,
    condition_size=8,
    head_size=16,
)
DEBUG_TRAIN = TrainConfig(num_steps=60, batch_size=8, warmup_steps=10, evaluate_every=30, save_every=20)

TWO_BARS = ModelConfig(vocab_size=MELODY_VOCAB, ordered_ids=MELODY_PITCHES, latent_size=48)
TWO_BARS_TRAIN = TrainConfig(num_steps=21_000, batch_size=48, ema_decay=0.999, precision="bfloat16")

SIXTEEN_BARS = ModelConfig(
    vocab_size=MELODY_VOCAB,
    bars=16,
    latent_layout="bars",
    encoder="hierarchical",
    encoder_size=160,
    summary_size=32,
    top_encoder_size=160,
    decoder="hierarchical",
    decoder_size=384,
    conductor_size=256,
    plan_size=128,
    condition_size=64,
    path_gain=4.0,
)
SIXTEEN_BARS_TRAIN = TrainConfig(
    num_steps=15_000,
    bar_steps=2000,
    batch_size=8,
    learning_rate=3e-3,
    clip_norm=50.0,
    ema_decay=0.999,
    precision="bfloat16",
)
TRIO_MODEL = replace(
    as_trio(SIXTEEN_BARS),
    latent_size=1024,
    embedding_size=64,
    encoder_size=128,
    bar_size=384,
    top_encoder_size=64,
    decoder_size=256,
    plan_size=64,
    condition_size=48,
    head_size=192,
    shared_sets=True,
    dropout=0.05,
    prior="learned",
    prior_size=120,
    prior_components=3,
)
TRIO_TRAIN = replace(
    SIXTEEN_BARS_TRAIN,
    bar_steps=1500,
    clip_norm=100.0,
    token_dropout=0.2,
    corpus_balance=1.0,
    voice_dropout=0.1,
    voice_mixing=0.6,
    beat_mixing=0.3,
    pitch_shuffling=0.25,
    beat_shuffling=0.3,
    voice_swapping=0.2,
    set_mixing=0.5,
    set_shuffling=0.15,
)
TRIO_OBJECTIVE = ObjectiveConfig(  # 786 bits, of windows that are mixed
    beta=0.02, target_kl=545.0, voice_weights=(0.85, 1.1, 1.5)
)

EDIT_MODEL = ModelConfig(
    vocab_size=TEXT_VOCAB,
    steps_per_bar=TEXT_STEPS,
    bars=1,
    end_id=TEXT_END,
    latent_size=96,
    embedding_size=192,
    encoder_size=192,
    summary_size=48,
    decoder_size=448,
    condition_size=96,
    tied_head=True,
)
LM_MODEL = replace(
    EDIT_MODEL, latent_size=32, pooling="max", conditioning="constant", condition_size=64, dropout=0.3
)
TEXT_TRAIN = TrainConfig(
    num_steps=22_000,
    batch_size=64,
    learning_rate=3e-3,
    clip_norm=20.0,
    ema_decay=0.999,
    transpose_semitones=0,
    precision="bfloat16",
)

PRESETS = {
    "debug": Preset(
        model=DEBUG_MODEL,
        objective=ObjectiveConfig(beta=0.1, beta_ramp_steps=20),
        train=DEBUG_TRAIN,
    ),
    "debug-drums": Preset(
        model=replace(DEBUG_MODEL, vocab_size=DRUM_VOCAB, ordered_ids=(0, 0), set_ids=DRUM_SETS),
        objective=ObjectiveConfig(beta=0.1, beta_ramp_steps=20),
        train=replace(DEBUG_TRAIN, transpose_semitones=0),
    ),
    "debug-trio": Preset(
        model=replace(as_trio(DEBUG_MODEL), voice_coupling="in turn"),
        objective=ObjectiveConfig(beta=0.1, beta_ramp_steps=20),
        train=replace(DEBUG_TRAIN, voice_dropout=0.1),
    ),
    "melody-2bar": Preset(
        model=replace(TWO_BARS, prior="learned", prior_size=768),
        objective=ObjectiveConfig(beta=0.02, target_kl=52.0),  # 75 bits
        train=replace(TWO_BARS_TRAIN, beat_mixing=0.2),
    ),
    "melody-2bar-normal": Preset(  # by N(0, I), to be compared with baselines
        model=TWO_BARS,
        objective=ObjectiveConfig(beta=0.09, beta_start=0.01, beta_hold_steps=2000, beta_ramp_steps=8000),
        train=TWO_BARS_TRAIN,
    ),
    "melody-16bar": Preset(
        model=replace(
            SIXTEEN_BARS,
            ordered_ids=MELODY_PITCHES,
            latent_size=512,
            bar_size=384,
            prior="learned",
            prior_size=192,
            prior_components=3,
        ),
        objective=ObjectiveConfig(beta=0.03, target_kl=270.0),  # 390 bits
        train=replace(
            SIXTEEN_BARS_TRAIN, num_steps=12_000, bar_steps=2500, beat_mixing=0.2, token_dropout=0.1
        ),
    ),
    "melody-16bar-normal": Preset(  # by N(0, I), to be compared with baselines
        model=replace(SIXTEEN_BARS, ordered_ids=MELODY_PITCHES),
        objective=ObjectiveConfig(beta=0.1, beta_start=0.005, beta_hold_steps=3300, beta_ramp_steps=6700),
        train=SIXTEEN_BARS_TRAIN,
    ),
    "drums-2bar": Preset(
        model=ModelConfig(
            vocab_size=DRUM_VOCAB,
            set_ids=DRUM_SETS,
            latent_size=96,
            shared_sets=True,
            tied_head=True,
            prior="learned",
            prior_size=1024,
        ),
        objective=ObjectiveConfig(beta=0.02, target_kl=72.0),  # 104 bits, of windows that are mixed
        train=TrainConfig(
            num_steps=10_000,
            batch_size=48,
            beat_mixing=0.3,
            set_mixing=0.5,
            set_shuffling=0.1,
            transpose_semitones=0,
            ema_decay=0.999,
            precision="bfloat16",
        ),
    ),
    "drums-16bar": Preset(
        model=replace(
            SIXTEEN_BARS,
            vocab_size=DRUM_VOCAB,
            set_ids=DRUM_SETS,
            latent_size=640,
            bar_size=384,
            shared_sets=True,
            tied_head=True,
            dropout=0.05,
            prior="learned",
            prior_size=192,
            prior_components=3,
        ),
        objective=ObjectiveConfig(beta=0.03, target_kl=400.0),  # 577 bits, of windows that are mixed
        train=replace(
            SIXTEEN_BARS_TRAIN,
            num_steps=8000,
            bar_steps=2000,
            token_dropout=0.1,
            beat_mixing=0.3,
            set_mixing=0.7,
            set_shuffling=0.1,
            transpose_semitones=0,
        ),
    ),
    # Trios: the voices of "trio-16bar" hear each other's past and, at every step, melody before bass before
    # drums; those of "trio-16bar-apart" hear their own past alone, as in Roberts et al. 2018.
    "trio-16bar": Preset(
        model=replace(TRIO_MODEL, voice_coupling="in turn"), objective=TRIO_OBJECTIVE, train=TRIO_TRAIN
    ),
    "trio-16bar-apart": Preset(model=TRIO_MODEL, objective=TRIO_OBJECTIVE, train=TRIO_TRAIN),
    # Baselines, scaled to the size of ours: MusicVAE's cat-mel_2bar_big and hierdec-mel_16bar (Roberts et al.
    # 2018) in latent size, schedules, free bits, pooling and carried token; and 16 bars with a flat decoder.
    "musicvae-2bar": Preset(
        model=ModelConfig(
            vocab_size=MELODY_VOCAB,
            latent_size=512,
            encoder_size=256,
            pooling="last",
            decoder_size=384,
            conditioning="constant",
            condition_size=128,
            head_size=0,
        ),
        objective=ObjectiveConfig(beta=0.5, beta_schedule="exponential", beta_rate=0.99999),
        train=TrainConfig(
            num_steps=24_000,
            learning_rate=1e-3,
            final_learning_rate=1e-5,
            sampling_rate=1000.0,
            transpose_semitones=5,
            clip_norm=10.0,
            precision="bfloat16",
        ),
    ),
    "musicvae-16bar": Preset(
        model=ModelConfig(
            vocab_size=MELODY_VOCAB,
            bars=16,
            latent_size=512,
            encoder_size=512,
            pooling="last",
            decoder="hierarchical",
            decoder_size=448,
            conductor_size=448,
            plan_size=128,
            conditioning="constant",
            condition_size=128,
            head_size=0,
            carry_token=True,
        ),
        objective=ObjectiveConfig(
            beta=0.2,
            beta_schedule="constant",
            free_bits=177.4,  # 256 bits, counted as its code counts them
            free_bits_mode="total",
        ),
        train=TrainConfig(
            num_steps=18_000,
            batch_size=8,
            learning_rate=1e-3,
            final_learning_rate=1e-5,
            transpose_semitones=5,
            clip_norm=50.0,
            precision="bfloat16",
        ),
    ),
    "flat-16bar": Preset(
        model=ModelConfig(
            vocab_size=MELODY_VOCAB,
            ordered_ids=MELODY_PITCHES,
            bars=16,
            latent_size=128,
            encoder_size=256,
            summary_size=32,
            decoder_size=672,
            condition_size=48,
        ),
        objective=ObjectiveConfig(beta=0.05, beta_start=0.005, beta_hold_steps=4000, beta_ramp_steps=8000),
        train=TrainConfig(
            num_steps=18_000,
            batch_size=8,
            learning_rate=3e-3,
            clip_norm=50.0,
            ema_decay=0.999,
            precision="bfloat16",
        ),
    ),
    "debug-text": Preset(
        model=ModelConfig(
            vocab_size=TEXT_VOCAB,
            steps_per_bar=TEXT_STEPS,
            bars=1,
            end_id=TEXT_END,
            latent_size=16,
            embedding_size=32,
            encoder_size=32,
            summary_size=8,
            decoder_size=64,
            condition_size=16,
            tied_head=True,
        ),
        objective=ObjectiveConfig(beta=0.1, beta_ramp_steps=100),
        train=TrainConfig(
            num_steps=200,
            batch_size=8,
            warmup_steps=10,
            transpose_semitones=0,
            evaluate_every=100,
            save_every=100,
        ),
    ),
    # Sentences: "text-en" to edit and to walk among, "lm" to be measured as a language model, and both ends
    # of every table: "autoencoder" without a price on z, "language-model" without a z.
    "text-en": Preset(
        model=replace(EDIT_MODEL, latent_dropout=0.3),
        objective=ObjectiveConfig(beta=0.25, beta_start=0.01, beta_hold_steps=1500, beta_ramp_steps=8000),
        train=replace(TEXT_TRAIN, token_dropout=0.1),
    ),
    "autoencoder": Preset(
        model=EDIT_MODEL,
        objective=ObjectiveConfig(beta=0.0, beta_schedule="constant"),
        train=replace(TEXT_TRAIN, token_dropout=0.1),
    ),
    "lm": Preset(  # a language model first; z enters cheaply, and its price rises beside 5 nats that are free
        model=LM_MODEL,
        objective=ObjectiveConfig(
            beta=1.0,
            beta_start=0.3,
            beta_hold_steps=300,
            beta_ramp_steps=3000,
            free_bits=0.16,
            free_bits_mode="dimension",
        ),
        train=replace(TEXT_TRAIN, language_model_steps=7000),
    ),
    "lm-reset": Preset(  # Li et al. 2019: an autoencoder first, a new decoder, then the KL with 8 nats free
        model=LM_MODEL,
        objective=ObjectiveConfig(
            beta=1.0, beta_hold_steps=4000, beta_ramp_steps=8000, free_bits=0.25, free_bits_mode="dimension"
        ),
        train=replace(TEXT_TRAIN, reset_decoder_step=4000),
    ),
    "paragraph": Preset(  # a conductor over sentences, which are written in parallel
        model=replace(
            EDIT_MODEL,
            bars=4,
            latent_size=160,
            encoder="hierarchical",
            summary_size=24,
            bar_size=256,
            top_encoder_size=160,
            encoder_shortcut_size=12,
            decoder="hierarchical",
            decoder_size=384,
            conductor_size=256,
            plan_size=128,
            condition_size=48,
            decoder_shortcut_size=24,
        ),
        objective=ObjectiveConfig(beta=0.1, beta_start=0.01, beta_hold_steps=4000, beta_ramp_steps=8000),
        train=replace(TEXT_TRAIN, batch_size=16, bar_steps=1000, token_dropout=0.1),
    ),
    "language-model": Preset(
        model=replace(LM_MODEL, encoder="none"),
        objective=ObjectiveConfig(beta=1.0, beta_schedule="constant"),
        train=TEXT_TRAIN,
    ),
}
PRESETS["edit"] = PRESETS["text-en"]  # what that recipe is for, in any language


def preset(name: str) -> Preset:
    """Return the recipe of that name; ConfigError lists the names there are."""
    if name not in PRESETS:
        raise ConfigError(f"unknown preset {name!r}; choose from {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
