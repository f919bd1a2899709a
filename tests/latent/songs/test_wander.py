"""Pieces longer than a window."""

import numpy as np
import pytest
import torch

from seqvae.errors import ConfigError
from seqvae.latent.bands.melody import MelodyBand
from seqvae.latent.bounds import scale_bounds
from seqvae.latent.load import load
from seqvae.latent.mixture import Mixture
from seqvae.latent.music import MusicModel
from seqvae.latent.songs.wander import wander
from seqvae.midi.quantize import bars_of
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.melody_decode import FIRST_NOTE, VOCAB_SIZE
from tests.latent.making import Echo, save_debug_model

FREE = scale_bounds(MEANINGS["melody"], VOCAB_SIZE, None)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> MusicModel:
    """Load a model of two bars from its folder."""
    return load(save_debug_model(tmp_path_factory.mktemp("model") / "debug"))


@pytest.mark.parametrize("num_bars", [1, 2, 9, 24])
def test_pieces_have_as_many_bars_as_asked_for(model, num_bars):
    """Shorter and longer than the window, and no multiple of it."""
    clips = model.sample(2, bars=num_bars)

    assert [len(bars_of(score)) for score in clips.scores] == [num_bars] * 2
    assert [one.num_bars for one in clips.report.samples] == [num_bars] * 2


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_longer_piece_begins_with_the_shorter(model, temperature):
    """Neither the length nor the number of pieces changes what was there."""
    short, long = (
        model.sample(number, bars=bars, seed=4, temperature=temperature, prior="normal").scores[0]
        for number, bars in ((1, 7), (3, 19))
    )
    end = short.end_tick

    assert [n for n in long.tracks[0].notes if n.start < end - 960] == [
        n for n in short.tracks[0].notes if n.start < end - 960
    ]
    assert short.metres == long.metres[:1]


def test_seed_decides(model):
    """The same seed gives the same piece, another one another."""
    one, same, other = (model.sample(1, bars=6, seed=seed).scores for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_windows_between_points_lie_between_them():
    """A model that writes z as it is: every fourth window is a drawn point, the others mix."""
    chosen = torch.full((2, 16), float(FIRST_NOTE + 60))
    chosen[1] += 20
    prior = Mixture(torch.tensor([0.5, 0.5]), chosen, torch.zeros(2, 16, 16))
    band = MelodyBand(MelodyTokenizer())
    found = set()
    for seed in range(8):
        chance = torch.Generator().manual_seed(seed)
        piece = wander(Echo(1), band, prior, 9, temperature=0.0, generator=chance, bounds=FREE)
        pitches = [note.pitch for note in piece.written.score.tracks[0].notes]
        found.add(tuple(np.array(pitches).reshape(9, 16)[:5, 0].tolist()))

    assert found == {(60,) * 5, (80,) * 5, (60, 65, 70, 75, 80), (80, 75, 70, 65, 60)}


def test_metre_of_the_first_window_stays():
    """Points in 3/4 and 4/4 are drawn; a piece has one metre from beginning to end."""
    waltz, march = torch.full((2, 16), float(FIRST_NOTE + 60))
    waltz[12:] = 0
    prior = Mixture(torch.tensor([0.5, 0.5]), torch.stack([waltz, march]), torch.zeros(2, 16, 16))
    band = MelodyBand(MelodyTokenizer())
    pieces = [
        wander(Echo(1), band, prior, 12, temperature=0.0, generator=chance, bounds=FREE)
        for chance in (torch.Generator().manual_seed(seed) for seed in range(8))
    ]

    assert {piece.written.score.metres for piece in pieces} == {((0, 3, 4),), ((0, 4, 4),)}
    assert not any(piece.written.mended.lines() for piece in pieces)


@pytest.mark.parametrize("bars", [0, 1001])
def test_lengths_without_sense_are_refused(model, bars):
    """From one bar to half an hour."""
    with pytest.raises(ConfigError, match=f"bars is {bars}; choose 1 to 1000"):
        model.sample(1, bars=bars)


def test_scale_holds_for_pieces_too(model):
    """No pitch outside it, however long the piece."""
    clips = model.sample(1, bars=9, scale="C major", prior="normal")

    assert clips.scores[0].tracks[0].notes
    assert {note.pitch % 12 for note in clips.scores[0].tracks[0].notes} <= {0, 2, 4, 5, 7, 9, 11}
