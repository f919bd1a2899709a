"""Encoded sentences become the arrays of a split."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.shards import TEXT_DTYPES
from seqvae.dataset.text.arrange import Placed
from seqvae.dataset.text.settings import SEPARATOR, TextSettings
from seqvae.dataset.writing import write_arrays
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.paragraphs import encode_paragraph
from seqvae.tokens.sentences import Ids


class Encoded(NamedTuple):
    """A sentence with its ids."""

    placed: Placed
    ids: Ids  # (time, 1), its end included


class EncodedTexts(NamedTuple):
    """All sentences that fit, and what encoding lost."""

    sentences: list[Encoded]
    too_long: Counter[str]  # sentences, by corpus
    num_words_unknown: int

    def of_split(self, split: str) -> list[Encoded]:
        """Return the sentences of one split."""
        return [sentence for sentence in self.sentences if sentence.placed.split == split]


def encode_texts(
    placed: Iterable[Placed], tokenizer: SentenceTokenizer, settings: TextSettings
) -> EncodedTexts:
    """Encode all sentences, or windows of several; those that are too long are counted."""
    sentences, too_long, num_unknown = [], Counter[str](), 0
    for sentence in placed:
        parts = sentence.text.split(SEPARATOR)
        if any(len(tokenizer.encode(part)) > settings.max_length for part in parts):
            too_long[sentence.corpus] += 1
            continue
        sentences.append(Encoded(sentence, _encode(parts, tokenizer, settings)))
        num_unknown += sum(map(tokenizer.count_unknown, parts))
    return EncodedTexts(sentences, too_long, num_unknown)


def _encode(parts: Sequence[str], tokenizer: SentenceTokenizer, settings: TextSettings) -> Ids:
    if settings.sentences == 1:
        return tokenizer.encode(parts[0])
    return encode_paragraph(
        parts, tokenizer, max_sentences=settings.sentences, max_length=settings.max_length
    )


def write_sentences(
    folder: Path, split: str, encoded: Sequence[Encoded], corpora: Sequence[str]
) -> dict[str, ArrayRecord]:
    """Write the sentences of one split and return what each file holds."""
    lengths = [len(sentence.ids) for sentence in encoded]
    columns = {
        "windows": np.cumsum([0, *lengths])[:-1],
        "lengths": np.array(lengths, dtype=np.int64),
        "pieces": _column([sentence.placed.group for sentence in encoded]),
        "corpora": _column([corpora.index(sentence.placed.corpus) for sentence in encoded]),
    }
    no_ids = np.empty((0, 1), dtype=TEXT_DTYPES["ids"])
    arrays = {"ids": np.concatenate([no_ids, *(sentence.ids for sentence in encoded)])}
    arrays |= {kind: column.astype(TEXT_DTYPES[kind]) for kind, column in columns.items()}
    return write_arrays(folder, split, arrays)


def _column(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
