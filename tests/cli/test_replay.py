"""The command that makes a file again, with the smallest real model."""

import json
from pathlib import Path

import pytest

from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

TWINKLE, JACQUES = CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid"


@pytest.fixture(scope="module")
def walk(tmp_path_factory) -> Path:
    """Write a walk of three steps with its stems."""
    folder = tmp_path_factory.mktemp("replay")
    model = save_debug_model(folder / "model")
    command = ("interpolate", TWINKLE, JACQUES, "--steps", 3, "--seed", 4, "--stems", "--ppq", 960)
    assert seqvae(*command, "--model", model, "-o", folder / "walk").exit_code == 0
    return folder / "walk"


def test_same_bytes_are_exit_code_0(walk, tmp_path):
    """The file made now is written where it is asked for, and equals the old one."""
    for path in walk.glob("*.mid"):
        result = seqvae("replay", path, "-o", tmp_path / path.name)

        assert (result.exit_code, result.stderr) == (0, "")
        assert f"{path.name} by interpolate with model model, seed 4: the same" in result.stdout
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_difference_is_exit_code_1(walk):
    """Another model makes another file, and the words say which of its files is another."""
    result = seqvae("replay", walk / "step-02.mid", "--model", "melody-2bar", "--json")
    told = json.loads(result.stdout)

    assert (result.exit_code, told["is_same"]) == (1, False)
    assert told["differences"][0].startswith("config.json of the model is another: sha256")
    assert told["settings"]["seed"] == 4


def test_songs_may_be_named(walk, tmp_path):
    """A file that travelled alone is made again with the songs behind it."""
    lone = tmp_path / "lone.mid"
    lone.write_bytes((walk / "step-02.mid").read_bytes())
    model = json.loads((walk / "report.json").read_bytes())["settings"]["model"]
    refused = seqvae("replay", lone, "--model", model)

    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "name the songs behind it" in refused.stderr
    assert seqvae("replay", lone, JACQUES, TWINKLE, "--model", model).exit_code == 0


def test_nothing_is_overwritten_unasked(walk):
    """The file itself stays as it is, too."""
    path = walk / "step-01.mid"
    before = path.read_bytes()
    result = seqvae("replay", path, "-o", path)

    assert (result.exit_code, path.read_bytes()) == (1, before)
    assert "--force" in result.stderr


def test_foreign_file_is_one_line():
    """A tune that seqvae did not write has no record."""
    result = seqvae("replay", TWINKLE)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "does not tell how it was made" in result.stderr
