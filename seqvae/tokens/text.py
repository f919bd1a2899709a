"""Sentences as ids of word pieces, exact for every line of text.

0        padding: behind the end of a sentence
1        the end of a sentence
2..257   one byte of UTF-8, for what the pieces do not cover: no character is unknown
258...   a piece of up to 16 characters; a space is part of the piece it precedes

Nothing is normalised, so that decoding gives back what was encoded. One character is written in bytes always:
U+2581, which stands for the space inside sentencepiece.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from numpy.typing import ArrayLike

from seqvae.errors import TokenError
from seqvae.tokens.pieces import (
    FIRST_BYTE,
    MAX_MODEL_BYTES,
    NUM_BYTES,
    SPACE,
    load_pieces,
    train_pieces,
)
from seqvae.tokens.sentences import Ids, end_ids, pieces_before_end

SPACE_IDS = [FIRST_BYTE + byte for byte in SPACE.encode()]


class TextTokenizer:
    """Any text in word pieces learned from a corpus."""

    name = "text"
    voices = 1

    def __init__(self, model: bytes) -> None:
        """Take what `train_pieces` wrote; TokenError if it is anything else."""
        self._model = model
        self._processor, names = load_pieces(model)
        self.vocab_size = len(names)
        self._bytes = [_bytes_of(piece, name) for piece, name in enumerate(names)]

    @classmethod
    def train(cls, sentences: Iterable[str], *, vocab_size: int) -> Self:
        """Learn up to `vocab_size` pieces; the same sentences in the same order give an equal tokenizer."""
        return cls(train_pieces(sentences, vocab_size=vocab_size))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a sentencepiece model that was trained with our settings; TokenError names the file."""
        path = Path(path)
        try:
            with path.open("rb") as file:
                return cls(file.read(MAX_MODEL_BYTES + 1))
        except (OSError, TokenError) as error:
            raise TokenError(f"{path}: {getattr(error, 'strerror', None) or error}") from error

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build one from what `to_config` returned."""
        text = config.get("model")
        if not isinstance(text, str) or len(text) > 2 * MAX_MODEL_BYTES:
            raise TokenError("a text tokenizer whose sentencepiece model is missing or too large")
        try:
            model = b64decode(text, validate=True)
        except ValueError as error:
            raise TokenError("the sentencepiece model is not in base64") from error
        if sha256(model).hexdigest() != config.get("sha256"):
            raise TokenError("the sentencepiece model is broken: its sha256 is another")
        return cls(model)

    def to_config(self) -> dict[str, Any]:
        """Return the config of this tokenizer, the sentencepiece model in base64."""
        digest = sha256(self._model).hexdigest()
        return {"name": self.name, "sha256": digest, "model": b64encode(self._model).decode()}

    def encode(self, text: str, *, max_length: int | None = None) -> Ids:
        """Encode a line as ids `(time, 1)` that close with the end; TokenError beyond `max_length` ids."""
        return end_ids(self._pieces(text), max_length=max_length)

    def decode(self, ids: ArrayLike) -> str:
        """Return the text of ids `(time, 1)` up to the first end; broken UTF-8 becomes U+FFFD."""
        pieces = pieces_before_end(ids, vocab_size=self.vocab_size)
        return b"".join(self._bytes[piece] for piece in pieces).decode(errors="replace")

    def pieces(self, ids: ArrayLike) -> list[str]:
        """Return the text of each id before the end, for people to look at."""
        found = pieces_before_end(ids, vocab_size=self.vocab_size)
        return [self._bytes[piece].decode(errors="backslashreplace") for piece in found]

    def count_unknown(self, text: str) -> int:
        """Count the words that encoding loses: none, ever."""
        return 0

    def _pieces(self, text: str) -> list[int]:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise TokenError(f"character {error.start + 1} is half of a surrogate pair, not text") from error
        first, *others = text.split(SPACE)
        pieces: list[int] = self._processor.encode(first)
        for part in others:
            pieces += [*SPACE_IDS, *self._processor.encode(part)]
        return pieces


def _bytes_of(piece: int, name: str) -> bytes:
    if piece < FIRST_BYTE:
        return b""
    if piece < FIRST_BYTE + NUM_BYTES:
        return bytes([piece - FIRST_BYTE])
    return name.replace(SPACE, " ").encode()
