"""Walk a model between pairs of held-out clips, beside blends that know nothing of music."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from seqvae.dataset.shards import WindowSet
from seqvae.errors import DataError
from seqvae.evaluation.interpolation import PathCurves, blend_steps, describe_paths
from seqvae.evaluation.measure import evaluating
from seqvae.evaluation.ngram import NGramModel
from seqvae.evaluation.noise import Purpose, gumbel_noise
from seqvae.latent.codec import Drawing, decode_windows, encode_windows
from seqvae.latent.paths import slerp
from seqvae.model.vae import SequenceVAE

Ids = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

JUDGE_WINDOWS = 20_000  # of the train split; more change the cost of held-out music by little


class Pairs(NamedTuple):
    """Clips to walk between."""

    start: Ids  # (pairs, time, voices)
    end: Ids  # (pairs, time, voices)


def compare_walks(
    model: SequenceVAE, train: WindowSet, test: WindowSet, *, num_pairs: int, num_points: int, seed: int
) -> dict[str, PathCurves]:
    """Describe walks of the model (slerp, T = 0.5, as Roberts et al. 2018) and blends of the same pairs."""
    generator = np.random.default_rng(seed)
    pairs = draw_pairs(test, num_pairs, generator)
    alphas = np.linspace(0, 1, num_points)
    chosen = np.sort(generator.permutation(len(train))[:JUDGE_WINDOWS])
    judge = NGramModel(train.windows(chosen)[..., 0], vocab_size=model.config.vocab_size)
    paths = {
        "model": walk_pairs(model, pairs, alphas, temperature=0.5, seed=seed),
        "blend": blend_steps(pairs.start, pairs.end, alphas, generator),
    }
    return {name: describe_paths(path, *pairs, alphas, judge) for name, path in paths.items()}


def draw_pairs(windows: WindowSet, num_pairs: int, generator: np.random.Generator) -> Pairs:
    """Draw clips at random, the two of a pair from different pieces."""
    if len(np.unique(windows.pieces)) < 2:
        raise DataError("pairs need windows of two pieces or more")
    first = generator.integers(len(windows), size=num_pairs)
    second = generator.integers(len(windows), size=num_pairs)
    while (same := windows.pieces[first] == windows.pieces[second]).any():
        second[same] = generator.integers(len(windows), size=int(same.sum()))
    return Pairs(windows.windows(first), windows.windows(second))


def walk_pairs(model: SequenceVAE, pairs: Pairs, alphas: Floats, *, temperature: float, seed: int) -> Ids:
    """Write the points between the posterior means of each pair, `(pairs, points, time, voices)`.

    All points of a walk share their noise, so that they differ because z does.
    """
    num_pairs, *shape = pairs.start.shape
    noise = gumbel_noise(
        range(num_pairs), (*shape, model.config.vocab_size), purpose=Purpose.SAMPLING, seed=seed
    )
    with evaluating(model):
        start, end = (encode_windows(model, clips).mu for clips in pairs)
        z = torch.cat([slerp(start, end, float(alpha)) for alpha in alphas])  # (points * pairs, latent)
        ids = decode_windows(model, z, Drawing(temperature, torch.from_numpy(noise)))
    return ids.reshape(len(alphas), num_pairs, *shape).swapaxes(0, 1)
