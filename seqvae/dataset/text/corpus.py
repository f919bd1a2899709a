"""All files of a corpus of text: their sentences go to the disk, and some numbers of each stay."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.journal import StoppedError
from seqvae.dataset.pieces import BadFile, Source
from seqvae.dataset.reasons import reason_of
from seqvae.dataset.text.files import read_sentences
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.store import SentenceStore
from seqvae.dataset.text.templates import template_of
from seqvae.errors import DataError

NO_SENTENCE = ("without a sentence", "holds no sentence; write one in each line")


class TextFile(NamedTuple):
    """A file that was read."""

    source: Source
    split: str  # that of a corpus which comes with splits of its own, otherwise empty
    left_out: Counter[str]  # lines or sentences, by reason


class Rows(NamedTuple):
    """What is known of each sentence, `(rows,)` each, in the order of the store."""

    texts: NDArray[np.uint64]  # hash of the sentence
    templates: NDArray[np.uint64]  # hash of its template
    chances: NDArray[np.uint64]  # hash of seed and sentence
    files: NDArray[np.int64]
    paragraphs: NDArray[np.int64]  # over all files; windows cut from one paragraph share theirs


@dataclass(frozen=True, eq=False)
class TextCorpus:
    """What was read."""

    files: list[TextFile]
    bad_files: list[BadFile]
    rows: Rows

    @cached_property
    def corpora(self) -> list[str]:
        """Name the corpora in the order of their numbers."""
        return sorted({file.source.corpus for file in self.files})

    @cached_property
    def corpus_of(self) -> NDArray[np.int64]:
        """The number of the corpus of each sentence, `(rows,)`."""
        numbers = {corpus: number for number, corpus in enumerate(self.corpora)}
        of_file = np.array([numbers[file.source.corpus] for file in self.files], dtype=np.int64)
        return of_file[self.rows.files]


class _Columns:
    """Rows while they are read."""

    def __init__(self) -> None:
        self._unsigned = tuple(array("Q") for _ in range(3))
        self._signed = tuple(array("q") for _ in range(2))

    def __len__(self) -> int:
        return len(self._signed[0])

    def add(self, text: str, file: int, paragraph: int, seed: int) -> None:
        for column, content in zip(self._unsigned, (text, template_of(text), f"{seed}:{text}"), strict=True):
            column.append(digest(content))
        for column, number in zip(self._signed, (file, paragraph), strict=True):
            column.append(number)

    def cut(self, length: int) -> None:
        for column in (*self._unsigned, *self._signed):
            del column[length:]

    def rows(self) -> Rows:
        texts, templates, chances = (np.array(column, dtype=np.uint64) for column in self._unsigned)
        files, paragraphs = (np.array(column, dtype=np.int64) for column in self._signed)
        return Rows(texts, templates, chances, files, paragraphs)


def read_corpus(
    splits: Mapping[Source, str],
    settings: TextSettings,
    store: SentenceStore,
    on_progress: Callable[[int, int], None] | None = None,
) -> TextCorpus:
    """Read files with their official splits; nothing stays of a file that is no text.

    StoppedError where one lies behind a URL that does not answer: that is no fault of the file.
    """
    columns, files, bad_files, num_paragraphs = _Columns(), list[TextFile](), list[BadFile](), 0
    for done, (source, split) in enumerate(splits.items(), start=1):
        left_out, place, start = Counter[str](), store.place(), len(columns)
        paragraph = -1
        try:
            for paragraph, sentence in read_sentences(source, settings, left_out):
                store.add(sentence)
                columns.add(sentence, len(files), num_paragraphs + paragraph, settings.seed)
            fault = None if len(columns) > start or left_out else NO_SENTENCE
        except StoppedError:
            raise
        except (DataError, OSError) as error:
            fault = reason_of(error, source.path)
            store.cut(place)
            columns.cut(start)
        if fault:
            bad_files.append(BadFile(source, *fault))
        else:
            files.append(TextFile(source, split, left_out))
            num_paragraphs += paragraph + 1
        if on_progress:
            on_progress(done, len(splits))
    return TextCorpus(files, bad_files, columns.rows())


def digest(text: str) -> int:
    """Hash a text to 64 bits."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
