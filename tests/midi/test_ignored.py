from hypothesis import given

from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes
from tests.midi.building import END, MIDDLE_C, scores, smf


def test_what_a_score_has_no_place_for_is_counted():
    """Controllers, bends, changes of program, messages and words are read over, each under its kind."""
    track = (
        "00 c0 05  00 b0 40 7f  00 b0 43 7f  00 b0 07 64  00 b1 0a 40"  # two pedals, volume, pan
        "00 a0 3c 10  00 d0 10  00 e0 00 50  00 e0 00 40"  # aftertouch twice, bends
        "00 ff 59 02 00 00  00 ff 05 02 6c 61  00 f0 02 01 f7"  # key, lyric, a message
        + MIDDLE_C
        + "00 c0 05  00 c0 06"  # the same program again, and another
        + MIDDLE_C
        + "00 c0 07"  # behind the last note
        + END
    )

    assert read_score(smf(track)).ignored == {
        "pedal events": 2,
        "other controllers": 2,
        "aftertouch": 2,
        "pitch bends": 2,
        "key signatures": 1,
        "lyrics": 1,
        "system exclusive messages": 1,
        "program changes inside a track": 1,
    }


def test_a_change_in_a_track_of_its_own_is_counted():
    """A track without programs of its own is played with those of its channel."""
    assert read_score(smf("60 c0 05" + END, MIDDLE_C * 3 + END)).ignored == {
        "program changes inside a track": 1
    }


@given(scores())
def test_files_of_ours_hold_nothing_that_is_ignored(score):
    """What we write is what a Score says."""
    assert read_score(score_to_bytes(score, record="how it was made")).ignored == {}


def test_foreign_chunks_are_skipped():
    """A chunk that is not MTrk is nobody's business."""
    header, track = smf(MIDDLE_C + END)[:14], smf(MIDDLE_C + END)[14:]

    assert read_score(header + b"XFIH\0\0\0\2ab" + track) == read_score(header + track)
