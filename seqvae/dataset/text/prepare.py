"""Texts become shards: read, arrange, learn the tokenizer from the train split, encode, write."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.bad_files import BadFiles
from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest
from seqvae.dataset.pieces import add_counts
from seqvae.dataset.places import Place
from seqvae.dataset.shards import MANIFEST_NAME
from seqvae.dataset.text.arrange import Flags, arrange_texts
from seqvae.dataset.text.corpus import TextCorpus, read_corpus
from seqvae.dataset.text.files import list_texts
from seqvae.dataset.text.settings import MOST_LEARNED, TextSettings
from seqvae.dataset.text.store import Chosen, SentenceStore
from seqvae.dataset.text.summary import summarise_texts
from seqvae.dataset.text.writing import encode_texts, write_split
from seqvae.dataset.writing import check_output, folder_in_one_piece, write_report
from seqvae.errors import DataError
from seqvae.midi.counts import counted


def prepare_texts(
    paths: Sequence[str | Place],
    out: str | Path,
    settings: TextSettings,
    *,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write the shards of text files and folders and return their description.

    The same files and settings give the same bytes. `on_progress` hears (files done, all files).
    Raises DataError when there is nothing to train on, OutputError when `out` cannot be written.
    """
    out = Path(out).absolute()  # "." has no name; a link is not followed
    check_output(out, force=force)
    sources = list_texts(paths)
    with folder_in_one_piece(out) as folder, SentenceStore(folder / "sentences") as store:
        corpus = read_corpus(sources, settings, store, on_progress)
        arrangement = arrange_texts(corpus, settings)
        train = arrangement.of_split("train")
        if not train.any():
            raise DataError(_nothing_left(corpus))
        tokenizer = settings.train(Chosen(store, _learned_from(train, corpus.rows.chances, settings)))
        texts = encode_texts(folder, store, corpus, arrangement, tokenizer, settings)
        if not texts.of_split("train", arrangement).any():
            raise DataError(f"no sentence to train on: all are {settings.too_long}")
        arrays: dict[str, ArrayRecord] = {}
        for split in SPLITS:
            arrays |= write_split(folder, split, corpus, arrangement, texts)
        manifest = summarise_texts(store, corpus, arrangement, texts, arrays, tokenizer, settings)
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        write_report(folder, BadFiles(corpus.bad_files))
    return manifest


def _learned_from(train: Flags, chances: NDArray[np.uint64], settings: TextSettings) -> Flags:
    """Draw the sentences that pieces are learned from, where there are many; words are counted in all."""
    most = MOST_LEARNED // settings.sentences
    if settings.tokenizer == "words" or int(train.sum()) <= most:
        return train
    rows = np.flatnonzero(train)
    drawn = np.zeros_like(train)
    drawn[rows[np.argsort(chances[rows], kind="stable")[:most]]] = True
    return drawn


def _nothing_left(corpus: TextCorpus) -> str:
    """Say why there is no sentence: of one file what is wrong with it, of several how often it was what."""
    lines = add_counts(file.left_out for file in corpus.files)
    found = [f"{reason} ({counted(number, 'line')})" for reason, number in lines.items() if number]
    num_files = len(corpus.files) + len(corpus.bad_files)
    if num_files == 1 and corpus.bad_files:
        return f"{corpus.bad_files[0].source.path}: {corpus.bad_files[0].detail}"
    if num_files == 1:
        return f"{corpus.files[0].source.path}: no line can be used: {', '.join(found)}"
    reasons = Counter(bad.reason for bad in corpus.bad_files)
    found = [f"{reason} ({counted(number, 'file')})" for reason, number in reasons.most_common()] + found
    return f"none of {num_files} files can be used: {', '.join(found)}"
