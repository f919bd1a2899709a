"""Samples, reconstructions and walks to read, drawn by a seed and not chosen by anyone."""

from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.measure import choose_windows, evaluating
from seqvae.evaluation.text.samples import sample_texts, write_texts
from seqvae.evaluation.text.sentences import texts_of
from seqvae.evaluation.text.walks import Walk, walk_between


class Examples(NamedTuple):
    """What a model writes."""

    samples: list[str]
    reconstructions: list[tuple[str, str]]  # a held-out sentence, and what the model makes of it
    walks: list[Walk]  # without steps equal to the one before


def draw_examples(
    loaded: LoadedModel, sentences: WindowSet, *, count: int, num_walks: int, num_steps: int, seed: int
) -> Examples:
    """Draw `count` samples and reconstructions at mu, and walks of two held-out sentences, all greedy."""
    chosen = choose_windows(np.arange(len(sentences)), count, seed=seed)
    ids = sentences.windows(chosen)
    device = next(loaded.model.parameters()).device
    with evaluating(loaded.model):
        mu = loaded.model.encode(torch.from_numpy(ids.astype(np.int64)).to(device)).mu
    rebuilt = zip(texts_of(loaded, ids), write_texts(loaded, mu), strict=True)
    walks = walk_between(loaded, sentences, num_pairs=num_walks, num_steps=num_steps, seed=seed)
    samples = sample_texts(loaded, count, temperature=0.0, seed=seed)
    return Examples(samples, list(rebuilt), [[text for text, _ in groupby(walk)] for walk in walks])
