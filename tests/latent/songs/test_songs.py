"""Whole songs through a model that forgets nothing, so that what comes out is known beforehand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqvae.latent.walk import WalkOptions
from seqvae.midi.changes import only_changes
from tests.latent.making import echo_model, same_music
from tests.latent.songs.making import songs


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return models of one to four bars that forget nothing."""
    folder = tmp_path_factory.mktemp("echo")
    return [echo_model(folder, bars) for bars in range(1, 5)]


@settings(max_examples=25)
@given(songs(), st.integers(0, 3), st.integers(0, 3))
def test_whole_songs_come_back(models, song, which, overlap):
    """Every note, held over joins or not, comes back once, with metres and tempi where they were."""
    clips = models[which].reconstruct(song, options=WalkOptions(overlap=overlap))

    for score in clips.scores:
        assert same_music(score, song)
        assert (score.metres, score.end_tick) == (song.metres, song.end_tick)
        assert score.tempi == only_changes(song.tempi)


@settings(max_examples=10)
@given(songs(), st.integers(0, 3), st.floats(0, 3))
def test_shared_bars_share_their_chance(models, song, which, temperature):
    """At a temperature too, windows that share bars tell the same story: nothing depends on the overlap."""
    whole, apart = (
        models[which].reconstruct(song, temperature=temperature, seed=5, options=WalkOptions(overlap=overlap))
        for overlap in (2, 0)
    )

    assert same_music(whole.scores[1], apart.scores[1])
