"""Settings of models, optimisation and runs: frozen dataclasses, checked when made, to and from JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args, get_type_hints

from seqvae.errors import ConfigError

Coder = Literal["flat", "hierarchical"]
Encoder = Literal["flat", "hierarchical", "none"]
Pooling = Literal["positions", "last", "max"]
Conditioning = Literal["positions", "constant"]
LatentLayout = Literal["dense", "bars"]
VoiceCoupling = Literal["apart", "in turn"]
LatentPrior = Literal["normal", "learned"]
BetaSchedule = Literal["constant", "linear", "exponential", "cyclical"]
FreeBitsMode = Literal["dimension", "total"]
Precision = Literal["float32", "bfloat16"]

MOST_BARS = 1024
MOST_SCORES = 2**27  # of a sequence, one for each id at each step of a voice: 512 MB in float32
_ONE_PHASE = "choose 0 beside bar_steps: there is one first phase"


@dataclass(frozen=True, kw_only=True)
class Config:
    """What every group of settings can do."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from JSON values; ConfigError names an unknown setting or one of the wrong type."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"unknown {cls.__name__} setting {unknown[0]!r}; choose from {', '.join(sorted(known))}"
            )
        hints = get_type_hints(cls)
        try:
            return cls(**{name: _convert(cls, name, hints[name], value) for name, value in values.items()})
        except TypeError as error:
            raise ConfigError(f"{cls.__name__}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    def _require(self, claim: bool, name: str, remedy: str) -> None:
        if not claim:
            raise ConfigError(f"{name} is {getattr(self, name)!r}; {remedy}")

    def _require_range(self, name: str, low: float, high: float) -> None:
        bounds = (str(bound) if isinstance(bound, int) else f"{bound:g}" for bound in (low, high))
        self._require(low <= getattr(self, name) <= high, name, f"choose {' to '.join(bounds)}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Config):
    """The shape of a sequence VAE; the defaults are a two-bar melody model."""

    vocab_size: int
    voices: int = 1
    steps_per_bar: int = 16
    bars: int = 2
    ordered_ids: tuple[int, int] = (0, 0)  # half-open range of ids that lie on a scale, such as pitches
    ordered_voices: int = 16  # voices, from the first, with ids on that scale: of a trio 2, not the drums
    set_ids: tuple[int, int] = (0, 0)  # half-open range of ids of the last voice that are sets, bit by bit
    shared_sets: bool = False  # sets are sums over what they hold, in embeddings and scores of voices
    voice_sizes: tuple[int, ...] = ()  # ids of each voice, the last of them: absent; (): all have vocab_size
    voice_coupling: VoiceCoupling = "apart"  # in turn: a voice hears the past of all and those before it
    latent_size: int = 128
    latent_layout: LatentLayout = (
        "dense"  # bars: codes of bars, by weights they share, turned into common waves
    )
    embedding_size: int = 96
    end_id: int = -1  # closes a sequence that may be shorter than `time`; -1: none, all are that long
    encoder: Encoder = "flat"  # none: a language model, to which z says nothing
    encoder_size: int = 256  # hidden units per direction and voice, reading steps
    pooling: Pooling = "positions"  # what leaves the encoder: every position, the last states, or a max too
    summary_size: int = 64  # features that each position of a voice keeps
    bar_size: int = 256  # hierarchical: features of one bar
    top_encoder_size: int = 256  # hierarchical: hidden units per direction, reading bars
    encoder_shortcut_size: int = 0  # hierarchical: features that each step sends straight to z, past the bars
    decoder: Coder = "flat"
    decoder_size: int = 512  # hidden units per voice
    conductor_size: int = 384  # hierarchical
    plan_size: int = 192  # hierarchical: what the conductor hears of z at each bar
    conditioning: Conditioning = "positions"  # the weights through which a step sees z: its own or everyone's
    condition_size: int = 96  # features of z that enter each step of a voice
    decoder_shortcut_size: int = 0  # hierarchical: features of z that enter each step past the conductor
    head_size: int = 256  # hidden units between LSTM and logits; 0 for none
    tied_head: bool = False  # logits are products with the decoder's embeddings; head_size is not used
    dropout: float = 0.0  # share of the decoder's embeddings and outputs left out while training
    latent_dropout: float = 0.0  # share of z that is 0 while training, where the decoder learns to do without
    path_gain: float = 1.0  # of the first weights of what leads from each step to z and from z to each step
    carry_token: bool = False  # hierarchical: a bar begins with the last id of the bar before, as in MusicVAE
    lookback: tuple[int, ...] = ()  # each step also hears the ids that its voice had so many steps before
    prior: LatentPrior = "normal"  # learned: trained with the rest, and what the KL is to
    prior_size: int = 192  # of a learned prior: hidden units over the parts of z, and features inside them
    prior_components: int = 4  # of a learned prior: Gaussians for each unit

    def __post_init__(self) -> None:
        """Check every bound, so that nothing absurd is ever allocated."""
        self._require_range("vocab_size", 2, 65_536)
        self._require_range("voices", 1, 16)
        self._require_range("ordered_voices", 1, 16)
        self._require_range("steps_per_bar", 1, 4096)
        self._require_range("bars", 1, MOST_BARS)
        for name in ("latent_size", "embedding_size", "encoder_size", "decoder_size", "conductor_size"):
            self._require_range(name, 1, 8192)
        for name in ("summary_size", "bar_size", "top_encoder_size", "plan_size", "condition_size"):
            self._require_range(name, 1, 8192)
        for name in ("head_size", "encoder_shortcut_size", "decoder_shortcut_size"):
            self._require_range(name, 0, 8192)
        self._require_range("path_gain", 0.01, 100)
        scores = self.time * self.voices * self.vocab_size
        self._require(scores <= MOST_SCORES, "bars", f"{scores} scores of a sequence are over {MOST_SCORES}")
        low, high = self.ordered_ids
        self._require(0 <= low <= high <= self.vocab_size, "ordered_ids", f"choose 0 to {self.vocab_size}")
        low, high = self.set_ids
        self._require(0 <= low <= high <= self.vocab_size, "set_ids", f"choose 0 to {self.vocab_size}")
        self._require(
            (high - low) & (high - low - 1) == 0 or low == high, "set_ids", "choose a power of 2 of sets"
        )
        self._require(not self.shared_sets or low < high, "shared_sets", "there are no sets, see set_ids")
        self._check_voices()
        self._check_layout()
        self._require_range("end_id", -1, self.vocab_size - 1)
        self._require(self.end_id != 0, "end_id", "0 is the padding")
        for name in ("dropout", "latent_dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "choose 0 to below 1")
        self._require(not self.tied_head or self.voices == 1, "tied_head", "it needs a single voice")
        self._require(not self.carry_token or self.decoder == "hierarchical", "carry_token", "it needs bars")
        self._check_lookback()
        self._check_prior()

    @property
    def code_size(self) -> int:
        """Return how many units of z there are for each bar."""
        return self.latent_size // self.bars

    @property
    def time(self) -> int:
        """Return the number of steps of one sequence."""
        return self.bars * self.steps_per_bar

    @property
    def absent_ids(self) -> tuple[int, ...]:
        """Return for each voice of its own size the id that says that it is absent."""
        return tuple(size - 1 for size in self.voice_sizes)

    @property
    def is_in_turn(self) -> bool:
        """Tell whether a bar of a hierarchical decoder can only be written after the one before it."""
        return self.carry_token or bool(self.lookback)

    def _check_lookback(self) -> None:
        if not self.lookback:
            return
        self._require(self.end_id < 0, "lookback", "sequences that may end early have none")
        distinct = len(set(self.lookback)) == len(self.lookback) <= 16
        self._require(distinct, "lookback", "choose up to 16 numbers of steps, each once")
        fit = all(1 <= lag < self.time for lag in self.lookback)
        self._require(fit, "lookback", f"choose 1 to {self.time - 1} steps")

    def _check_prior(self) -> None:
        self._require_range("prior_size", 1, 4096)
        self._require_range("prior_components", 1, 64)
        if self.prior == "learned":
            self._require(self.end_id < 0 and self.encoder != "none", "prior", "text has a normal one")
            self._require(self.latent_dropout == 0, "latent_dropout", "beside a learned prior choose 0")

    def _check_layout(self) -> None:
        if self.latent_layout == "dense":
            return
        both = self.encoder == self.decoder == "hierarchical"
        self._require(both, "latent_layout", "encoder and decoder have to be hierarchical")
        self._require(self.bars & (self.bars - 1) == 0, "bars", "choose a power of 2, or latent_layout=dense")
        fits = self.latent_size % self.bars == 0
        self._require(
            fits, "latent_size", f"choose a multiple of the {self.bars} bars, or latent_layout=dense"
        )
        self._require(self.code_size <= self.bar_size, "bar_size", f"choose at least {self.code_size}")

    def _check_voices(self) -> None:
        if not self.voice_sizes:
            self._require(self.voices == 1, "voice_sizes", "several voices need them")
            self._require(self.voice_coupling == "apart", "voice_coupling", "it needs voice_sizes")
            return
        self._require(len(self.voice_sizes) == self.voices, "voice_sizes", f"give {self.voices}")
        fit = all(2 <= size <= self.vocab_size for size in self.voice_sizes)
        self._require(fit, "voice_sizes", f"choose 2 to {self.vocab_size}")
        self._require(self.head_size > 0, "head_size", "voices of their own size need one above 0")
        self._require(self.end_id < 0, "end_id", "voices of their own size are of a fixed length")


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig(Config):
    """What is minimised: reconstruction + beta * KL, in nats per sequence."""

    voice_weights: tuple[float, ...] = ()  # of each voice in the reconstruction; (): all count once
    beta: float = 1.0
    beta_schedule: BetaSchedule = "linear"
    beta_start: float = 0.0  # linear, cyclical: where the ramp begins
    beta_hold_steps: int = 0  # steps at beta_start before the ramp
    beta_ramp_steps: int = 1000  # linear: length of the ramp; cyclical: length of a cycle
    beta_rate: float = 0.9999  # exponential: beta * (1 - rate ** step), Roberts et al. 2018
    target_kl: float = 0.0  # nats; above 0 the rate controller finds the beta that keeps the KL there
    free_bits: float = 0.0  # nats that cost nothing, per dimension or in total
    free_bits_mode: FreeBitsMode = "dimension"

    def __post_init__(self) -> None:
        """Check every bound."""
        for name in ("beta", "beta_start"):
            self._require_range(name, 0, 1000)
        self._require_range("beta_hold_steps", 0, 10**9)
        self._require_range("beta_ramp_steps", 1, 10**9)
        self._require(0 < self.beta_rate < 1, "beta_rate", "choose between 0 and 1")
        for name in ("target_kl", "free_bits"):
            self._require_range(name, 0, 1e6)
        weights = self.voice_weights
        fit = all(0 <= weight <= 1000 for weight in weights) and (not weights or max(weights) > 0)
        self._require(fit, "voice_weights", "choose 0 to 1000 for each voice, not 0 for all")


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Config):
    """One training run; the same settings and seed give the same weights on one machine."""

    num_steps: int = 20_000
    batch_size: int = 48
    bar_steps: int = 0  # steps of the first phase, in which a hierarchical model autoencodes single bars
    language_model_steps: int = 0  # steps of a first phase in which the decoder learns without z
    learning_rate: float = 4e-3
    final_learning_rate: float = 0.0  # where the cosine ends
    warmup_steps: int = 100
    weight_decay: float = 0.01
    adam_beta2: float = 0.98
    clip_norm: float = 10.0  # of the gradient of nats per sequence
    ema_decay: float = 0.0  # 0: no moving average of the weights
    reset_decoder_step: int = 0  # the decoder begins anew before this step (Li et al. 2019); 0: never
    token_dropout: float = 0.0  # share of decoder inputs hidden
    voice_dropout: float = 0.0  # share of voices that the encoder is told are absent, one at least stays
    voice_mixing: float = 0.0  # share of windows that get some voices of another window
    beat_mixing: float = 0.0  # share of windows that get some beats of every bar from another window
    set_mixing: float = 0.0  # share of windows of drums that get some classes of another window
    sampling_rate: float = 0.0  # scheduled sampling: k of the inverse sigmoid, in steps; 0: none
    set_shuffling: float = 0.0  # share of windows of drums whose classes change places
    pitch_shuffling: float = 0.0  # share of windows whose pitch classes change places
    beat_shuffling: float = 0.0  # share of windows the beats of whose bars change places
    voice_swapping: float = 0.0  # share of windows whose melody and bass change places
    own_past: float = 0.0  # share of windows whose lookback hears what the model writes from z
    past_rewrites: int = 2  # of that: each carries the model's mistakes one lookback further
    corpus_balance: float = 0.0  # 0: corpora come as large as they are; 1: each as often as any other
    transpose_semitones: int = 6  # each access draws a shift of up to this many, down or up
    precision: Precision = "float32"
    seed: int = 0
    log_every: int = 50
    evaluate_every: int = 1000
    save_every: int = 500

    def __post_init__(self) -> None:
        """Check every bound."""
        for name in ("num_steps", "log_every", "evaluate_every", "save_every"):
            self._require_range(name, 1, 10**9)
        self._require_range("batch_size", 1, 65_536)
        for name in (
            "bar_steps",
            "language_model_steps",
            "warmup_steps",
            "reset_decoder_step",
            "seed",
        ):
            self._require_range(name, 0, 10**9)
        self._require_range("learning_rate", 1e-9, 10)
        self._require_range("final_learning_rate", 0, 10)
        self._require_range("weight_decay", 0, 10)
        self._require(0 < self.adam_beta2 < 1, "adam_beta2", "choose between 0 and 1")
        self._require(self.clip_norm > 0, "clip_norm", "choose above 0")
        self._require(0 <= self.ema_decay < 1, "ema_decay", "choose 0 to below 1")
        for name in (
            "token_dropout",
            "voice_dropout",
            "voice_mixing",
            "beat_mixing",
            "set_mixing",
            "set_shuffling",
            "pitch_shuffling",
            "beat_shuffling",
            "voice_swapping",
        ):
            self._require(0 <= getattr(self, name) < 1, name, "choose 0 to below 1")
        self._require_range("own_past", 0, 1)
        self._require_range("corpus_balance", 0, 1)
        self._require_range("past_rewrites", 1, 64)
        self._require_range("sampling_rate", 0, 10**9)
        self._require_range("transpose_semitones", 0, 64)
        self._require(not (self.bar_steps and self.language_model_steps), "language_model_steps", _ONE_PHASE)

    @property
    def first_steps(self) -> int:
        """Return the steps of the first phase, in which there is no z."""
        return max(self.bar_steps, self.language_model_steps)


@dataclass(frozen=True, kw_only=True)
class Preset(Config):
    """A published recipe: model, objective and run."""

    model: ModelConfig
    objective: ObjectiveConfig
    train: TrainConfig


def _convert(owner: type, name: str, hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Config):
        return hint.from_dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return _to_float(owner, name, value)
    if hint == tuple[int, int]:
        if not isinstance(value, (list, tuple)) or [type(item) for item in value] != [int, int]:
            raise ConfigError(f"{owner.__name__} {name} is {value!r}, not two whole numbers")
        return tuple(value)
    if hint == tuple[float, ...]:
        if not isinstance(value, (list, tuple)) or any(type(item) not in (int, float) for item in value):
            raise ConfigError(f"{owner.__name__} {name} is {value!r}, no list of numbers")
        return tuple(_to_float(owner, name, item) for item in value)
    if hint == tuple[int, ...]:
        if not isinstance(value, (list, tuple)) or any(type(item) is not int for item in value):
            raise ConfigError(f"{owner.__name__} {name} is {value!r}, no list of whole numbers")
        return tuple(value)
    choices = get_args(hint)
    if choices and value not in choices:
        raise ConfigError(f"{owner.__name__} {name} is {value!r}; choose from {', '.join(choices)}")
    if not choices and type(value) is not hint:
        raise ConfigError(f"{owner.__name__} {name} is {value!r}, not of type {hint.__name__}")
    return value


def _to_float(owner: type, name: str, value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ConfigError(
            f"{owner.__name__} {name} has a number too large to be a float; give a smaller one"
        ) from None
