import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seqvae.checkpoint import save_model
from seqvae.errors import ConfigError, MidiError
from seqvae.export.formats import ExportOptions
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.replay import replay
from seqvae.latent.walk import WalkOptions
from seqvae.midi.read import read_score
from seqvae.midi.record import read_record
from seqvae.midi.write import score_to_bytes, write_score
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.melody import MelodyTokenizer
from tests.latent.making import CLIPS, save_debug_model, tune

A, B, ODE = (CLIPS / f"{name}.mid" for name in ("twinkle", "frere-jacques", "ode-to-joy"))
OPTIONS = WalkOptions(method="lerp", pin_ends=False, refine=2, fit="pad", tracks=(1,))
EXPORT = ExportOptions(stems=True, ticks_per_quarter=960)
MAKERS = {
    "walk": lambda model: model.interpolate(A, B, steps=3, temperature=0.7, seed=2**62, options=OPTIONS),
    "path of three": lambda model: model.interpolate(A, B, A, steps=2),
    "reconstruction": lambda model: model.reconstruct(B, temperature=0.5, seed=3, options=OPTIONS),
    "some bars of a song": lambda model: model.reconstruct(ODE, options=WalkOptions(bars="3-7", overlap=0)),
    "samples": lambda model: model.sample(3, seed=7, prior="normal"),
    "pieces": lambda model: model.sample(2, seed=7, bars=5),
    "variations": lambda model: model.vary(A, 2, amount=0.5, seed=5),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> MusicModel:
    """Load a model from its folder."""
    return load(save_debug_model(tmp_path_factory.mktemp("model") / "debug"))


@pytest.fixture
def walk(model, tmp_path) -> Path:
    """Write a walk of three steps."""
    model.interpolate(A, B, steps=3).write(tmp_path / "walk")
    return tmp_path / "walk"


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_file_is_made_again_to_the_byte(make, model, tmp_path):
    """Whatever command made it, clip, arrangement or stem, at any resolution: the file tells enough."""
    make(model).write(tmp_path, export=EXPORT)

    for path in tmp_path.glob("*.mid"):
        again = replay(path)
        assert (again.is_same, again.differences) == (True, ())
        assert again.data == path.read_bytes()
        assert again.record.file == path.name


def test_file_that_travelled_needs_its_songs(walk, model, tmp_path):
    """Without the report beside it the songs are named, in any order, and known by their music."""
    lone = tmp_path / "lone.mid"
    shutil.copy(walk / "step-02.mid", lone)
    folder = json.loads((walk / "report.json").read_bytes())["settings"]["model"]
    with pytest.raises(MidiError, match=r"lone\.mid: no song at hand has the music of its input twinkle"):
        replay(lone, model=folder)

    assert replay(lone, [B, A], model=folder).is_same
    renamed = tmp_path / "renamed.mid"
    write_score(read_score(A), renamed, ticks_per_quarter=960)
    assert replay(lone, [renamed, B], model=folder).is_same


def test_music_in_memory_is_replayed_too(model, tmp_path):
    """A Score has no path, but a hash."""
    one, other = tune(60, 62), tune(67, 65, 64)
    model.interpolate(one, other, steps=2).write(tmp_path)

    assert replay(tmp_path / "step-02.mid", [other, one]).is_same


def test_model_that_is_another_is_told(walk, tmp_path):
    """The verdict names the file of the model that changed, and counts the notes that did."""
    torch.manual_seed(1)
    save_model(tmp_path / "other", SequenceVAE(preset("debug").model), MelodyTokenizer())
    again = replay(walk / "step-02.mid", model=tmp_path / "other")

    assert not again.is_same
    assert "model.safetensors of the model is another: sha256" in again.differences[0]
    assert "not among the" in again.differences[-1]
    assert again.lines()[0].endswith("seed 0: not the same file")


def test_the_same_model_elsewhere_is_the_same(walk, model, tmp_path):
    """A model is its files, wherever they lie and whatever the folder is called."""
    folder = json.loads((walk / "report.json").read_bytes())["settings"]["model"]
    shutil.copytree(folder, tmp_path / "moved")

    assert replay(walk / "arrangement.mid", model=tmp_path / "moved").is_same


def test_file_that_was_changed_is_told(walk):
    """A note that somebody moved is found; the record alone does not make a file ours."""
    path = walk / "step-01.mid"
    score = read_score(path)
    moved = replace(score, tracks=(replace(score.tracks[0], notes=score.tracks[0].notes[1:]),))
    path.write_bytes(score_to_bytes(moved, record=read_record(path.read_bytes())))
    again = replay(path)

    assert (again.is_same, len(again.differences)) == (False, 1)
    assert "0 notes of 6 not among the 7 made now" in again.differences[0]


def test_other_version_is_told(walk, monkeypatch):
    """The program may have changed too."""
    monkeypatch.setattr("seqvae.latent.replay.__version__", "9.9")

    assert replay(walk / "step-01.mid").differences[0] == "written by seqvae 0.1.0, this is 9.9"


def test_files_of_others_have_no_record(tmp_path):
    """A tune of a user is not ours to make."""
    with pytest.raises(MidiError, match=r"twinkle\.mid: does not tell how it was made"):
        replay(A)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"command": "delete"}, "its record lacks"),
        ({"steps": 10**9}, "1000000000 is more than 1000"),
        ({"steps": None}, "its record lacks"),
        ({"tracks": 5}, "its record lacks"),
        ({"refine": 10**9}, "refine is 1000000000; choose 0 to 10000"),
        ({"seed": -1}, "seed is -1; choose"),
        ({"keep": 5}, "its record lacks"),
        ({"keep": [{}]}, "there is no voice"),
        ({"lock_bars": [10**9]}, "no bars 1000000000"),
        ({"lock_bars": {"a": 1}}, "no bars a"),
        ({"scale": ["C major"]}, "its record lacks"),
        ({"scale": 5}, "scale is '5'"),
        ({"command": "grid", "size": [3, 3]}, "a grid has four corners, not 2"),
        ({"command": "accompany", "number": 10**9}, "its record lacks"),
    ],
)
def test_records_by_others_do_no_harm(walk, change, message):
    """A record may be anybody's: odd values end in one line, huge ones too."""
    path = walk / "step-01.mid"
    data = path.read_bytes()
    record = json.loads(read_record(data))
    record["settings"] |= change
    path.write_bytes(score_to_bytes(read_score(data), record=json.dumps(record)))
    with pytest.raises((MidiError, ConfigError), match=message):
        replay(path)


def test_songs_and_model_are_found_from_anywhere(tmp_path, monkeypatch):
    """report.json tells where they lay from where it lies, so the working folder does not matter."""
    songs, work = tmp_path / "songs", tmp_path / "work"
    songs.mkdir()
    work.mkdir()
    (songs / "a.mid").write_bytes(A.read_bytes())
    save_debug_model(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    load("model").vary("songs/a.mid", 1).write("out")
    monkeypatch.chdir(work)

    assert replay(tmp_path / "out" / "variation-01.mid").is_same
