"""What every tokenizer offers, and the way from a saved config back to one."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from seqvae.errors import ConfigError
from seqvae.tokens.melody import MelodyTokenizer


class Tokenizer(Protocol):
    """Music or text to ids `(time, voices)` below `vocab_size`, and back."""

    @property
    def name(self) -> str:
        """The word that stands for this tokenizer in a config."""

    @property
    def vocab_size(self) -> int:
        """How many ids there are; the same for every voice."""

    @property
    def voices(self) -> int:
        """How many ids one step has."""

    def to_config(self) -> dict[str, Any]:
        """Return what `build_tokenizer` needs to build an equal one; plain JSON values."""


TOKENIZERS: Mapping[str, Callable[[Mapping[str, Any]], Tokenizer]] = {
    "melody": MelodyTokenizer.from_config,
}


def build_tokenizer(config: Mapping[str, Any]) -> Tokenizer:
    """Build the tokenizer that `to_config` described."""
    name = str(config.get("name"))
    if name not in TOKENIZERS:
        raise ConfigError(f"unknown tokenizer {name!r}; choose from {', '.join(sorted(TOKENIZERS))}")
    return TOKENIZERS[name](config)
