import io

import pretty_midi
import pytest
from hypothesis import given

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.text import clean_text, decode_text
from tests.midi.building import END, MIDDLE_C, smf, texts


def test_all_kinds_of_source_give_the_same_score(tmp_path):
    """Path, string, bytes, open file, Score and PrettyMIDI are one."""
    data = smf(MIDDLE_C + END)
    path = tmp_path / "c.mid"
    path.write_bytes(data)
    expected = Score((Track((Note(0, 480, 60, 100),)),), end_tick=480)

    assert read_score(data) == expected
    assert read_score(path) == expected
    assert read_score(str(path)) == expected
    assert read_score(io.BytesIO(data)) == expected
    assert read_score(expected) is expected
    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data))) == expected


def test_other_objects_are_a_type_error():
    """A list is a programmer's mistake, not a user's."""
    with pytest.raises(TypeError, match="no music in a list"):
        read_score([60, 62])


def test_type_0_comes_apart_by_channel():
    """One Score track for each channel, drums on channel 10, all under the name of the track."""
    track = (
        "00 ff 03 04 53 6f 6e 67"  # track name "Song"
        "00 c1 21  00 c0 05"  # program 33 on channel 2, program 5 on channel 1
        "00 99 24 64  00 91 24 50  00 90 3c 64"  # kick, bass, melody
        "60 89 24 00  00 81 24 00  00 80 3c 00" + END
    )

    score = read_score(smf(track, file_type=0))

    assert [(part.name, part.program, part.is_drum) for part in score.tracks] == [
        ("Song", 5, False),
        ("Song", 33, False),
        ("Song", 0, True),
    ]


def test_the_program_in_force_at_the_first_note_counts():
    """An early change in another track holds, the track's own wins, a later one changes nothing."""
    setup = "00 c0 05  00 c1 06  60 c0 09" + END
    own = "00 c1 07  00 91 3c 64  60 81 3c 00  00 c1 08" + END

    tracks = read_score(smf(setup, MIDDLE_C + END, own)).tracks

    assert [track.program for track in tracks] == [5, 7]


def test_maps_are_merged_from_all_tracks():
    """Tempi and metres may stand anywhere; the last at a tick wins; something holds from tick 0."""
    first = "60 ff 51 03 06 1a 80  00 ff 58 04 03 02 18 08" + END  # at tick 96: 400000 us, 3/4
    second = "60 ff 51 03 05 16 15  60 ff 58 04 06 03 18 08" + END  # 333333 us, and at tick 192: 6/8

    score = read_score(smf(first, second), ticks_per_quarter=96)

    assert score.tempi == (Tempo(0, 500_000), Tempo(96, 333_333))
    assert score.metres == (Metre(0, 4, 4), Metre(96, 3, 4), Metre(192, 6, 8))


def test_names_of_mixed_encodings_are_read():
    """UTF-8 where it is valid, Latin-1 otherwise, without control characters."""
    utf8 = "00 ff 03 06 46 6c c3 b6 74 65" + MIDDLE_C + END
    latin1 = "00 ff 03 07 46 6c f6 74 65 0a 00" + MIDDLE_C + END

    assert [track.name for track in read_score(smf(utf8, latin1)).tracks] == ["Flöte", "Flöte"]


@given(texts)
def test_clean_text_survives_encoding(text):
    """What was cleaned once comes back the same from UTF-8."""
    assert decode_text(text.encode()) == clean_text(text) == text


def test_markers_come_in_order():
    """Markers of all tracks, sorted by tick; empty ones are dropped."""
    score = read_score(
        smf("60 ff 06 01 42" + END, "00 ff 06 01 41  00 ff 06 01 00" + END), ticks_per_quarter=96
    )

    assert score.markers == ((0, "A"), (96, "B"))


def test_the_piece_ends_with_its_last_track():
    """Rests at the end count, of whichever track."""
    assert read_score(smf(MIDDLE_C + END, "83 00 ff 2f 00"), ticks_per_quarter=96).end_tick == 384
