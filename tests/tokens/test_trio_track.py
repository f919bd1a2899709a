import pytest

from seqvae.errors import TokenError
from seqvae.midi.notes import Note, Score, Track
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.trio_track import choose_trio


def line(pitch: int, *, voices: int = 1, every: int = 240, **traits) -> Track:
    """Return a track of four bars that plays `voices` notes at once from `pitch` up."""
    notes = [Note(t, t + 240, pitch + 4 * v, 80) for t in range(0, 7680, every) for v in range(voices)]
    return Track(tuple(notes), **traits)


KIT = line(36, is_drum=True)


def choice(*tracks: Track, **wishes):
    """Return the places of melody, bass and drums."""
    return tuple(choose_trio(Score(tracks, end_tick=7680), DrumMap(), wishes).tracks.values())


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([KIT, line(40, program=33), line(72)], ((2,), (1,), (0,))),
        ([line(72), line(40, name="Synth Bass", program=81)], ((0,), (1,), ())),
        ([line(72), line(36, program=30)], ((0,), (1,), ())),
        ([line(72), line(36, voices=3)], ((0,), (), ())),
        ([line(36)], ((0,), (), ())),
        ([line(36, name="Bass")], ((), (0,), ())),
        ([line(72), line(40, name="Bassoon"), line(41, name="bass")], ((0,), (2,), ())),
        ([line(72, name="Bass flute")], ((0,), (), ())),
        ([line(72), line(40, program=33, every=3840), line(40, program=33)], ((0,), (2,), ())),
        ([KIT], ((), (), (0,))),
        ([line(36, is_drum=True), line(38, is_drum=True), line(72)], ((2,), (), (0, 1))),
    ],
    ids=[
        "all",
        "name",
        "low and single",
        "low chords",
        "alone",
        "bass alone",
        "bassoon",
        "too high",
        "coverage",
        "drums only",
        "two kits",
    ],
)
def test_voices_are_chosen_by_the_rule(tracks, expected):
    """Name, program, register and polyphony tell the bass; the melody is the best of what is left."""
    assert choice(*tracks) == expected


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"melody": 2}, ((1,), (3,), (0,))),
        ({"bass": "flute"}, ((2,), (1,), (0,))),
        ({"bass": "none"}, ((1,), (), (0,))),
        ({"drums": "None", "melody": "2"}, ((1,), (3,), ())),
        ({"drums": 3}, ((1,), (3,), (2,))),
    ],
    ids=str,
)
def test_wishes_come_first(wishes, expected):
    """What is asked for is taken, and no other voice takes it."""
    tracks = (KIT, line(72, name="Flute"), line(60, voices=3, name="Piano"), line(40, name="Bass"))

    assert choice(*tracks, **wishes) == expected


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"chords": 1}, "no voice 'chords' in a trio; choose from melody, bass, drums"),
        ({"bass": 1}, 'track 1 cannot be the bass; choose from 2 "Flute"'),
        ({"melody": "oboe"}, "track 'oboe' cannot be the melody"),
        ({"drums": 7}, "track 7 does not exist"),
        ({"melody": "none", "bass": "none", "drums": "none"}, "no melody, bass or drums to encode"),
    ],
    ids=str,
)
def test_wrong_wishes_are_told(wishes, message):
    """A wish that cannot be met lists what there is."""
    with pytest.raises(TokenError, match=message):
        choice(KIT, line(72, name="Flute"), **wishes)


def test_reasons_are_in_words():
    """Each voice says which track it took and why."""
    reasons = choose_trio(Score((KIT, line(72), line(40, program=33)), end_tick=7680), DrumMap()).reasons

    assert reasons["bass"] == "track 3 of 3, without a name: its name or program says bass, mean pitch 40"
    assert reasons["drums"] == "track 1 without a name of 3: channel 10"
    assert reasons["melody"] == "track 2 of 3, without a name: the only one left"
