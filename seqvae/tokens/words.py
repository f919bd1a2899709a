"""Sentences as ids of whole words, for corpora that are measured by the word, such as the Penn Treebank.

0        padding: behind the end of a sentence
1        the end of a sentence
2...     words, the most frequent first; `<unk>` is one of them where the corpus has it

Words are what stands between spaces, so decoding gives back a line whose words are one space apart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

from numpy.typing import ArrayLike

from seqvae.errors import TokenError
from seqvae.tokens.sentences import MAX_VOCABULARY, Ids, end_ids, pieces_before_end

UNKNOWN = "<unk>"
FIRST_WORD = 2
MAX_WORD = 256  # characters


class WordTokenizer:
    """Text in whole words of a fixed list."""

    name = "words"
    voices = 1

    def __init__(self, words: Iterable[str]) -> None:
        """Give the words ids in their order; TokenError for what no line could hold."""
        self._words = tuple(words)
        self.vocab_size = FIRST_WORD + len(self._words)
        if not FIRST_WORD < self.vocab_size <= MAX_VOCABULARY:
            raise TokenError(f"{len(self._words)} words are outside 1..{MAX_VOCABULARY - FIRST_WORD}")
        self._ids = {word: FIRST_WORD + place for place, word in enumerate(self._words)}
        odd = [word for word in self._words if word.split() != [word] or len(word) > MAX_WORD]
        if odd:
            raise TokenError(f"{odd[0][:40]!r} is no word: empty, with a space inside or too long")
        if len(self._ids) != len(self._words):
            raise TokenError("a word stands twice in the list")

    @classmethod
    def train(cls, sentences: Iterable[str], *, vocab_size: int = MAX_VOCABULARY) -> Self:
        """Take the most frequent words, `vocab_size` ids in all; `<unk>` stands for any others."""
        counts = Counter(word for sentence in sentences for word in sentence.split())
        words = sorted(counts, key=lambda word: (-counts[word], word))
        room = vocab_size - FIRST_WORD
        if len(words) > room:
            words = [UNKNOWN, *[word for word in words if word != UNKNOWN][: room - 1]]
        return cls(words)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build one from what `to_config` returned."""
        words = config.get("words")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TokenError("a word tokenizer without its list of words")
        return cls(words)

    def to_config(self) -> dict[str, Any]:
        """Return the config of this tokenizer: its words in their order."""
        return {"name": self.name, "words": list(self._words)}

    def encode(self, text: str, *, max_length: int | None = None) -> Ids:
        """Encode a line as ids `(time, 1)` that close with the end; TokenError for a word that has no id."""
        return end_ids([self._id(word) for word in text.split()], max_length=max_length)

    def decode(self, ids: ArrayLike) -> str:
        """Return the words of ids `(time, 1)` up to the first end."""
        return " ".join(self.pieces(ids))

    def pieces(self, ids: ArrayLike) -> list[str]:
        """Return the word of each id before the end."""
        found = pieces_before_end(ids, vocab_size=self.vocab_size)
        return [self._words[piece - FIRST_WORD] for piece in found]

    def count_unknown(self, text: str) -> int:
        """Count the words that have no id of their own."""
        return sum(word not in self._ids for word in text.split())

    def _id(self, word: str) -> int:
        found = self._ids.get(word, self._ids.get(UNKNOWN))
        if found is None:
            raise TokenError(f"the word {word[:40]!r} is not in the vocabulary, and {UNKNOWN} is neither")
        return found
