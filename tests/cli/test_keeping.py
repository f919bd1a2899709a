"""What stays and what may be written, from the command line."""

import json
from pathlib import Path

import pytest

from seqvae.latent.scales import read_scale
from seqvae.midi.read import read_score
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

TWINKLE, ODE = CLIPS / "twinkle.mid", CLIPS / "ode-to-joy.mid"
DORIAN = read_scale("D dorian")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


@pytest.mark.parametrize(
    "command", [("vary", TWINKLE), ("sample",), ("sample", "--near", TWINKLE)], ids=["vary", "sample", "near"]
)
def test_scale_holds_in_every_file(command, model, tmp_path):
    """No pitch outside it is in any file, the report names it, and replay makes a file again."""
    out = tmp_path / "out"
    options = ("-n", 2, "--scale", "D dorian", "--temperature", 5, "--model", model, "--json")
    result = seqvae(*command, "-o", out, *options)
    notes = [note for path in out.glob("*.mid") for track in read_score(path).tracks for note in track.notes]

    assert result.exit_code == 0
    assert notes
    assert all(DORIAN.holds(note.pitch) for note in notes)
    assert json.loads(result.stdout)["bounds"]["scale"]["name"] == "D dorian"
    assert "scale: D dorian" in result.stderr
    (second,) = out.glob("*-02.mid")
    assert seqvae("replay", second, "--model", model).exit_code == 0


def test_locked_bar_is_told_and_kept(model, tmp_path):
    """The first bar of a variation is the song's."""
    out = tmp_path / "out"
    result = seqvae("vary", TWINKLE, "-n", 1, "--lock-bars", 1, "--model", model, "-o", out)
    own, varied = (
        [note for note in read_score(path).tracks[0].notes if note.start < 1920]
        for path in (TWINKLE, out / "variation-01.mid")
    )

    assert "bar 1: as in twinkle" in result.stderr
    assert own == varied


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--lock-bars", "3"), "bar 3 cannot be locked: the clips have bars 1 to 2"),
        (("--lock-bars", "a"), "'a' names no bars; write them as 1-4,9"),
        (("--lock-voice", "drums"), "there is no voice 'drums' to keep; choose from melody"),
        (("--keep", "melody"), "every bar of every voice is to stay; leave one free"),
        (("--scale", "C dur"), "scale is 'C dur'; write a note and a mode"),
    ],
    ids=["no such bar", "no bars", "no such voice", "nothing free", "no scale"],
)
def test_what_cannot_be_kept_is_one_line(options, words, model, tmp_path):
    """The line names it, and nothing is written."""
    result = seqvae("vary", TWINKLE, "-n", 1, *options, "--model", model, "-o", tmp_path / "out")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert words in result.stderr
    assert not (tmp_path / "out").exists()


def test_options_for_songs_say_nothing_to_samples(model, tmp_path):
    """Without a song there is nothing to lock, which one line says."""
    result = seqvae("sample", "-n", 1, "--lock-bars", 1, "--model", model, "-o", tmp_path / "out")

    assert result.exit_code == 0
    assert "--lock-bars says nothing without --near; left aside" in result.stderr
