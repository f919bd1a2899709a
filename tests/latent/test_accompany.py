import pytest

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.replay import replay
from seqvae.latent.scales import read_scale
from seqvae.latent.walk import WalkOptions
from seqvae.midi.check import check_score
from tests.latent.making import CLIPS, echo_model, tune
from tests.latent.test_bands import save_band_model, song

LINE = tune(*[60, 62, 64, 65] * 2, name="Lead", program=73)


@pytest.fixture(scope="module")
def trio(tmp_path_factory) -> MusicModel:
    """Load the smallest real model of a trio."""
    return load(save_band_model(tmp_path_factory.mktemp("trio"), "trio"))


@pytest.fixture(scope="module")
def band(trio):
    """Accompany a melody twice, hotly."""
    return trio.accompany(LINE, 2, temperature=1.0)


def test_given_voices_are_kept_note_for_note(band):
    """The song's own track stands in every result, with the two voices that were missing."""
    for score in band.scores:
        assert score.tracks[0] == LINE.tracks[0]
        assert [track.name for track in score.tracks] == ["Lead", "Bass", "Drums"]
        assert all(track.notes for track in score.tracks)
        check_score(score)
    assert band.scores[0] != band.scores[1]


def test_each_accompaniment_depends_on_seed_and_number_alone(trio, band):
    """More of them begin with the same ones, another seed with others."""
    assert trio.accompany(LINE, 1, temperature=1.0).scores[0] == band.scores[0]
    assert trio.accompany(LINE, 1, temperature=1.0, seed=1).scores[0] != band.scores[0]


def test_report_counts_notes_by_voice(band):
    """For people as a table, for programs as numbers."""
    told = band.report.as_dict()

    assert told["accompaniments"][0]["num_notes"]["melody"] == 8
    assert told["bounds"]["voices"] == ["melody"]
    assert band.names == ("accompaniment-01", "accompaniment-02")
    assert "melody: that of Lead throughout" in band.report.lines()


def test_what_is_written_is_as_loud_as_what_is_there(trio):
    """Voices that were missing take their loudness from the song's own."""
    (score,) = trio.accompany(tune(*[60] * 8, velocity=33), 1, temperature=1.0).scores

    assert {note.velocity for track in score.tracks for note in track.notes} == {33}


def test_a_voice_may_be_written_anew(trio):
    """Drums wished away are written again, beside melody and bass as they were, within the scale."""
    score = song("melody", "bass", "drums")
    options = WalkOptions(tracks="bass=none", scale="C major")
    (clip,) = trio.accompany(score, 1, temperature=2.0, options=options).scores

    assert (clip.tracks[0], clip.tracks[2]) == (score.tracks[0], score.tracks[2])
    assert all(read_scale("C major").holds(note.pitch) for note in clip.tracks[1].notes)


def test_longer_songs_are_accompanied_in_windows(trio):
    """Five bars through a model of two: the melody stays whole, and the rest goes on to the end."""
    long = tune(*[60, 64, 67, 72] * 5, name="Long")
    (score,) = trio.accompany(long, 1, temperature=1.0).scores

    assert score.tracks[0] == long.tracks[0]
    assert score.end_tick == long.end_tick
    assert max(note.start for note in score.tracks[2].notes) >= 4 * 1920


def test_replay_makes_it_again(trio, tmp_path):
    """The record holds all that it takes."""
    path = CLIPS / "twinkle.mid"
    trio.accompany(path, 2, options=WalkOptions(scale="auto")).write(tmp_path)

    assert replay(tmp_path / "accompaniment-02.mid", [path], model=trio.name).is_same


def test_nothing_missing_is_refused(trio):
    """The message tells how to leave a voice out."""
    with pytest.raises(TokenError, match="has all voices; leave out those to write anew"):
        trio.accompany(song("melody", "bass", "drums"))


def test_only_trios_are_filled_in(tmp_path):
    """A model of melodies has nothing to fill in."""
    with pytest.raises(ConfigError, match="choose one of trios"):
        echo_model(tmp_path).accompany(LINE)


@pytest.mark.parametrize("options", [{"keep": "melody"}, {"lock_bars": "1"}, {"refine": 5}])
def test_options_without_meaning_are_refused(trio, options):
    """What is there stays anyway, and z is not refined."""
    with pytest.raises(ConfigError, match="says nothing to accompany"):
        trio.accompany(LINE, options=WalkOptions(**options))
