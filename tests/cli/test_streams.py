"""Music out of pipes and standard input, which can be read only once."""

import json
import os
import threading
from pathlib import Path

import pytest

from seqvae.midi.read import read_score
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

TWINKLE, JACQUES = CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid"


@pytest.fixture(autouse=True)
def model(tmp_path_factory, monkeypatch) -> Path:
    """Let the smallest model stand for the bundled ones, so that the default is looked up."""
    folder = save_debug_model(tmp_path_factory.mktemp("debug"))
    monkeypatch.setattr("seqvae.pretrained.model_folder", lambda _: folder)
    return folder


def pipe(path: Path, data: bytes) -> Path:
    """Make a named pipe that gives these bytes once."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(data,), daemon=True).start()
    return path


def test_pipes_are_read_once(tmp_path):
    """`interpolate <(cat a.mid) <(cat b.mid)` walks, and names the songs after their tracks."""
    songs = [pipe(tmp_path / str(i), path.read_bytes()) for i, path in enumerate((TWINKLE, JACQUES))]
    result = seqvae("interpolate", *songs, "--steps", 3, "-o", tmp_path / "out", "--json")

    assert result.exit_code == 0, result.stderr
    names = [read_score(path).tracks[0].name for path in (TWINKLE, JACQUES)]
    assert [song["label"] for song in json.loads(result.stdout)["inputs"]] == names


def test_standard_input_is_a_song(tmp_path):
    """A song may come from a program before this one."""
    data = TWINKLE.read_bytes()
    walk = seqvae("interpolate", "-", JACQUES, "-o", tmp_path / "walk", stdin=data)
    back = seqvae("reconstruct", "-", "-o", tmp_path / "back", stdin=data)

    assert (walk.exit_code, back.exit_code) == (0, 0), walk.stderr + back.stderr
    for name in ("walk/step-01.mid", "back/original.mid"):
        assert read_score(tmp_path / name).tracks == read_score(TWINKLE).tracks


def test_info_describes_streams(tmp_path):
    """What a stream holds is told as of a file."""
    data = TWINKLE.read_bytes()
    found = [seqvae("info", "-", stdin=data), seqvae("info", pipe(tmp_path / "63", data))]

    told = [result.stdout.splitlines()[1:] for result in [*found, seqvae("info", TWINKLE)]]
    assert told[0] == told[1] == told[2]


def test_standard_input_holds_one_song(tmp_path):
    """Two songs cannot come from one stream."""
    result = seqvae("interpolate", "-", "-", "-o", tmp_path / "out", stdin=TWINKLE.read_bytes())

    assert result.exit_code == 2
    assert "standard input holds one song" in result.stderr


def test_broken_standard_input_is_one_line(tmp_path):
    """An empty stream is an error of one line."""
    result = seqvae("reconstruct", "-", "-o", tmp_path / "out", stdin=b"")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "the file is empty" in result.stderr
