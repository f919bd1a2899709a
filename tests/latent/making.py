"""Models and clips for the tests of this folder: one that forgets nothing, and the smallest real one."""

from pathlib import Path

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from seqvae.checkpoint import LoadedModel, save_model
from seqvae.config import ModelConfig
from seqvae.latent.music import MusicModel
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import steps_of_metre
from seqvae.model.encoder import Posterior
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.melody_decode import TICKS_PER_STEP, VOCAB_SIZE

CLIPS = Path(__file__).parent.parent.parent / "data" / "clips"


class Echo(nn.Module):
    """A perfect autoencoder: z holds one id per dimension, so what comes out is known beforehand."""

    def __init__(self, bars: int = 2) -> None:
        super().__init__()
        self.config = ModelConfig(vocab_size=VOCAB_SIZE, bars=bars, latent_size=bars * 16)
        self.nothing = nn.Parameter(torch.zeros(1))

    def encode(self, ids: Tensor) -> Posterior:
        """Take the ids for z."""
        z = ids[..., 0].float()
        return Posterior(z, torch.zeros_like(z))

    def decode(self, z: Tensor, inputs: Tensor) -> Tensor:  # noqa: D102  # as SequenceVAE
        assert inputs.shape[:2] == z.shape
        return -((z[..., None] - torch.arange(VOCAB_SIZE)) ** 2)[:, :, None] / 100

    def generate(
        self,
        z: Tensor,
        *,
        temperature: float = 0.0,
        noise: Tensor | None = None,
        allowed: Tensor | None = None,
    ) -> Tensor:
        """Write the id next to each dimension of z."""
        logits = self.decode(z, z[..., None])
        if allowed is not None:
            logits = logits.masked_fill(~allowed, -torch.inf)
        if noise is not None:
            logits = logits / temperature + noise
        return logits.argmax(dim=-1)


def echo_model(folder: Path, bars: int = 2) -> MusicModel:
    """Return a music model that forgets nothing."""
    return MusicModel(LoadedModel(Echo(bars).eval(), MelodyTokenizer(), folder), name="echo")


def save_debug_model(folder: Path) -> Path:
    """Save the smallest preset with its first weights: real in all but what it says."""
    torch.manual_seed(0)
    save_model(folder, SequenceVAE(preset("debug").model), MelodyTokenizer())
    return folder


def tune(
    *pitches: int | None,
    metre: tuple[int, int] = (4, 4),
    steps: int = 4,
    name: str = "Tune",
    program: int = 0,
    bpm: float = 120,
    velocity: int = 80,
) -> Score:
    """Return notes of `steps` sixteenths one after the other, None for a rest, up to a bar line."""
    length = steps * TICKS_PER_STEP
    starts = [i * length for i in range(len(pitches))]
    notes = [Note(t, t + length, p, velocity) for t, p in zip(starts, pitches, strict=True) if p is not None]
    bar = steps_of_metre(Metre(0, *metre)) * TICKS_PER_STEP
    return Score(
        (Track(tuple(notes), name=name, program=program),),
        tempi=(Tempo(0, round(60e6 / bpm)),),
        metres=(Metre(0, *metre),),
        end_tick=-(-len(pitches) * length // bar) * bar,
    )


@st.composite
def tunes(draw: st.DrawFn) -> Score:
    """Draw a tune of one to five bars in a metre that fits."""
    metre = draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (2, 4)]))
    units = draw(st.lists(st.none() | st.integers(0, 127), min_size=1, max_size=40))
    units[draw(st.integers(0, len(units) - 1))] = draw(st.integers(0, 127))
    return tune(
        *units, metre=metre, steps=2, program=draw(st.integers(0, 127)), bpm=draw(st.integers(30, 300))
    )


def same_music(one: Score, other: Score) -> bool:
    """Compare what sounds."""
    return [track.notes for track in one.tracks] == [track.notes for track in other.tracks]


def random_ids(seed: int, num_bars: int) -> np.ndarray:
    """Return ids `(num_bars * 16, 1)` of a full 4/4 grid."""
    return np.random.default_rng(seed).integers(1, VOCAB_SIZE, (num_bars * 16, 1)).astype(np.int16)
