"""The Python API with the smallest real model."""

import json
from pathlib import Path

import pytest
import torch

import seqvae
from seqvae.errors import CheckpointError, ConfigError, MidiError
from seqvae.export.formats import ExportOptions
from seqvae.latent.load import load
from seqvae.latent.mixture import standard_normal
from seqvae.latent.music import MusicModel, default_model
from seqvae.latent.walk import WalkOptions
from seqvae.midi.read import read_score
from tests.latent.making import CLIPS, echo_model, same_music, save_debug_model, tune

A, B = CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Save a model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


@pytest.fixture(scope="module")
def model(folder) -> MusicModel:
    """Load it again."""
    return load(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_load_is_a_public_name():
    """`seqvae.load` is where people look for it."""
    assert seqvae.load is load


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_same_seed_same_bytes(model, tmp_path, temperature):
    """Two walks with one seed write the same files; another seed makes other music only at a temperature."""
    walks = {}
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        walks[name] = model.interpolate(A, B, steps=4, temperature=temperature, seed=seed)
        walks[name].write(tmp_path / name)

    assert contents(tmp_path / "one") == contents(tmp_path / "again")
    assert (walks["one"].scores[1] == walks["two"].scores[1]) is (temperature == 0)
    assert walks["one"].scores[0] == walks["two"].scores[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda model: model.interpolate(A, B, steps=3),
        lambda model: model.grid(A, B, A, B, size=2, options=WalkOptions(pin_ends=False)),
        lambda model: model.vary(A, 2, temperature=0),
        lambda model: model.reconstruct(A),
        lambda model: model.sample(2, temperature=0),
        lambda model: model.sample(2, temperature=0, bars=4),
    ],
    ids=["interpolate", "grid", "vary", "reconstruct", "sample", "longer samples"],
)
def test_report_tells_points_to_the_last_bit(model, tmp_path, make):
    """What lies at the points of report.json, decoded, is what the last clip has."""
    clips = make(model)
    clips.write(tmp_path / "out")
    points = json.loads((tmp_path / "out" / "report.json").read_text())["points"]
    z = torch.tensor(points[clips.names[-1]])

    assert tuple(points) == clips.names
    assert torch.equal(z, clips.points[-1])
    if clips.names[-1] != "step-03":  # there the song itself stands
        assert pitches(model.decode(z)) == pitches(clips.scores[-1])


def pitches(score):
    """List what is played in order."""
    return [note.pitch for track in score.tracks for note in track.notes]


def test_written_folder_holds_what_the_report_lists(model, tmp_path):
    """A file per step, the arrangement and the report, and nothing else."""
    model.interpolate(A, B, steps=3).write(tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())

    assert report["files"] == ["step-01.mid", "step-02.mid", "step-03.mid", "arrangement.mid", "report.json"]
    assert sorted(report["files"]) == sorted(contents(tmp_path / "out"))
    assert report["settings"]["method"] == "slerp"
    assert report["steps"][0]["distances"][0] == {"steps": 0, "onsets": 0}


def test_resolution_has_a_range(model, tmp_path):
    """Ticks too few for the grid, or too many for a MIDI file, are refused."""
    with pytest.raises(MidiError, match="ticks_per_quarter is 23; choose 24 to 30720"):
        model.sample(1).write(tmp_path / "out", export=ExportOptions(ticks_per_quarter=23))


def test_results_are_pretty_midi_too(model):
    """Results go back in the form people hold."""
    first, _ = model.interpolate(read_score(A), B, steps=2).to_pretty_midi()

    assert [note.pitch for note in first.instruments[0].notes] == [72, 72, 79, 79, 81, 81, 79]


def test_refining_is_reported(model):
    """The report tells the likelihood of each end before and after."""
    report = model.interpolate(A, B, steps=2, options=WalkOptions(refine=2)).report

    assert all(after <= before for before, after in (one.nats for one in report.inputs))
    assert any("refined" in line for line in report.lines())


def test_reconstruct_returns_the_song_and_its_image(tmp_path):
    """With a model that forgets nothing the two are alike."""
    clips = echo_model(tmp_path).reconstruct(A)

    assert clips.names == ("original", "reconstruction")
    assert same_music(*clips.scores)
    assert clips.report.distance == (0, 0)


def test_decode_inverts_encode(tmp_path):
    """To z and back, window by window, with a model that forgets nothing."""
    model = echo_model(tmp_path)
    z = model.encode(CLIPS / "ode-to-joy.mid")
    notes = model.decode(z).tracks[0].notes

    assert z.shape == (8, 32)
    assert [n[:3] for n in notes] == [n[:3] for n in read_score(CLIPS / "ode-to-joy.mid").tracks[0].notes]


def test_decode_wants_points_of_its_size(model):
    """Points of another model is refused."""
    with pytest.raises(ConfigError, match=r"z has the shape \(1, 3\); it must be \(windows, 8\)"):
        model.decode(torch.zeros(1, 3))


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (torch.zeros(0, 8), "no windows"),
        (torch.full((1, 8), torch.nan), "not finite"),
        (torch.full((2, 8), torch.inf), "not finite"),
    ],
    ids=["no windows", "NaN", "infinite"],
)
def test_decode_wants_points_that_lie_somewhere(model, z, words):
    """No points, and points of no place, are refused."""
    with pytest.raises(ConfigError, match=words):
        model.decode(z)


def test_more_samples_begin_with_the_same(model):
    """The first samples do not depend on how many follow."""
    assert model.sample(2, seed=3).scores == model.sample(5, seed=3).scores[:2]


def test_samples_differ_by_seed(model):
    """Another seed, other music."""
    assert model.sample(1, seed=1).scores != model.sample(1, seed=2).scores


def test_samples_come_from_the_fitted_posterior(folder):
    """A model folder that knows where its music lies is sampled from there."""
    model = load(folder)
    prior = model.sample(3)
    model.fitted = standard_normal(8)

    assert prior.report.settings["prior"] == "N(0, I)"
    assert model.sample(3).report.settings["prior"] == "fitted to the training data"
    assert model.sample(3).scores == prior.scores


@pytest.mark.parametrize("number", [0, 10_001])
def test_number_of_samples_has_a_range(model, number):
    """No samples and too many are refused."""
    with pytest.raises(ConfigError, match=f"the number of samples is {number}"):
        model.sample(number)


def test_default_model_depends_on_the_longest_song():
    """Two bars are for the small model, anything longer for the large one."""
    two, three = tune(*[60] * 8), tune(*[60] * 9)

    assert default_model([two, two]) == "melody-2bar"
    assert default_model([two, three]) == "melody-16bar"


def test_unknown_model_and_device_are_named(folder):
    """What is not there is said."""
    with pytest.raises(CheckpointError, match="no model 'melody-3bar'"):
        load("melody-3bar")
    with pytest.raises(ConfigError, match="no device 'quantum' here"):
        load(folder, device="quantum")


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seed_has_a_range(model, seed):
    """A seed PyTorch cannot take is refused."""
    with pytest.raises(ConfigError, match=f"seed is {seed}"):
        model.sample(1, seed=seed)
