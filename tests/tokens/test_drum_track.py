import pytest

from seqvae.errors import TokenError
from seqvae.midi.notes import Note, Score, Track
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.drum_track import choose_drums, find_drums


def line(*pitches: int, **traits) -> Track:
    """Return a track that plays pitches one after another."""
    return Track(tuple(Note(240 * i, 240 * i + 120, pitch, 80) for i, pitch in enumerate(pitches)), **traits)


BEAT = (36, 42, 38, 42)


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([line(60), line(*BEAT, is_drum=True)], (1,)),
        ([line(36, is_drum=True), line(60), line(38, is_drum=True)], (0, 2)),
        ([line(36, is_drum=True), line(*BEAT, name="Drums")], (0,)),
        ([line(60), line(*BEAT, name="Drum Kit 2")], (1,)),
        ([line(*BEAT, name="Percussive Organ"), line(60, 64, name="Drums")], None),
        ([line(*BEAT, name="Drums", program=116)], None),
        ([line(42, 42, name="drums")], None),
        ([line(*BEAT)], None),
        ([], None),
    ],
    ids=["channel", "channels", "channel first", "name", "range", "taiko", "no core", "no name", "no tracks"],
)
def test_drums_are_on_channel_10_or_clearly_so(tracks, expected):
    """Channel 10 decides; elsewhere name, program and notes must all agree."""
    choice = find_drums(Score(tuple(tracks)), DrumMap())

    assert (choice.track_indices if choice else None) == expected


@pytest.mark.parametrize(("track", "expected"), [(1, (0,)), ("2", (1,)), ("snare", (1,)), ("hat", (0, 2))])
def test_asked_for_tracks_are_taken(track, expected):
    """A number names one track, a part of a name all that hold it, on whatever channel."""
    tracks = (line(42, name="hats"), line(38, name="Snare"), line(46, name="open hat"))

    assert choose_drums(Score(tracks), DrumMap(), track).track_indices == expected


def test_reason_is_in_words():
    """The choice says which tracks and why."""
    tracks = (line(36, is_drum=True, name="Kick"), line(60), line(38, is_drum=True))

    assert (
        choose_drums(Score(tracks), DrumMap()).reason == 'tracks 1 "Kick", 3 without a name of 3: channel 10'
    )


@pytest.mark.parametrize(
    ("track", "message"),
    [
        (None, 'no drums to encode: no track on channel 10 and none that is clearly drums among 1 "Flute"'),
        (2, 'track 2 does not exist or is empty; choose from 1 "Flute"'),
        ("kit", "track 'kit' does not exist"),
    ],
)
def test_a_piece_without_drums_is_refused(track, message):
    """The error lists what there is."""
    with pytest.raises(TokenError, match=message):
        choose_drums(Score((line(60, name="Flute"),)), DrumMap(), track)
