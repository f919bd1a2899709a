"""Whole songs and parts of them on the command line, with the smallest real model."""

import json

import pytest

from seqvae.midi.quantize import bars_of
from seqvae.midi.read import read_score
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

ODE, SAINTS = CLIPS / "ode-to-joy.mid", CLIPS / "when-the-saints.mid"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Save a model of two bars."""
    return save_debug_model(tmp_path_factory.mktemp("model") / "debug")


def num_bars(path) -> int:
    """Count the bars of a file."""
    return len(bars_of(read_score(path)))


def test_bars_of_each_song_are_taken(model, tmp_path):
    """Both ends have the bars that were asked for, and the report tells which."""
    command = ("interpolate", ODE, SAINTS, "--steps", 3, "--bars", "5-7", "--bars", "2", "--json")
    result = seqvae(*command, "--model", model, "-o", tmp_path / "out")
    told = json.loads(result.stdout)

    assert [num_bars(tmp_path / "out" / f"step-0{step}.mid") for step in (1, 2, 3)] == [3, 3, 3]
    assert [(one["bars"]["first"], one["bars"]["last"]) for one in told["inputs"]] == [(5, 7), (2, 2)]
    assert "bars 5 to 7 of 16 taken" in result.stderr


@pytest.mark.parametrize("command", ["reconstruct", "vary"])
def test_bars_beyond_the_end_are_one_line(command, model, tmp_path):
    """The message names file, bars and length; nothing is written."""
    result = seqvae(command, ODE, "--bars", "16-20", "--model", model, "-o", tmp_path / "out")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"{ODE}: bars 16-20 are not there; it has 16 bars" in result.stderr
    assert not (tmp_path / "out").exists()


def test_two_bars_are_for_the_small_model(model, tmp_path, monkeypatch):
    """The bars taken, not those of the song, choose the model."""
    asked = []
    monkeypatch.setattr("seqvae.pretrained.model_folder", lambda wish: asked.append(wish) or model)
    result = seqvae("vary", ODE, "-n", 1, "--bars", "3-4", "-o", tmp_path / "out")

    assert (result.exit_code, asked) == (0, ["melody-2bar"])


def test_samples_of_any_length(model, tmp_path):
    """A piece of seven bars through a model of two."""
    result = seqvae("sample", "-n", 2, "--bars", 7, "--model", model, "-o", tmp_path / "out", "--json")

    assert result.exit_code == 0
    assert [num_bars(tmp_path / "out" / f"sample-0{number}.mid") for number in (1, 2)] == [7, 7]
    assert json.loads(result.stdout)["settings"]["bars"] == 7


def test_bars_say_nothing_beside_a_song(model, tmp_path):
    """What is drawn around a song has the length of the song."""
    result = seqvae("sample", "-n", 1, "--near", ODE, "--bars", 3, "--model", model, "-o", tmp_path / "out")

    assert (result.exit_code, num_bars(tmp_path / "out" / "variation-01.mid")) == (0, 16)
    assert "--bars says nothing with --near; left aside" in result.stderr
