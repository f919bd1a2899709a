"""What stays and what may be written, from the command line."""

import json
from pathlib import Path

import pytest

from seqvae.latent.scales import read_scale
from seqvae.midi.read import read_score
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model
from tests.latent.test_bands import save_band_model
from tests.midi.building import MIDDLE_C, smf

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


def test_grid_writes_a_file_for_each_cell(model, tmp_path):
    """Rows by columns, with an arrangement and a report; the corners are the songs."""
    out = tmp_path / "out"
    songs = (TWINKLE, CLIPS / "frere-jacques.mid", TWINKLE, CLIPS / "frere-jacques.mid")
    result = seqvae("grid", *songs, "--size", "2x3", "--model", model, "-o", out, "--json")
    names = {path.name for path in out.iterdir()}

    assert (result.exit_code, len(names)) == (0, 8)
    assert read_score(out / "cell-2-1.mid").tracks == read_score(TWINKLE).tracks
    assert [step["column"] for step in json.loads(result.stdout)["steps"]] == [1, 2, 3, 1, 2, 3]
    assert seqvae("replay", out / "cell-1-2.mid").exit_code == 0
    assert seqvae("grid", *songs, "--size", "2x3", "--model", model, "-o", out).exit_code == 1


def test_size_that_is_none_is_one_line(model, tmp_path):
    """The line tells how to write it, before anything is read."""
    result = seqvae("grid", *"abcd", "--size", "3by3", "--model", model, "-o", tmp_path / "out")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "size is '3by3'; write it as 5, or as 3x5, rows first" in result.stderr


def test_accompany_writes_the_missing_voices(tmp_path_factory, tmp_path):
    """The melody stands in each file as it was, and replay makes one again."""
    trio = save_band_model(tmp_path_factory.mktemp("trio"), "trio")
    out = tmp_path / "out"
    result = seqvae("accompany", TWINKLE, "-n", 2, "--scale", "auto", "--model", trio, "-o", out)

    assert result.exit_code == 0, result.stderr
    for path in out.glob("accompaniment-*.mid"):
        assert read_score(path).tracks[0] == read_score(TWINKLE).tracks[0]
        assert len(read_score(path).tracks) > 1
    assert "melody: that of twinkle throughout" in result.stderr
    assert "melody notes  bass notes  drums notes" in result.stderr
    assert seqvae("replay", out / "accompaniment-02.mid", "--model", trio).exit_code == 0


def test_accompany_needs_a_trio_model(model, tmp_path):
    """A model of melodies has no voices to fill in; the line says what to choose."""
    result = seqvae("accompany", TWINKLE, "--model", model, "-o", tmp_path / "out")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "choose one of trios" in result.stderr


@pytest.mark.parametrize("command", ["grid", "accompany"])
def test_strict_is_known_to_new_commands(command, tmp_path):
    """What breaks the standard is refused before a model is loaded."""
    (tmp_path / "odd.mid").write_bytes(smf(MIDDLE_C))
    songs = [tmp_path / "odd.mid"] * (4 if command == "grid" else 1)
    result = seqvae(command, *songs, "--strict", "-o", tmp_path / "out")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "breaks the standard (1 track without an end mark)" in result.stderr
