"""The commands that make music, with the smallest real model."""

import json
from pathlib import Path

import pytest

from seqvae.midi.read import read_score
from seqvae.midi.write import write_score
from tests.cli.making import CLIPS, is_music, seqvae
from tests.latent.making import save_debug_model, tune

TWINKLE, JACQUES, ODE = CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid", CLIPS / "ode-to-joy.mid"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


def test_interpolate_writes_steps_arrangement_and_report(model, tmp_path):
    """Files go to the folder, words to stderr, nothing to stdout."""
    out = tmp_path / "out"
    result = seqvae("interpolate", TWINKLE, JACQUES, "-o", out, "--steps", 3, "--model", model)

    assert (result.exit_code, result.stdout) == (0, "")
    names = sorted(path.name for path in out.iterdir())
    assert names == ["arrangement.mid", "report.json", *(f"step-0{i}.mid" for i in (1, 2, 3))]
    assert is_music(out)
    assert read_score(out / "step-01.mid").tracks == read_score(TWINKLE).tracks
    for words in ("twinkle", "the only one with notes", "the model gives back", f"5 files in {out}"):
        assert words in result.stderr


def test_json_goes_to_stdout_and_equals_the_file(model, tmp_path):
    """Programs read the same report in both places."""
    arguments = ("-o", tmp_path / "out", "--model", model, "--json")
    result = seqvae("interpolate", TWINKLE, ODE, JACQUES, "--steps", 2, *arguments)

    assert json.loads(result.stdout) == json.loads((tmp_path / "out" / "report.json").read_text())
    assert len(json.loads(result.stdout)["steps"]) == 3


def test_options_reach_the_walk(model, tmp_path):
    """Each option of the command line is found in the report."""
    options = [
        "--method",
        "lerp",
        "--no-pin-ends",
        "--no-even",
        "--refine",
        1,
        "--fit",
        "pad",
        "--track",
        1,
        "--seed",
        5,
        "--lock-bars",
        1,
        "--scale",
        "C major",
        "--strict",
    ]
    arguments = ("--steps", 2, "--temperature", 0.5, "--json", "--model", model, "-o", tmp_path / "out")
    result = seqvae("interpolate", TWINKLE, JACQUES, *options, *arguments)

    assert json.loads(result.stdout)["settings"] == {
        "command": "interpolate",
        "model": str(model),
        "steps": 2,
        "temperature": 0.5,
        "seed": 5,
        "method": "lerp",
        "fit": "pad",
        "tracks": ["1"],
        "overlap": None,
        "bars": [],
        "pin_ends": False,
        "even": False,
        "refine": 1,
        "keep": [],
        "lock_bars": [1],
        "scale": "C major",
        "drum_map": None,
        "strict": True,
    }


def test_nothing_is_overwritten_without_force(model, tmp_path):
    """A second run is refused in one line; with --force no steps of a longer walk stay behind."""
    command = ("interpolate", TWINKLE, JACQUES, "-o", tmp_path / "out", "--model", model, "--steps")
    seqvae(*command, 4)
    refused = seqvae(*command, 2)

    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert "already holds step-01.mid" in refused.stderr
    assert seqvae(*command, 2, "--force").exit_code == 0
    assert len(list((tmp_path / "out").glob("step-*.mid"))) == 2


def test_one_song_is_wrong_usage(model, tmp_path):
    """A walk needs two songs."""
    result = seqvae("interpolate", TWINKLE, "-o", tmp_path / "out", "--model", model)

    assert result.exit_code == 2
    assert "two songs or more" in result.stderr


@pytest.mark.parametrize(("num_notes", "name"), [(8, "melody-2bar"), (9, "melody-16bar")])
def test_default_model_depends_on_the_length(num_notes, name, tmp_path, model, monkeypatch):
    """Two bars are for the small model, anything longer for the large one."""
    asked = []
    monkeypatch.setattr("seqvae.pretrained.model_folder", lambda wish: asked.append(wish) or model)

    write_score(tune(*[60] * num_notes), tmp_path / "a.mid")
    result = seqvae("reconstruct", tmp_path / "a.mid", "-o", tmp_path / "out")

    assert (result.exit_code, asked) == (0, [name])


def test_sample_writes_a_file_each(model, tmp_path):
    """Three samples are three files and an arrangement."""
    result = seqvae("sample", "-n", 3, "-o", tmp_path / "out", "--model", model, "--seed", 1)

    assert result.exit_code == 0
    assert len(list((tmp_path / "out").glob("sample-0[123].mid"))) == 3
    assert is_music(tmp_path / "out")


def test_reconstruct_writes_song_and_image(model, tmp_path):
    """The song and what came back stand side by side."""
    result = seqvae("reconstruct", ODE, "-o", tmp_path / "out", "--model", model)

    assert result.exit_code == 0
    assert read_score(tmp_path / "out" / "original.mid").tracks == read_score(ODE).tracks
    assert "of 16 bars exactly" in result.stderr


def test_reconstruct_refuses_a_taken_folder_before_the_work(model, tmp_path, monkeypatch):
    """What cannot be written is said before a model is loaded."""
    command = ("reconstruct", ODE, "-o", tmp_path / "out", "--model", model)
    assert seqvae(*command).exit_code == 0
    monkeypatch.setattr("seqvae.latent.load.load", None)
    refused = seqvae(*command)

    assert refused.exit_code == 1
    assert "already holds original.mid" in refused.stderr


def test_vary_writes_clips_at_a_distance(model, tmp_path):
    """Each variation is a file; the report tells how far it lies, and more begin with the same."""
    arguments = ("vary", TWINKLE, "--model", model, "--seed", 3, "--json", "-n")
    few = seqvae(*arguments, 2, "-o", tmp_path / "few")
    many = seqvae(*arguments, 3, "-o", tmp_path / "many")

    assert few.exit_code == many.exit_code == 0, few.stderr + many.stderr
    assert json.loads(few.stdout)["variations"] == json.loads(many.stdout)["variations"][:2]
    for name in ("variation-01.mid", "variation-02.mid"):
        assert read_score(tmp_path / "few" / name).tracks == read_score(tmp_path / "many" / name).tracks
    assert "distance to twinkle" in few.stderr


def test_no_distance_gives_the_reconstruction(model, tmp_path):
    """At amount 0 and temperature 0 a variation is what the model gives back."""
    same = ("--temperature", 0, "--model", model, "-o")
    assert seqvae("vary", TWINKLE, "-n", 1, "--amount", 0, *same, tmp_path / "vary").exit_code == 0
    assert seqvae("reconstruct", TWINKLE, *same, tmp_path / "back").exit_code == 0

    varied, back = tmp_path / "vary" / "variation-01.mid", tmp_path / "back" / "reconstruction.mid"
    assert read_score(varied).tracks == read_score(back).tracks


def test_sample_near_a_song_is_vary(model, tmp_path):
    """Both roads to a song's surroundings write the same clips."""
    options = ("-n", 2, "--amount", 0.5, "--model", model, "-o")
    seqvae("sample", "--near", TWINKLE, *options, tmp_path / "near")
    seqvae("vary", TWINKLE, *options, tmp_path / "vary")

    for name in ("variation-01.mid", "variation-02.mid"):
        assert read_score(tmp_path / "near" / name).tracks == read_score(tmp_path / "vary" / name).tracks


@pytest.mark.parametrize(
    "command",
    [("interpolate", TWINKLE, JACQUES), ("sample", "-n", 2), ("reconstruct", ODE), ("vary", ODE, "-n", 2)],
)
def test_music_needs_a_folder(command, model):
    """Without -o a model of music has nowhere to write."""
    result = seqvae(*command, "--model", model)

    assert result.exit_code == 2
    assert "Missing option '-o'" in result.stderr


@pytest.mark.parametrize(
    "command",
    [("interpolate", TWINKLE, JACQUES), ("sample", "-n", 2), ("reconstruct", ODE), ("vary", ODE, "-n", 2)],
)
def test_files_have_the_resolution_asked_for(command, model, tmp_path):
    """Other ticks per quarter, the same music."""
    for ppq in (480, 960):
        assert seqvae(*command, "--model", model, "-o", tmp_path / str(ppq), "--ppq", ppq).exit_code == 0

    for path in (tmp_path / "960").glob("*.mid"):
        assert path.read_bytes()[12:14] == (960).to_bytes(2, "big")
        assert read_score(path) == read_score(tmp_path / "480" / path.name)


def test_info_knows_models_and_files(model):
    """One command describes both, for people and for programs."""
    assert "2 bars of 16 steps" in seqvae("info", model).stdout
    assert json.loads(seqvae("info", ODE, "--json").stdout)["bars"] == 16


def test_info_of_neither_is_one_line():
    """A misspelt name is an error of one line."""
    result = seqvae("info", "melody-3bar")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
