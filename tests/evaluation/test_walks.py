import numpy as np
import pytest
import torch

from seqvae.errors import DataError
from seqvae.evaluation.walks import Pairs, compare_walks, draw_pairs, walk_pairs
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from tests.evaluation.making import random_ids, window_set

WINDOWS = window_set(random_ids(0, num_windows=24, vocab_size=131))


@pytest.fixture(scope="module")
def model() -> SequenceVAE:
    """Make a small model that never learned anything."""
    torch.manual_seed(0)
    return SequenceVAE(preset("debug").model).eval()


def test_pairs_come_from_different_pieces():
    """Nobody walks from a piece to itself."""
    pairs = draw_pairs(WINDOWS, 200, np.random.default_rng(0))
    piece_of = {WINDOWS.window(index).tobytes(): piece for index, piece in enumerate(WINDOWS.pieces)}

    assert all(
        piece_of[a.tobytes()] != piece_of[b.tobytes()] for a, b in zip(pairs.start, pairs.end, strict=True)
    )


def test_one_piece_is_not_enough():
    """A split of one piece has no pairs, and waiting for one would never end."""
    with pytest.raises(DataError, match="pairs need windows of two pieces or more"):
        draw_pairs(window_set(random_ids(0, num_windows=3)), 1, np.random.default_rng(0))


def test_a_walk_between_equal_clips_stands_still(model):
    """Where both ends are the same z, the shared noise writes the same clip at every point."""
    clips = WINDOWS.windows(np.arange(5))
    paths = walk_pairs(model, Pairs(clips, clips), np.linspace(0, 1, 4), temperature=0.5, seed=0)

    assert paths.shape == (5, 4, 32, 1)
    assert (paths == paths[:, :1]).all()


def test_walks_stand_beside_blends(model):
    """Both are described by the same curves; the blend starts at A."""
    curves = compare_walks(model, WINDOWS, WINDOWS, num_pairs=20, num_points=5, seed=0)

    assert set(curves) == {"model", "blend"}
    assert curves["blend"].distance_to_start[0] == 0
    assert curves["model"].relative_cost[[0, -1]] == pytest.approx([1, 1])
