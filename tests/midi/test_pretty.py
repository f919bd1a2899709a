import io

import pretty_midi
import pytest

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.pretty import BEFORE_0, FRACTIONS
from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes, to_pretty_midi
from tests.midi.building import END, MIDDLE_C, smf


def test_a_pretty_midi_tells_what_is_ignored():
    """The same file as bytes and as an object."""
    data = smf("00 b0 40 7f  00 b0 07 64  00 e0 00 50  00 ff 59 02 00 00" + MIDDLE_C + END)

    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data))).ignored == read_score(data).ignored


@pytest.mark.parametrize("charset", ["latin1", "utf-8"])
@pytest.mark.parametrize("name", ["Flöte", "尺八", "Lead", "½ Ã"])
def test_a_pretty_midi_keeps_names(name, charset):
    """pretty_midi reads names as Latin-1 unless told otherwise; files hold UTF-8."""
    data = score_to_bytes(Score((Track((Note(0, 480, 60, 80),), name=name),), end_tick=480))

    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data), charset=charset)).tracks[0].name == name


def test_a_pretty_midi_with_odd_notes_is_mended():
    """Overlaps, double notes and notes without length follow the same rules as in files."""
    midi = pretty_midi.PrettyMIDI(resolution=480)
    instrument = pretty_midi.Instrument(program=5, name="Lead")
    for start, end in [(0.0, 1.0), (0.5, 1.5), (0.5, 2.0), (3.0, 3.0)]:
        instrument.notes.append(pretty_midi.Note(100, 60, start, end))
    midi.instruments.append(instrument)

    score = read_score(midi)

    assert score.tracks == (Track((Note(0, 480, 60, 100), Note(480, 1920, 60, 100)), "Lead", 5),)
    assert score.repairs == {"overlapping notes of one pitch": 2, "zero-length notes": 1}


@pytest.mark.parametrize("microseconds", [250_000, 333_333, 461_538, 500_000, 983_607])
def test_pretty_midi_objects_lose_no_time(microseconds):
    """Out to PrettyMIDI and back, ticks and tempi are the same."""
    notes = tuple(Note(37 * index, 37 * index + 31, 60, 90) for index in range(200))
    score = Score(
        (Track(notes, "Flöte", 73), Track(notes[:5], "Kit", 0, True)),
        tempi=(Tempo(0, microseconds), Tempo(960, 400_000)),
        metres=(Metre(0, 3, 4), Metre(1440, 6, 8)),
        end_tick=notes[-1].end,
    )

    assert read_score(to_pretty_midi(score)) == score


def test_what_is_cut_and_rounded_is_counted():
    """Notes that begin before 0 and numbers that are not whole are mended, and told."""
    midi = pretty_midi.PrettyMIDI(resolution=480)
    piano = pretty_midi.Instrument(0)
    piano.notes = [pretty_midi.Note(80, 60, -1, 1), pretty_midi.Note(80.9, 62.9, 1, 2)]
    midi.instruments.append(piano)
    score = read_score(midi)

    assert [note[2:] for note in score.tracks[0].notes] == [(60, 80), (62, 80)]
    assert score.repairs == {BEFORE_0: 1, FRACTIONS: 1}
