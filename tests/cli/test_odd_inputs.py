"""Odd inputs: each ends in music, or in one clear line and exit code 1; a traceback fails the test."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes
from tests.cli.making import CLIPS, is_music, seqvae
from tests.latent.making import save_debug_model, tune
from tests.midi.building import END, MIDDLE_C, smf

TWINKLE = CLIPS / "twinkle.mid"
SCALE = tune(60, 62, 64, 65, 67, 69, 71, 72)
NOTES = SCALE.tracks[0].notes
HALF = len(score_to_bytes(SCALE)) // 2


def piece(*notes: tuple[int, int, int], **changes) -> bytes:
    """Write notes (start, end, pitch) as a file; `changes` are fields of Score."""
    track = Track(tuple(Note(*note, 80) for note in notes))
    end = max((end for _, end, _ in notes), default=0)
    return score_to_bytes(replace(Score((track,), end_tick=end), **changes))


MUSIC = {
    "one note": piece((0, 480, 60), end_tick=1920),
    "one note after a hundred bars": piece((192_000, 192_480, 60)),
    "500 bars": score_to_bytes(tune(*[60, 64, 67, 64] * 500)),
    "chords only": piece(*((t, t + 960, p) for t in (0, 960) for p in (60, 64, 67))),
    "tempo 0": smf("00 ff 51 03 00 00 00" + MIDDLE_C + END),
    "fastest tempo": smf("00 ff 51 03 00 00 01" + MIDDLE_C + END),
    "slowest tempo": smf("00 ff 51 03 ff ff ff" + MIDDLE_C + END),
    "silent first bar": piece((1920, 2400, 60), (2400, 2880, 62)),
    "notes after the end of the conductor track": smf("00 ff 58 04 04 02 18 08" + END, MIDDLE_C * 40 + END),
    "type 0 with several channels": smf(
        "00 90 3c 64 00 91 30 64 00 99 24 64 60 80 3c 00 00 81 30 00 00 89 24 00" + END, file_type=0
    ),
    "note over the end": piece((0, 1980, 60)),
    "note far over the bar line": piece((0, 480, 60), (1900, 9000, 62)),
    "some notes of zero length": smf("00 90 3c 64 00 80 3c 00" + MIDDLE_C + END),
    "note that never ends": smf("00 90 3c 64 83 60 ff 2f 00"),
    "30720 ticks per quarter": smf("00 90 3c 64 81 f0 00 80 3c 00" + END, division=30_720),
    "24 ticks per quarter": smf("00 90 3c 64 18 80 3c 00" + END, division=24),
    "pitch 0": piece((0, 480, 0)),
    "pitch 127": piece((0, 480, 127), (480, 960, 0)),
    "no metre": smf(MIDDLE_C + END),
    "impossible metre": smf("00 ff 58 04 04 07 18 08" + MIDDLE_C + END),
    "triplets only": piece(*((i * 160, i * 160 + 160, 60 + i) for i in range(12))),
    "sixty-fourths": piece(*((i * 30, i * 30 + 30, 60 + i) for i in range(64))),
    "7/8": piece((0, 480, 60), metres=(Metre(0, 7, 8),), end_tick=1680),
    "metre change inside a bar": piece(
        (0, 960, 60), metres=(Metre(0, 4, 4), Metre(720, 3, 4)), end_tick=2160
    ),
    "tempo change at every sixteenth": piece(
        (0, 1920, 60), tempi=tuple(Tempo(t, 400_000 + 100 * t) for t in range(0, 1920, 120))
    ),
    "velocity 1": score_to_bytes(tune(60, 62, velocity=1)),
    "name of control characters": smf("00 ff 03 03 1b 5b 41" + MIDDLE_C + END),
    "name in Latin-1": smf("00 ff 03 02 46 fc" + MIDDLE_C + END),
    "no end of track": smf(MIDDLE_C),
    "bytes after the last track": smf(MIDDLE_C + END) + b"more",
}
ERRORS = {
    "empty file": (b"", "the file is empty"),
    "text file": (b"no music at all", "not a MIDI file"),
    "truncated file": (score_to_bytes(SCALE)[:-HALF], "cut off"),
    "truncated header": (b"MThd\0\0", "cut off inside its header"),
    "no tracks": (smf(), "no notes"),
    "only drums": (score_to_bytes(replace(SCALE, tracks=(Track(NOTES, is_drum=True),))), "only drums"),
    "5/4 throughout": (piece((0, 480, 60), metres=(Metre(0, 5, 4),), end_tick=2400), "bar 1 of 1 is in 5/4"),
    "5/4 in the middle": (
        piece((0, 480, 60), metres=(Metre(0, 4, 4), Metre(1920, 5, 4), Metre(4320, 4, 4)), end_tick=6240),
        "bar 2 of 3 is in 5/4",
    ),
    "bars of a sixty-fourth": (piece((0, 480, 60), metres=(Metre(0, 1, 64),)), "is in 1/64"),
    "no notes": (piece(), "no notes"),
    "notes of zero length only": (smf("00 90 3c 64 00 80 3c 00" + END), "no notes"),
    "type 2": (smf(MIDDLE_C + END, file_type=2), "save it as type 0 or 1"),
    "0 ticks per quarter": (smf(MIDDLE_C + END, division=0), "0 ticks per quarter"),
    "film frames": (smf(MIDDLE_C + END, division=0xE728), "SMPTE"),
    "silence of a year": (
        smf("ff ff ff 7f 90 3c 64 60 80 3c 00" + END, division=24),
        "cut out the long silence",
    ),
    "event without status": (smf("00 3c 64"), "is damaged"),
    "event cut in the middle": (smf("00 90 3c"), "ends in the middle of an event"),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save the smallest model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


def walk(model: Path, out: Path, *songs: Path):
    """Blend songs in three steps."""
    return seqvae("interpolate", *songs, "--steps", 3, "--model", model, "-o", out)


def refused_in_one_line(result, out: Path, words: str) -> bool:
    """Check exit code, the one line on stderr, and that nothing was written."""
    lines = result.stderr.splitlines()
    return (result.exit_code, len(lines), out.exists()) == (1, 1, False) and words in lines[0]


@pytest.mark.parametrize("data", MUSIC.values(), ids=MUSIC)
def test_odd_music_becomes_music(data, model, tmp_path):
    """What is music is taken, mended and counted, as first song and as last."""
    (tmp_path / "odd.mid").write_bytes(data)

    there = walk(model, tmp_path / "there", tmp_path / "odd.mid", TWINKLE)
    back = walk(model, tmp_path / "back", TWINKLE, tmp_path / "odd.mid")
    assert (there.exit_code, back.exit_code) == (0, 0), there.stderr + back.stderr
    assert is_music(tmp_path / "there")
    assert is_music(tmp_path / "back")


@pytest.mark.parametrize(("data", "words"), ERRORS.values(), ids=ERRORS)
def test_what_is_no_melody_is_one_line(data, words, model, tmp_path):
    """What cannot be taken is named with the reason, and nothing is written."""
    (tmp_path / "odd.mid").write_bytes(data)
    out = tmp_path / "out"

    result = walk(model, out, TWINKLE, tmp_path / "odd.mid")
    assert refused_in_one_line(result, out, words), result.stderr
    assert "odd.mid: " in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.mid", "no such file"), ("folder", "a folder, not a file"), ("two\nlines.mid", "no such file")],
    ids=["missing", "folder", "line break in the name"],
)
def test_what_is_no_file_is_one_line(name, words, model, tmp_path):
    """A missing file and a folder are named."""
    (tmp_path / "folder").mkdir()

    result = walk(model, tmp_path / "out", tmp_path / name, TWINKLE)
    assert refused_in_one_line(result, tmp_path / "out", words), result.stderr


@pytest.mark.parametrize(
    "command",
    [("interpolate", TWINKLE), ("reconstruct",), ("vary", "-n", 1), ("sample", "-n", 1, "--near")],
    ids=lambda words: words[0],
)
def test_strict_refuses_what_breaks_the_standard(command, model, tmp_path):
    """What is mended without --strict is refused with it, in every command that reads songs."""
    (tmp_path / "odd.mid").write_bytes(MUSIC["no end of track"])
    words = (*command, tmp_path / "odd.mid", "--model", model, "-o")
    mended, refused = seqvae(*words, tmp_path / "mended"), seqvae(*words, tmp_path / "out", "--strict")

    assert "mended while reading: 1 track without an end mark" in mended.stderr
    assert refused_in_one_line(refused, tmp_path / "out", "breaks the standard (1 track without an end mark)")


def test_what_is_ignored_is_told(model, tmp_path):
    """The report of a walk counts what it read over."""
    (tmp_path / "pedal.mid").write_bytes(smf("00 b0 40 7f" + MIDDLE_C + "00 b0 40 00" + END))

    assert "ignored: 2 pedal events" in walk(model, tmp_path / "out", tmp_path / "pedal.mid", TWINKLE).stderr


def test_same_file_twice(model, tmp_path):
    """From a song to itself, both ends are the song."""
    assert walk(model, tmp_path / "out", TWINKLE, TWINKLE).exit_code == 0
    steps = [read_score(tmp_path / "out" / f"step-0{number}.mid") for number in (1, 3)]
    assert steps[0].tracks == steps[1].tracks


def test_wrong_extension_does_not_matter(model, tmp_path):
    """Music is known by its bytes."""
    (tmp_path / "tune.txt").write_bytes(score_to_bytes(SCALE))

    assert walk(model, tmp_path / "out", tmp_path / "tune.txt", TWINKLE).exit_code == 0


def test_track_that_is_not_there_is_one_line(model, tmp_path):
    """The tracks there are stand in the message."""
    out = tmp_path / "out"
    result = seqvae("interpolate", TWINKLE, TWINKLE, "--track", 7, "--model", model, "-o", out)

    assert refused_in_one_line(result, out, "choose from 1"), result.stderr


def test_output_in_place_of_a_file_is_one_line(model, tmp_path):
    """Results go to a folder, and a file there is not replaced."""
    (tmp_path / "out").write_text("mine")
    result = seqvae("interpolate", TWINKLE, TWINKLE, "--model", model, "-o", tmp_path / "out", "--force")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("name", ["mine/out", "mine/new/out"])
def test_output_below_a_file_is_refused_before_the_work(name, tmp_path, monkeypatch):
    """No model is loaded for what cannot be written."""
    (tmp_path / "mine").write_text("mine")
    monkeypatch.setattr("seqvae.cli.kinds.open_music", lambda *_: pytest.fail("the model was opened"))
    result = seqvae("sample", "-o", tmp_path / name)

    assert refused_in_one_line(result, tmp_path / name, "mine is a file; choose a folder"), result.stderr


def test_music_goes_to_no_stream(tmp_path, monkeypatch):
    """Standard output holds one file, and a folder named - is meant by nobody."""
    monkeypatch.chdir(tmp_path)
    result = seqvae("interpolate", TWINKLE, TWINKLE, "-o", "-")

    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "name a folder" in result.stderr


@pytest.mark.parametrize(
    "words",
    [("reconstruct", "LONG", "-o", "out"), ("info", "LONG"), ("sample", "--model", "LONG", "-o", "out")],
    ids=lambda words: words[0],
)
def test_a_name_too_long_for_a_file_is_one_line(words, tmp_path, monkeypatch):
    """Songs, models and outputs are named in short."""
    monkeypatch.chdir(tmp_path)
    result = seqvae(*(word.replace("LONG", "a" * 300 + ".mid") for word in words))

    assert (result.exit_code, result.stderr.count("\n"), len(result.stderr) < 500) == (1, 1, True)


def test_an_empty_name_is_no_song(model, tmp_path):
    """It is not the current folder."""
    result = walk(model, tmp_path / "out", "", TWINKLE)

    assert refused_in_one_line(result, tmp_path / "out", "an empty name is no file"), result.stderr


def test_bar_lines_between_ticks_are_one_line(model, tmp_path):
    """The resolution and the metre are named, and nothing is written."""
    (tmp_path / "odd.mid").write_bytes(piece((0, 240, 60), metres=(Metre(0, 3, 8),), end_tick=2160))
    out = tmp_path / "out"
    result = seqvae("reconstruct", tmp_path / "odd.mid", "--model", model, "--ppq", 37, "-o", out)

    assert refused_in_one_line(result, out, "37 ticks per quarter put a bar line of 3/8"), result.stderr


def test_empty_name_is_no_output(model, tmp_path, monkeypatch):
    """An empty name would be the current folder: it is refused, and nothing is written there."""
    monkeypatch.chdir(tmp_path)
    result = seqvae("interpolate", TWINKLE, TWINKLE, "--model", model, "-o", "")

    assert result.exit_code == 2
    assert "the name is empty" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["interpolate", "reconstruct"])
@pytest.mark.parametrize(
    ("options", "warned"),
    [(["--seed", 7], True), (["--seed", 7, "--temperature", 1], False), ([], False)],
    ids=["seed", "seed and temperature", "neither"],
)
def test_seed_without_chance_is_left_aside(command, options, warned, model, tmp_path):
    """At temperature 0 nothing is drawn, which one line says of a seed that was given."""
    songs = [TWINKLE] * (2 if command == "interpolate" else 1)
    result = seqvae(command, *songs, "--model", model, "-o", tmp_path / "out", *options)

    line = "--seed says nothing at temperature 0, where nothing is drawn; left aside"
    assert result.exit_code == 0
    assert result.stderr.splitlines().count(line) == warned


def test_a_name_that_is_no_utf8_is_a_name(tmp_path):
    """A file whose name is Latin-1 is read, and report.json tells it as JSON escapes what is no text."""
    song = Path(os.fsdecode(bytes(tmp_path) + b"/tw\xff.mid"))
    song.write_bytes(TWINKLE.read_bytes())
    model = save_debug_model(tmp_path / "model")
    result = seqvae("reconstruct", song, "--model", model, "-o", tmp_path / "out")

    assert result.exit_code == 0, result.stderr
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["origin"]["paths"] == [str(song)]
