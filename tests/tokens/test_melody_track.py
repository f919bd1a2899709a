import pytest

from seqvae.errors import TokenError
from seqvae.midi.notes import Note, Score, Track
from seqvae.tokens.melody_track import choose_track


def line(pitch: int, *, every: int = 240, voices: int = 1, **traits) -> Track:
    """Return a track of four bars that plays `voices` notes at once from `pitch` up."""
    notes = [Note(t, t + 240, pitch + 4 * v, 80) for t in range(0, 7680, every) for v in range(voices)]
    return Track(tuple(notes), **traits)


def choice(*tracks: Track, track: int | str | None = None) -> int:
    """Return the place of the chosen track."""
    return choose_track(Score(tracks, end_tick=7680), track).track_index


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([line(67), line(67, name="Vocals")], 1),
        ([line(60, name="Bass"), line(60)], 1),
        ([line(60, program=33), line(60)], 1),
        ([line(60, voices=3), line(60)], 1),
        ([line(36), line(60)], 1),
        ([line(60, every=7680), line(60)], 1),
        ([line(60, is_drum=True, name="melody"), line(60, voices=3)], 1),
        ([Track((), name="MELODY"), line(60)], 1),
        ([line(60), line(60)], 0),
        ([line(60, name="Bassoon"), line(60, voices=2)], 0),
    ],
    ids=[
        "name",
        "bass",
        "bass program",
        "polyphony",
        "register",
        "coverage",
        "drums",
        "empty",
        "tie",
        "bassoon",
    ],
)
def test_melody_track_is_the_best_by_the_rule(tracks, expected):
    """Name, polyphony, register and coverage each tell a melody from its accompaniment."""
    assert choice(*tracks) == expected


@pytest.mark.parametrize(
    ("track", "expected"), [(1, 0), ("2", 1), ("flute", 1), ("VIOLIN", 2), ("viol", 3)], ids=str
)
def test_asked_for_track_is_taken(track, expected):
    """A number counts from 1; a name may be in any case or a part of one, and the rule chooses of several."""
    tracks = [line(30, name="Pad"), line(60, name="Flute"), line(30, name="Violin"), line(60, name="Viola")]

    assert choice(*tracks, track=track) == expected


def test_reason_is_in_words():
    """The choice says why."""
    tracks = (line(40, name="Bass"), line(67, name="Vocals"))

    assert choose_track(Score(tracks, end_tick=7680)).reason == (
        'track 2 of 2, "Vocals": its name says melody, 100% of its time one note at once, mean pitch 67,'
        " notes in 100% of the bars"
    )
    assert choose_track(Score(tracks), "bass").reason == 'track 1 of 2, "Bass": asked for'


@pytest.mark.parametrize(
    ("track", "why"),
    [
        (5, "5 does not exist"),
        (0, "0 does not exist"),
        ("oboe", "'oboe' does not exist"),
        (2, "2 is drums"),
        (3, "3 has no"),
    ],
    ids=str,
)
def test_wrong_track_lists_the_right_ones(track, why):
    """A track that is not there, or not a melody, is answered with those that are."""
    tracks = [line(60, name="Flute"), line(36, is_drum=True), Track(()), line(48)]

    with pytest.raises(TokenError, match=rf'track {why}.*; choose from 1 "Flute", 4 without a name'):
        choice(*tracks, track=track)


@pytest.mark.parametrize(
    ("tracks", "what"),
    [([line(36, is_drum=True)], "only drums"), ([Track(())], "no notes"), ([], "no notes")],
)
def test_piece_without_melody_is_refused(tracks, what):
    """Drums alone or silence are no melody."""
    with pytest.raises(TokenError, match=f"no melody to encode: the piece has {what}"):
        choice(*tracks)


def test_of_very_many_tracks_the_first_are_named():
    """A message about a file of thousands of tracks stays a line that people read."""
    with pytest.raises(TokenError, match=r"from 1 without a name, .*, 24 without a name and 9976 more$"):
        choose_track(Score((line(60),) * 10_000, end_tick=7680), "Flute")
