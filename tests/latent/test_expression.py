import numpy as np
import pytest
from hypothesis import given

from seqvae.latent.bands.feel import loudness
from seqvae.latent.expression import (
    bars_between,
    blend_feel,
    blend_tempi,
    tempo_map_of,
    tempo_profile,
)
from seqvae.midi.notes import Note, Score, Tempo, Track
from seqvae.midi.quantize import bars_of, lay_bars
from seqvae.tokens.melody import MelodyTokenizer
from tests.latent.making import tune, tunes

TOKENIZER = MelodyTokenizer()


def test_silence_takes_the_loudness_of_the_nearest_note():
    """Rests are as loud as the note before or after, whichever is nearer; among equals the one before."""
    notes = (Note(240, 480, 60, 50), Note(960, 1080, 62, 90))
    clip = TOKENIZER.encode(Score((Track(notes),), end_tick=1920))

    assert loudness(clip.velocities).tolist() == [50] * 6 + [90] * 10


@given(tunes())
def test_sounding_steps_keep_their_loudness(score):
    """Where a note sounds the profile is its velocity."""
    clip = TOKENIZER.encode(score)
    sounds = clip.velocities > 0

    assert np.array_equal(loudness(clip.velocities)[sounds], clip.velocities[sounds])


def test_half_way_between_60_and_240_is_120():
    """Tempi are blended by ratio."""
    profiles = [tempo_profile(score, bars_of(score)) for score in (tune(60, bpm=60), tune(60, bpm=240))]

    assert 60e6 / blend_tempi(*profiles, 0.5)[0] == pytest.approx(120)


def test_tempo_of_a_bar_makes_it_last_as_long():
    """A bar at 120 whose second half is at 60 lasts 3 seconds, as at 80."""
    score = Score(
        (Track((Note(0, 3840, 60, 80),)),), (Tempo(0, 500_000), Tempo(960, 1_000_000)), end_tick=3840
    )
    bars = bars_of(score)

    assert tempo_profile(score, bars).tolist() == [750_000, 1_000_000]
    assert tempo_map_of(tempo_profile(score, bars), bars) == (Tempo(0, 750_000), Tempo(1920, 1_000_000))


def test_velocities_are_blended_step_by_step():
    """A quarter of the way from 40 to 80 is 50."""
    assert blend_feel({"v": np.array([40.0])}, {"v": np.array([80.0])}, 0.25)["v"].tolist() == [50]


@given(tunes())
def test_common_bars_are_kept_whatever_is_decoded(score):
    """Where both inputs have the same bar, no decoded padding changes it."""
    bars = bars_of(score)

    assert bars_between(np.zeros((len(bars) * 16, 1)), bars, bars) == lay_bars(bars)


def test_padding_decides_between_different_bars():
    """Between 4/4 and 3/4 a bar has the length its padding says."""
    four, three = bars_of(tune(60, 60, steps=16)), bars_of(tune(60, 60, 60, 60, steps=6, metre=(3, 4)))
    ids = np.array([[2] * 16, [2] * 12 + [0] * 4]).reshape(-1, 1)

    bars = bars_between(ids, four, three)
    assert [(bar.start_tick, bar.num_steps, bar.metre[1:]) for bar in bars] == [
        (0, 16, (4, 4)),
        (1920, 12, (3, 4)),
    ]
