"""What every tokenizer offers, and the way from a saved config back to one."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import ArrayLike

from seqvae.errors import ConfigError
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.sentences import Ids
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.trio import TrioTokenizer
from seqvae.tokens.words import WordTokenizer


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


class SentenceTokenizer(Tokenizer, Protocol):
    """Lines of text to ids `(time, 1)` that close with an end, and back."""

    def encode(self, text: str, *, max_length: int | None = None) -> Ids:
        """Encode a line; TokenError if it takes more than `max_length` ids."""

    def decode(self, ids: ArrayLike) -> str:
        """Return the text before the first end."""

    def pieces(self, ids: ArrayLike) -> list[str]:
        """Return the text of each id before the end, for people to look at."""

    def count_unknown(self, text: str) -> int:
        """Count the words that encoding loses."""


TOKENIZERS: Mapping[str, Callable[[Mapping[str, Any]], Tokenizer]] = {
    "drums": DrumTokenizer.from_config,
    "melody": MelodyTokenizer.from_config,
    "text": TextTokenizer.from_config,
    "trio": TrioTokenizer.from_config,
    "words": WordTokenizer.from_config,
}


def build_tokenizer(config: Mapping[str, Any]) -> Tokenizer:
    """Build the tokenizer that `to_config` described."""
    name = str(config.get("name"))
    if name not in TOKENIZERS:
        raise ConfigError(f"unknown tokenizer {name!r}; choose from {', '.join(sorted(TOKENIZERS))}")
    return TOKENIZERS[name](config)


def sizes_of(tokenizer: Tokenizer) -> tuple[int, ...]:
    """Return how many ids each voice has."""
    if isinstance(tokenizer, TrioTokenizer):
        return tokenizer.voice_sizes
    return (tokenizer.vocab_size,) * tokenizer.voices


def with_drum_map(tokenizer: Tokenizer, drum_map: DrumMap) -> Tokenizer:
    """Return a tokenizer that reads and writes another kit; ConfigError for one that knows no drums."""
    if "map" not in tokenizer.to_config():
        raise ConfigError(f"a drum map says nothing to a model of {tokenizer.name}; leave it out")
    return build_tokenizer({"name": tokenizer.name, **drum_map.to_config()})
