"""Sentences become ids, and ids the arrays of a split."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.array_file import ArrayFile
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord
from seqvae.dataset.shards import TEXT_DTYPES, array_name
from seqvae.dataset.text.arrange import Flags, Integers, TextArrangement
from seqvae.dataset.text.corpus import TextCorpus, TextFile
from seqvae.dataset.text.settings import SEPARATOR, TextSettings
from seqvae.dataset.text.store import SentenceStore
from seqvae.dataset.writing import write_arrays
from seqvae.errors import DataError, TokenError
from seqvae.tokens.base import SentenceTokenizer
from seqvae.tokens.paragraphs import encode_paragraph
from seqvae.tokens.sentences import END, Ids

IDS_AT_ONCE = 1 << 20  # copied


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """The ids of all sentences that fit, on the disk, and what encoding lost."""

    lengths: Integers  # (rows,) ids of a sentence, its end included; 0 where it does not stay
    num_pieces: Integers  # (rows,) the same without ends and padding
    too_long: Integers  # (corpora,) sentences
    num_words_unknown: int
    files: Sequence[Path]  # of each split the ids one after another

    def of_split(self, split: str, arrangement: TextArrangement) -> Flags:
        """Tell which sentences are in the shards of one split, `(rows,)`."""
        return arrangement.of_split(split) & (self.lengths > 0)


def encode_texts(
    folder: Path,
    store: SentenceStore,
    corpus: TextCorpus,
    arrangement: TextArrangement,
    tokenizer: SentenceTokenizer,
    settings: TextSettings,
) -> EncodedTexts:
    """Encode all sentences that stay, or windows of several; those that are too long are counted."""
    lengths, num_pieces = np.zeros((2, len(arrangement.splits)), dtype=np.int64)
    too_long, num_unknown = Counter[int](), 0
    paths = [folder / f"{split}.ids" for split in SPLITS]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        places = zip(arrangement.splits.tolist(), corpus.corpus_of.tolist(), strict=True)
        for row, (text, (split, number)) in enumerate(zip(store, places, strict=True)):
            if split < 0:
                continue
            parts = text.split(SEPARATOR)
            encoded = _encode(parts, tokenizer, corpus.files[corpus.rows.files[row]])
            if max(map(len, encoded)) > settings.max_length:
                too_long[number] += 1
                continue
            ids = encoded[0] if settings.sentences == 1 else _side_by_side(parts, tokenizer, settings)
            files[split].write(ids.astype(TEXT_DTYPES["ids"]).tobytes())
            lengths[row], num_pieces[row] = len(ids), int((ids > END).sum())
            num_unknown += sum(map(tokenizer.count_unknown, parts))
    counts = np.array([too_long[number] for number in range(len(corpus.corpora))], dtype=np.int64)
    return EncodedTexts(lengths, num_pieces, counts, num_unknown, paths)


def _encode(parts: Sequence[str], tokenizer: SentenceTokenizer, file: TextFile) -> list[Ids]:
    try:
        return [tokenizer.encode(part) for part in parts]
    except TokenError as error:  # a word that train lacks, in a corpus without <unk>
        remedy = "choose a smaller --vocabulary, so that rare words become <unk>"
        raise DataError(f"{file.source.path}: {error}; {remedy}") from error


def _side_by_side(parts: Sequence[str], tokenizer: SentenceTokenizer, settings: TextSettings) -> Ids:
    return encode_paragraph(
        parts, tokenizer, max_sentences=settings.sentences, max_length=settings.max_length
    )


def write_split(
    folder: Path, split: str, corpus: TextCorpus, arrangement: TextArrangement, texts: EncodedTexts
) -> dict[str, ArrayRecord]:
    """Write the sentences of one split and return what each file holds."""
    chosen = texts.of_split(split, arrangement)
    lengths = texts.lengths[chosen]
    columns: dict[str, NDArray[np.int64]] = {
        "windows": np.cumsum(lengths) - lengths,
        "lengths": lengths,
        "pieces": arrangement.groups[chosen],
        "corpora": corpus.corpus_of[chosen],
    }
    ids = _copy_ids(folder, split, texts.files[SPLITS.index(split)], num_ids=int(lengths.sum()))
    return ids | write_arrays(
        folder, split, {kind: column.astype(TEXT_DTYPES[kind]) for kind, column in columns.items()}
    )


def _copy_ids(folder: Path, split: str, path: Path, *, num_ids: int) -> dict[str, ArrayRecord]:
    """Write the ids of a split as an array and take away the file they were in."""
    dtype, name = TEXT_DTYPES["ids"], array_name(split, "ids")
    with ArrayFile(folder / name, dtype, (num_ids, 1)) as array, path.open("rb") as file:
        while len(part := np.fromfile(file, dtype=dtype, count=IDS_AT_ONCE)):
            array.append(part[:, None])
    path.unlink()
    return {name: array.record}
