import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError
from seqvae.latent.inputs import Song, read_song
from seqvae.latent.origin import hash_model, origin_of
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.origin import Origin, Record, hash_music, read_record_text, write_record
from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes
from tests.latent.making import tune, tunes

SETTINGS = {
    "command": "interpolate",
    "model": "runs/folder/mine",
    "seed": 2**62,
    "tracks": [1, "Flöte", None],
}
SONG = Song("folder/tune.mid", "tune", tune(60, 62), tune(60, 62))
ORIGIN = origin_of(SETTINGS, {"model.safetensors": "ab"}, [SONG], 9)


@given(st.text(), st.integers(24, 30_720))
def test_record_comes_back(name, ticks_per_quarter):
    """Everything but where the songs lay is in the line, which is ASCII."""
    record = Record(name, ticks_per_quarter, ORIGIN)
    line = write_record(record)

    assert line.isascii()
    assert "\n" not in line
    assert read_record_text(line, "x.mid") == record._replace(origin=replace(ORIGIN, paths=()))


def test_folders_of_the_user_stay_out_of_the_file():
    """Where a song or a model lay is told by report.json, not by files that travel."""
    assert "folder" not in write_record(Record("a.mid", 480, ORIGIN))
    assert ORIGIN.settings["model"] == "mine"
    assert ORIGIN.paths == ("folder/tune.mid",)


@given(tunes())
def test_the_same_music_has_the_same_hash(score):
    """However it is stored: in memory, or in a file of any resolution."""
    again = read_score(score_to_bytes(score, ticks_per_quarter=960))

    assert hash_music(again) == hash_music(score)


def test_music_between_the_ticks_of_480_has_a_hash_of_its_own():
    """Songs that are one at 480 ticks are told apart, for files at 960 tell them apart."""
    fine = (
        Score((Track((Note(0, end, 60, 80),)),), end_tick=3840, ticks_per_quarter=960) for end in (959, 960)
    )
    origins = [origin_of(SETTINGS, {}, [read_song(score)], 1) for score in fine]

    assert len({origin.inputs[0].music_sha256 for origin in origins}) == 2


def test_other_music_has_another_hash():
    """One note, its loudness, the tempo, the metre: all of them count."""
    changes = [tune(60, 62), tune(60, 61), tune(60, 62, velocity=81), tune(60, 62, bpm=121)]
    changes += [tune(60, 62, metre=(3, 4)), tune(60, 62, program=1), tune(60, 62, name="Other")]

    assert len({hash_music(score) for score in changes}) == len(changes)


def test_model_is_known_by_its_files(tmp_path):
    """The hashes are those that sha256sum prints; files that do not matter are left out."""
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "README.md").write_bytes(b"card")

    assert hash_model(tmp_path) == {"model.safetensors": hashlib.sha256(b"weights").hexdigest()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "3",
        "{}",
        json.dumps(Origin(settings={}, model_files={}, num_clips=1).as_dict()),
        "[" * 9999,
    ],
)
def test_other_texts_are_no_record(text):
    """A foreign text, or half a record, is told in one line."""
    with pytest.raises(MidiError, match=r"^x\.mid: does not tell how it was made"):
        read_record_text(text, "x.mid")
