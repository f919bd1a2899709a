from seqvae.export.arrangement import arrange
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track

NOTE = Note(0, 480, 60, 80)
FOUR = Score((Track((NOTE,), name="A", program=1),), end_tick=1920)
THREE = Score(
    (Track((NOTE,), name="B", program=2),),
    tempi=(Tempo(0, 600_000),),
    metres=(Metre(0, 3, 4),),
    end_tick=1440,
)


def test_clips_follow_one_another():
    """Each clip begins where the one before ends, with its marker, tempo and metre."""
    whole = arrange([FOUR, THREE], ["one", "two"])

    assert whole.markers == ((0, "one"), (1920, "two"))
    assert whole.tempi == (Tempo(0, 500_000), Tempo(1920, 600_000))
    assert whole.metres == (Metre(0, 4, 4), Metre(1920, 3, 4))
    assert whole.end_tick == 3360


def test_one_track_per_instrument():
    """Clips of one name and program share a track, others have their own."""
    whole = arrange([FOUR, THREE, FOUR], ["1", "2", "3"])

    assert [(track.name, track.program) for track in whole.tracks] == [("A", 1), ("B", 2)]
    assert [note.start for note in whole.tracks[0].notes] == [0, 3360]


def test_only_changes_are_written():
    """A tempo that goes on is not repeated."""
    whole = arrange([FOUR, FOUR], ["1", "2"])

    assert (whole.tempi, whole.metres) == (FOUR.tempi, FOUR.metres)


def test_tracks_of_one_name_in_one_score_stay_apart():
    """Two pianos that strike one pitch at once are two tracks of the whole, in every clip."""
    note = Note(0, 480, 60, 80)
    both = Score((Track((note,), name="Piano"), Track((note,), name="Piano")), end_tick=1920)
    whole = arrange([both, both], ["1", "2"])

    assert [track.notes for track in whole.tracks] == [(note, Note(1920, 2400, 60, 80))] * 2
