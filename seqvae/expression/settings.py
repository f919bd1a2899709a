"""Settings of the model of expression: its shape, and how it is trained."""

from dataclasses import dataclass, field

from seqvae.config import Config, Precision


@dataclass(frozen=True, kw_only=True)
class ExpressionConfig(Config):
    """The shape of the model; the defaults are those of drums-expression."""

    feel_size: int = 12  # latent dimensions
    encoder_size: int = 64  # hidden units per direction, reading how a clip was played
    context_size: int = 96  # hidden units per direction, reading what is hit
    decoder_size: int = 176
    num_logistics: int = 3  # in each mixture
    dropout: float = 0.25

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        for name in ("feel_size", "encoder_size", "context_size", "decoder_size"):
            self._require_range(name, 1, 4096)
        self._require_range("num_logistics", 1, 16)
        self._require(0 <= self.dropout < 1, "dropout", "choose 0 to below 1")


@dataclass(frozen=True, kw_only=True)
class FitConfig(Config):
    """How the model is trained."""

    model: ExpressionConfig = field(default_factory=ExpressionConfig)
    beta: float = 0.5  # weight of the KL
    beta_ramp_steps: int = 1000
    history_dropout: float = 0.3  # share of steps whose expression the decoder is not told of afterwards
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    precision: Precision = "bfloat16"  # of matrix products while it trains
    num_steps: int = 2500
    evaluate_every: int = 250
    patience: int = 8  # evaluations without a better one, after which training ends
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        for name in ("beta", "beta_ramp_steps", "weight_decay"):
            self._require_range(name, 0, 10**9)
        for name in ("batch_size", "num_steps", "evaluate_every", "patience"):
            self._require_range(name, 1, 10**9)
        self._require(0 <= self.history_dropout < 1, "history_dropout", "choose 0 to below 1")
        self._require_range("learning_rate", 1e-9, 1)
        self._require_range("clip_norm", 1e-9, 10**9)
