"""Walks between held-out sentences: how many sentences lie on the way, and how far apart neighbours are."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.text.distance import word_distance
from seqvae.evaluation.text.judge import judge_texts
from seqvae.evaluation.text.sentences import words_for_bleu
from seqvae.evaluation.text.writing import BATCH_SIZE, posterior_means, write_texts
from seqvae.evaluation.walks import draw_pairs
from seqvae.latent.paths import slerp

Walk = list[str]  # the text of each step, both ends among them


def of_corpus(sentences: WindowSet, corpus: str) -> WindowSet:
    """Return the sentences of one corpus alone."""
    inside = sentences.corpus_indices == sentences.corpora.index(corpus)
    names = ("starts", "lengths", "pieces", "ranges", "corpus_indices")
    return replace(sentences, **{name: getattr(sentences, name)[inside] for name in names})


def can_walk(sentences: WindowSet) -> bool:
    """Tell whether there are sentences of two templates."""
    return len(np.unique(sentences.pieces)) > 1


def walk_between(
    loaded: LoadedModel, sentences: WindowSet, *, num_pairs: int, num_steps: int, seed: int
) -> list[Walk]:
    """Write the greedy text of points on the slerp between posterior means of sentences of two templates."""
    pairs = draw_pairs(sentences, num_pairs, np.random.default_rng(seed))
    start, end = (posterior_means(loaded, ids) for ids in pairs)
    alphas = np.linspace(0, 1, num_steps).tolist()
    z = torch.stack([slerp(start, end, alpha) for alpha in alphas], dim=1)  # (pairs, steps, latent)
    texts = write_texts(loaded, z.flatten(0, 1))
    return [texts[place : place + num_steps] for place in range(0, len(texts), num_steps)]


def describe_walks(loaded: LoadedModel, walks: Sequence[Walk], judge: LoadedModel | None) -> dict[str, float]:
    """Count the different texts of each walk and measure how far neighbours lie apart, in words."""
    distinct = [len(set(walk)) for walk in walks]
    moves = np.array([_moves(loaded, walk) for walk in walks])  # (walks, steps - 1)
    described = {
        "walks": float(len(walks)),
        "steps": float(len(walks[0])),
        "median_distinct": float(np.median(distinct)),
        "mean_distinct": float(np.mean(distinct)),
        "neighbour_distance": float(moves.mean()),
        "largest_distance": float(moves.max(axis=1).mean()),
    }
    if judge is None:
        return described
    ends = [text for walk in walks for text in (walk[0], walk[-1])]
    between = [text for walk in walks for text in walk[1:-1]]
    return described | {
        "forward_perplexity_ends": judge_texts(judge, ends, batch_size=BATCH_SIZE).perplexity,
        "forward_perplexity_between": judge_texts(judge, between, batch_size=BATCH_SIZE).perplexity,
    }


def _moves(loaded: LoadedModel, walk: Walk) -> list[float]:
    words = [words_for_bleu(loaded, text) for text in walk]
    return [word_distance(*pair) for pair in pairwise(words)]
