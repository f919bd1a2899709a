"""The only place where sentences hear of one another: copies, templates, paragraphs, splits."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.allotment import Shares, assign_splits
from seqvae.dataset.grouping import SPLITS, DisjointSets
from seqvae.dataset.text.corpus import Rows, TextCorpus
from seqvae.dataset.text.settings import TextSettings

EQUAL = "equal to an earlier one"
LEFT_OUT = -1

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Templates:
    """The templates of a corpus, the most frequent first and then the one that came first."""

    firsts: Integers  # (templates,) the row in which each stands first
    sizes: Integers  # (templates,) distinct sentences of each, before the cap


@dataclass(frozen=True, eq=False)
class TextArrangement:
    """What was decided about all sentences, `(rows,)` each."""

    splits: NDArray[np.int8]  # number of the split, LEFT_OUT where a sentence does not stay
    groups: Integers  # sentences of one template, or windows of one paragraph, have the same number
    left_out: dict[str, Counter[str]]  # corpus -> reason -> sentences
    templates: Templates
    has_official_splits: bool = False

    def of_split(self, split: str) -> Flags:
        """Tell which sentences are of one split."""
        inside: Flags = self.splits == SPLITS.index(split)
        return inside


def arrange_texts(corpus: TextCorpus, settings: TextSettings) -> TextArrangement:
    """Drop copies, cap templates, split by template and paragraph; official splits are taken as they are."""
    left_out = {name: Counter[str]() for name in corpus.corpora}
    for file in corpus.files:
        left_out[file.source.corpus] += file.left_out
    if any(file.split for file in corpus.files):
        return _arrange_official(corpus, left_out)
    rows = corpus.rows
    is_new = _firsts(rows.texts) == np.arange(len(rows.texts))
    is_kept = is_new & ~_over_cap(rows, is_new, settings)
    for number, name in enumerate(corpus.corpora):
        inside = corpus.corpus_of == number
        left_out[name][EQUAL] += int((inside & ~is_new).sum())
        left_out[name][f"beyond {settings.per_template} of one template"] += int(
            (inside & is_new & ~is_kept).sum()
        )
    groups = np.full(len(is_new), LEFT_OUT, dtype=np.int64)
    groups[is_kept] = _numbered(_groups(rows)[is_kept])
    splits = _split(corpus, is_kept, groups, settings)
    return TextArrangement(splits, groups, left_out, _templates(rows, is_new))


def _firsts(values: NDArray[np.generic]) -> Integers:
    """Return for each row the first one that holds the same."""
    _, firsts, which = np.unique(values, return_index=True, return_inverse=True)
    found: Integers = firsts[which]
    return found


def _numbered(values: Integers) -> Integers:
    """Count values from 0 in the order in which they come."""
    return np.unique(_firsts(values), return_inverse=True)[1]


def _over_cap(rows: Rows, is_new: Flags, settings: TextSettings) -> Flags:
    """Tell what is too much of a template; which stay decides chance, whatever order they came in."""
    is_over = np.zeros(len(is_new), dtype=np.bool_)
    if not settings.per_template:
        return is_over
    new = np.flatnonzero(is_new)
    new = new[np.lexsort((rows.chances[new], rows.templates[new]))]  # one template after another
    starts = _firsts(rows.templates[new])
    is_over[new] = np.arange(len(new)) - starts >= settings.per_template
    return is_over


def _groups(rows: Rows) -> Integers:
    """Name sentences of one template, windows of one paragraph, and copies, by the same row."""
    sets = DisjointSets(len(rows.texts))
    for values in (rows.texts, rows.templates, rows.paragraphs):
        firsts = _firsts(values)
        for row in np.flatnonzero(firsts != np.arange(len(firsts))).tolist():
            sets.join(int(firsts[row]), row)
    return sets.roots().astype(np.int64)


def _split(corpus: TextCorpus, is_kept: Flags, groups: Integers, settings: TextSettings) -> NDArray[np.int8]:
    names = corpus.corpora
    chosen = assign_splits(
        groups[is_kept],
        corpus.rows.templates[is_kept],
        [names[number] for number in corpus.corpus_of[is_kept].tolist()],
        np.ones(int(is_kept.sum()), dtype=np.int64),
        shares=Shares(settings.seed, settings.valid_share, settings.test_share),
    )
    splits = np.full(len(is_kept), LEFT_OUT, dtype=np.int8)
    splits[is_kept] = np.fromiter(map(SPLITS.index, chosen), np.int8, len(chosen))
    return splits


def _templates(rows: Rows, is_counted: Flags) -> Templates:
    counted = np.flatnonzero(is_counted)
    _, firsts, sizes = np.unique(rows.templates[counted], return_index=True, return_counts=True)
    order = np.lexsort((firsts, -sizes))
    return Templates(counted[firsts[order]], sizes[order])


def _arrange_official(corpus: TextCorpus, left_out: dict[str, Counter[str]]) -> TextArrangement:
    """Keep every line where its file puts it, copies too: figures are compared over all of them."""
    rows = corpus.rows
    of_file = np.array([SPLITS.index(file.split) for file in corpus.files], dtype=np.int8)
    groups = _numbered(_firsts(rows.templates))
    templates = _templates(rows, np.ones(len(groups), dtype=np.bool_))
    return TextArrangement(of_file[rows.files], groups, left_out, templates, has_official_splits=True)
