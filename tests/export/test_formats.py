import io
import wave
import zipfile

import pytest
from hypothesis import given
from PIL import Image

from seqvae.errors import ConfigError, OutputError
from seqvae.export import audio
from seqvae.export.arrangement import arrange
from seqvae.export.formats import FORMATS, ExportOptions, check_export, export_files, file_names
from seqvae.export.stems import split_stems
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.record import read_record
from seqvae.midi.write import score_to_bytes
from tests.midi.building import scores

BASS = Track((Note(0, 1440, 36, 90),), name="Bass / low", program=32)
KIT = Track((Note(1320, 1440, 38, 100),), name="Kit", is_drum=True)
WALTZ = Score((BASS, KIT), tempi=(Tempo(0, 461_538),), metres=(Metre(0, 3, 4),), end_tick=1440)
MARCH = Score((BASS,), end_tick=1920)
CLIPS = ([WALTZ, MARCH], ["step-01", "step-02"], ["1 waltz", "2 march"])


@given(scores())
def test_stems_hold_the_whole_piece(score):
    """Written, read and put together again the stems are the score: notes, time and markers."""
    stems = [read_score(score_to_bytes(stem)) for stem in split_stems(score).values()]

    assert tuple(track for stem in stems for track in stem.tracks) == score.tracks
    time = (score.tempi, score.metres, score.end_tick, score.markers)
    assert all((stem.tempi, stem.metres, stem.end_tick, stem.markers) == time for stem in stems)


@given(scores())
def test_names_of_stems_are_file_names(score):
    """Each is there once and holds nothing that a file system refuses."""
    names = list(split_stems(score))

    assert len(set(names)) == len(score.tracks)
    assert all(name.replace("-", "").isalnum() for name in names)


@pytest.mark.parametrize("bpm", range(60, 241))
def test_whole_tempi_survive_every_midi_file(bpm):
    """The tempo comes back exact to the microsecond from clip, arrangement and stem."""
    tempo = Tempo(0, round(60e6 / bpm))
    score = Score((BASS,), tempi=(tempo,), end_tick=1920)
    files = export_files([score], ["a"], ["1"], ExportOptions(stems=True))

    assert len(files) == 3
    assert {read_score(data).tempi for data in files.values()} == {(tempo,)}


@pytest.mark.parametrize("ticks_per_quarter", [480, 960])
def test_note_that_ends_on_the_last_bar_line_survives(ticks_per_quarter):
    """In the clips, in the arrangement and in the stems it is as long as before."""
    options = ExportOptions(stems=True, ticks_per_quarter=ticks_per_quarter)
    read = {name: read_score(data) for name, data in export_files(*CLIPS, options).items()}

    assert read["step-01.mid"] == WALTZ
    assert read["arrangement.mid"] == arrange([WALTZ, MARCH], ["1 waltz", "2 march"])
    assert read["stem-01-Bass-low.mid"].tracks[0].notes[0] == Note(0, 1440, 36, 90)
    assert read["stem-02-Kit.mid"].tracks == (KIT,)
    assert read["stem-02-Kit.mid"].end_tick == 3360


def test_every_format_has_its_file(monkeypatch):
    """All of them, in the order of the formats, are what their names say."""
    monkeypatch.setattr("seqvae.export.formats.wav_bytes", lambda score: audio._wav(b"\0\0" * 4))
    options = ExportOptions(formats=FORMATS)
    files = export_files(*CLIPS, options)

    assert list(files) == file_names(CLIPS[1], options)
    assert list(files)[:3] == ["step-01.mid", "step-02.mid", "arrangement.mid"]
    assert zipfile.is_zipfile(io.BytesIO(files["arrangement.dawproject"]))
    with wave.open(io.BytesIO(files["arrangement.wav"])) as sound:
        assert sound.getnchannels() == 2
    assert Image.open(io.BytesIO(files["arrangement.png"])).format == "PNG"


def test_only_what_is_asked_for_is_written():
    """Without mid there is no MIDI file but the stems."""
    options = ExportOptions(formats=("png",), stems=True)

    assert list(export_files(*CLIPS, options)) == [
        "stem-01-Bass-low.mid",
        "stem-02-Kit.mid",
        "arrangement.png",
    ]
    assert file_names(CLIPS[1], options) == ["arrangement.png"]


def test_each_midi_file_has_its_own_record():
    """Clips, arrangement and stems begin with the text for their name."""
    options = ExportOptions(stems=True)
    files = export_files(*CLIPS, options, record_of=lambda name: f"this is {name}")

    assert {name: read_record(data) for name, data in files.items()} == {
        name: f"this is {name}" for name in files
    }


@pytest.mark.parametrize(("formats", "named"), [(("mid", "mp3"), "'mp3'"), ((), "''")])
def test_unknown_formats_are_refused(formats, named):
    """The message names those there are."""
    with pytest.raises(ConfigError, match=rf"unknown format {named}; choose from mid, dawproject, wav, png"):
        ExportOptions(formats=formats)


def test_missing_player_is_said_before_the_work(monkeypatch):
    """Only wav needs a program."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    check_export(ExportOptions(formats=("mid", "dawproject", "png")))

    with pytest.raises(OutputError, match="install fluidsynth"):
        check_export(ExportOptions(formats=("mid", "wav")))
