"""The options for files other than MIDI, with the smallest real model."""

import json
from pathlib import Path

import pytest

from seqvae.cli.running import FORMAT_NAMES
from seqvae.export.formats import FORMATS
from seqvae.midi.read import read_score
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

TWINKLE, JACQUES, ODE = CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid", CLIPS / "ode-to-joy.mid"
COMMANDS = [
    ("interpolate", TWINKLE, JACQUES, "--steps", 2),
    ("sample", "-n", 2),
    ("reconstruct", ODE),
    ("vary", TWINKLE, "-n", 2),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


def test_the_command_line_knows_the_formats():
    """Its own list, there to keep help fast, is that of the library."""
    assert FORMAT_NAMES == FORMATS


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_files_are_those_asked_for(command, model, tmp_path):
    """The report lists what is in the folder, with stems beside the rest."""
    arguments = (
        "--model",
        model,
        "-o",
        tmp_path / "out",
        "--json",
        "--format",
        "mid, dawproject,png",
        "--stems",
    )
    result = seqvae(*command, *arguments)
    files = json.loads(result.stdout)["files"]

    assert sorted(files) == sorted(path.name for path in (tmp_path / "out").iterdir())
    assert {"arrangement.mid", "arrangement.dawproject", "arrangement.png"} < set(files)
    stems = [read_score(tmp_path / "out" / name) for name in files if name.startswith("stem-")]
    assert [track for stem in stems for track in stem.tracks] == list(
        read_score(tmp_path / "out" / "arrangement.mid").tracks
    )


def test_without_mid_there_are_no_midi_files(model, tmp_path):
    """One file of all steps, and the report."""
    assert seqvae(*COMMANDS[0], "--model", model, "-o", tmp_path, "--format", "dawproject").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrangement.dawproject", "report.json"]


def test_unknown_format_is_wrong_usage(tmp_path):
    """The message names the word and the choices."""
    result = seqvae(*COMMANDS[0], "-o", tmp_path / "out", "--format", "mid,mp3")

    assert result.exit_code == 2
    assert "'mp3' is none of mid, dawproject, wav, png" in result.stderr


@pytest.fixture
def no_work(monkeypatch):
    """Forbid opening the model: what is refused is refused before."""
    monkeypatch.setattr("seqvae.cli.kinds.open_music", lambda *_: pytest.fail("the model was opened"))


@pytest.mark.usefixtures("no_work")
def test_missing_player_is_said_in_a_line_before_the_work(model, tmp_path, monkeypatch):
    """Nobody waits for a walk that cannot be played in the end."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = seqvae(*COMMANDS[0], "--model", model, "-o", tmp_path / "out", "--format", "wav")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "install fluidsynth and a General MIDI sound font" in result.stderr


@pytest.mark.usefixtures("no_work")
def test_picture_that_is_there_stops_the_work(model, tmp_path):
    """Nothing is overwritten unasked, of whatever format."""
    (tmp_path / "arrangement.png").write_bytes(b"mine")
    result = seqvae(*COMMANDS[0], "--model", model, "-o", tmp_path, "--format", "png")

    assert "already holds arrangement.png" in result.stderr
