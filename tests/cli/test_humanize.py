"""The command that plays drums as people do, or stiffly."""

import json
from pathlib import Path

import pytest

from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.read import read_original, read_score
from seqvae.midi.write import write_score
from tests.cli.making import CLIPS, seqvae
from tests.expression.making import save_small_model

GROOVE = CLIPS / "pocket-groove.mid"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a small model."""
    return save_small_model(tmp_path_factory.mktemp("expression") / "model")


def test_a_groove_is_played_by_the_seed(model, tmp_path):
    """The same seed writes the same bytes; the report stands on stdout as JSON and on stderr in words."""
    for name in ("one", "two"):
        result = seqvae("humanize", GROOVE, "-o", tmp_path / name, "--model", model, "--seed", 3, "--json")
        assert result.exit_code == 0

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert json.loads(result.stdout)["num_hits"] == 32
    assert json.loads(result.stdout)["settings"]["seed"] == 3
    assert "32 hits in 2 bars" in result.stderr


def test_quantize_needs_no_model(tmp_path):
    """The hits stand on the grid, and options of the model are said to be idle."""
    out = tmp_path / "stiff.mid"
    result = seqvae("humanize", GROOVE, "-o", out, "--quantize", "--temperature", 0.5)

    assert result.exit_code == 0
    assert {note.start % 120 for note in read_score(out).tracks[0].notes} == {0}
    assert "--temperature says nothing to --quantize" in result.stderr


def test_pipes_work():
    """A song goes in by standard input and out by standard output."""
    result = seqvae("humanize", "-", "-o", "-", "--quantize", stdin=GROOVE.read_bytes())

    assert result.exit_code == 0
    assert len(read_score(result.stdout_bytes).tracks[0].notes) == 32


def test_nothing_is_overwritten_unasked(model, tmp_path):
    """A file that is there stays, unless --force says otherwise."""
    out = tmp_path / "there.mid"
    out.write_bytes(b"mine")
    refused = seqvae("humanize", GROOVE, "-o", out, "--model", model)

    assert (refused.exit_code, refused.stderr.count("\n"), out.read_bytes()) == (1, 1, b"mine")
    assert "is there already; choose another file or use --force" in refused.stderr
    assert seqvae("humanize", GROOVE, "-o", out, "--model", model, "--force").exit_code == 0


def test_a_song_without_drums_is_one_line(model, tmp_path):
    """The song is named, and nothing is written."""
    result = seqvae("humanize", CLIPS / "twinkle.mid", "-o", tmp_path / "x.mid", "--model", model)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "twinkle.mid: no drums to encode" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_standard_output_holds_one_thing(tmp_path):
    """A song and a report do not go to one place."""
    assert seqvae("humanize", GROOVE, "-o", "-", "--quantize", "--json").exit_code == 2


def test_what_was_played_is_played_again(model, tmp_path):
    """A file tells how it was made; from song and recording at hand it comes out to the byte."""
    song, other = CLIPS / "when-the-saints-trio.mid", CLIPS / "ode-to-joy-trio.mid"
    ways = {
        "drawn": ("--model", model, "--seed", 7, "--amount", 0.6),
        "taken": ("--model", model, "--feel", GROOVE, "--temperature", 0),
        "stiff": ("--quantize", "--track", "Drums"),
    }
    for name, options in ways.items():
        out = tmp_path / f"{name}.mid"
        assert seqvae("humanize", song, "-o", out, *options).exit_code == 0
        again = seqvae("replay", out, other, song, GROOVE, *(options[:2] if name != "stiff" else ()))
        assert (again.exit_code, "the same" in again.stdout) == (0, True)
    assert "with seed" not in again.stdout
    assert "name behind it when-the-saints-trio" in seqvae("replay", out, other).stderr


def test_a_song_of_drums_ends_on_a_bar_line(tmp_path):
    """A file that ends with its last hit gets the rest of its bar."""
    song, out = tmp_path / "song.mid", tmp_path / "out.mid"
    hits = tuple(Note(tick, tick + 60, 38, 90) for tick in range(0, 3 * 1920, 480))
    write_score(Score((Track(hits, is_drum=True),), end_tick=hits[-1].end), song)

    assert seqvae("humanize", song, "-o", out, "--quantize").exit_code == 0
    assert read_original(out).end_tick == 3 * 1920
