"""Samples, reconstructions and walks to read, drawn by a seed and not chosen by anyone."""

from typing import NamedTuple

import numpy as np

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.measure import choose_windows
from seqvae.evaluation.text.samples import sample_texts
from seqvae.evaluation.text.sentences import texts_of
from seqvae.evaluation.text.walks import Walk
from seqvae.evaluation.text.writing import posterior_means, write_texts
from seqvae.evaluation.walks import draw_pairs
from seqvae.latent.decoding.rules import SAMPLING
from seqvae.latent.text.model import TextModel


class Examples(NamedTuple):
    """What a model writes."""

    samples: list[str]
    reconstructions: list[tuple[str, str]]  # a held-out sentence, and what the model makes of it
    walks: list[Walk]  # without steps equal to the one before


def draw_examples(
    loaded: LoadedModel, sentences: WindowSet, *, count: int, num_walks: int, num_steps: int, seed: int
) -> Examples:
    """Draw `count` samples and reconstructions at mu, and walks of two held-out sentences.

    Samples are those of `seqvae sample`, walks those of `seqvae interpolate`; reconstructions are greedy.
    """
    chosen = choose_windows(np.arange(len(sentences)), count, seed=seed)
    ids = sentences.windows(chosen)
    rebuilt = zip(texts_of(loaded, ids), write_texts(loaded, posterior_means(loaded, ids)), strict=True)
    model = TextModel(loaded, name=loaded.folder.name)
    pairs = draw_pairs(sentences, num_walks, np.random.default_rng(seed))
    ends = zip(*(texts_of(loaded, ids) for ids in pairs), strict=True)
    walks = [model.interpolate(*pair, steps=num_steps).texts for pair in ends]
    samples = sample_texts(loaded, count, decoding=SAMPLING, seed=seed)
    return Examples(samples, list(rebuilt), walks)
