from dataclasses import replace

import pytest
from hypothesis import given

from seqvae.errors import MidiError
from seqvae.midi.check import check_score
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.write import write_score
from tests.midi.building import scores

GOOD = Note(0, 480, 60, 80)
BAD_NOTES = {
    "velocity": (
        Note(480, 960, 60, 0),
        r"track 1 \(Lead\), note 2 at tick 480: velocity 0 is outside 1..127",
    ),
    "pitch": (Note(480, 960, 200, 80), r"track 1 \(Lead\), note 2 at tick 480: pitch 200 is outside 0..127"),
    "start": (Note(-1, 960, 62, 80), r"note 2 at tick -1: starts before tick 0"),
    "length": (Note(480, 480, 60, 80), r"note 2 at tick 480: ends at tick 480, without length"),
    "overlap": (Note(240, 960, 60, 80), r"note 2 at tick 240: pitch 60 still sounds until tick 480"),
}
BAD_SCORES = {
    "no tempo": ({"tempi": ()}, "each tempo needs its tick, in order from 0, not \\[\\]"),
    "late metre": ({"metres": (Metre(480, 4, 4),)}, "each metre needs its tick"),
    "tempo 0": ({"tempi": (Tempo(0, 0),)}, "tempo 0 at tick 0 is outside 1..16777215"),
    "4/5": ({"metres": (Metre(0, 4, 5),)}, "metre 4/5 at tick 0 is outside"),
    "no resolution": ({"ticks_per_quarter": 0}, "ticks_per_quarter is 0"),
    "program": ({"tracks": (Track((GOOD,), program=128),)}, "track 1: program 128 is outside 0..127"),
}


@given(scores())
def test_what_a_reader_makes_is_accepted(score):
    """Every Score that can be written passes, unchanged."""
    assert check_score(score) is score


@pytest.mark.parametrize(("note", "message"), BAD_NOTES.values(), ids=BAD_NOTES)
def test_impossible_note_is_named_where_a_score_enters(note, message):
    """Track, note and value stand in the message."""
    with pytest.raises(MidiError, match=message):
        read_score(Score((Track((GOOD, note), name="Lead"),), end_tick=1920))


@pytest.mark.parametrize(("changes", "message"), BAD_SCORES.values(), ids=BAD_SCORES)
def test_impossible_score_is_named(changes, message):
    """So does whatever else no MIDI file can say."""
    with pytest.raises(MidiError, match=message):
        read_score(replace(Score((Track((GOOD,)),), end_tick=1920), **changes))


def test_writing_names_the_note_too(tmp_path):
    """A Score made by hand may go straight to a file."""
    with pytest.raises(MidiError, match=r"velocity 0 is outside 1\.\.127"):
        write_score(Score((Track((GOOD._replace(velocity=0),)),), end_tick=1920), tmp_path / "a.mid")
