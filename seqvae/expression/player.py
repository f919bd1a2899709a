"""The model of expression plays the hits of a score."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from seqvae.checkpoint import CONFIG_NAME, WEIGHTS_NAME, hash_files
from seqvae.expression.grid import Grid, Playing
from seqvae.expression.model import NUM_VALUES, ExpressionModel, Played
from seqvae.expression.noise import logistic_noise
from seqvae.expression.storage import load_expression
from seqvae.tokens.drum_decode import classes_of
from seqvae.tokens.drums import DrumClip
from seqvae.tokens.melody_decode import STEPS_PER_BAR

BARS_OF_FEEL = 4  # as long as the model was trained on


class ModelPlayer:
    """Plays scores with one feel: that of an example, or one drawn where those of the data lie."""

    def __init__(
        self, model: str | Path, *, temperature: float, seed: int, example: Grid | None = None
    ) -> None:
        """Load a model of expression by name or folder."""
        loaded = load_expression(model)
        self.files = hash_files(loaded.folder, (CONFIG_NAME, WEIGHTS_NAME))  # of each file its sha256
        self._model = loaded.model
        self._temperature = temperature
        self._generator = torch.Generator().manual_seed(seed)
        drawn = torch.randn(1, self._model.config.feel_size, generator=self._generator)
        self._feel = (
            self._model.feels(temperature * drawn)
            if example is None
            else feel_of_clips(self._model, example.clips)
        )

    def __call__(self, grid: Grid) -> list[Playing]:
        """Play each run of bars, all with the same feel."""
        return [self._play(clip) for clip in grid.clips]

    def _play(self, clip: DrumClip) -> Playing:
        hits = torch.from_numpy(classes_of(clip.ids[:, 0]))[None]
        noise = logistic_noise((1, len(clip.ids), NUM_VALUES), self._generator)
        played = self._model.play(self._feel, hits, temperature=self._temperature, noise=noise)
        return Playing(*(part[0].numpy().astype(np.float64) for part in (played.velocities, played.offsets)))


@torch.no_grad()
def feel_of_clips(model: ExpressionModel, clips: Sequence[DrumClip]) -> Tensor:
    """Return the feel of clips, `(1, feel)`: the mean over parts as long as in training, by their hits."""
    parts = [
        clip.window(bar, BARS_OF_FEEL) for clip in clips for bar in range(0, len(clip.bars), BARS_OF_FEEL)
    ]
    heard = [played_clip(part) for part in parts]
    weights = torch.tensor([float(played.hits.sum()) for played in heard])[:, None]
    means = torch.cat([model.encode(played).mu for played in heard])
    return (weights * means).sum(dim=0, keepdim=True) / weights.sum()


def played_clip(clip: DrumClip) -> Played:
    """Return a clip as a batch of one."""
    assert len(clip.ids) % STEPS_PER_BAR == 0
    return Played(
        torch.from_numpy(classes_of(clip.ids[:, 0]))[None],
        torch.from_numpy(clip.velocities.astype(np.int64))[None],
        torch.from_numpy(clip.offsets.astype(np.int64))[None],
    )
