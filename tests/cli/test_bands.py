"""The commands that make music, with the smallest models of drums and of a trio."""

import json
from pathlib import Path

import pytest

from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.read import read_score
from seqvae.midi.write import write_score
from seqvae.tokens.drum_map import CLASSES, DrumMap
from tests.cli.making import CLIPS, is_music, seqvae
from tests.latent.test_bands import save_band_model

GROOVE, ODE, SAINTS = (
    CLIPS / f"{n}.mid" for n in ("pocket-groove", "ode-to-joy-trio", "when-the-saints-trio")
)


@pytest.fixture(scope="module")
def drums(tmp_path_factory) -> Path:
    """Save a model of drums."""
    return save_band_model(tmp_path_factory.mktemp("drums"), "drums")


@pytest.fixture(scope="module")
def trio(tmp_path_factory) -> Path:
    """Save a model of trios."""
    return save_band_model(tmp_path_factory.mktemp("trio"), "trio")


def test_drums_walk_from_groove_to_groove(drums, tmp_path):
    """All is on channel 10, between a groove and the drums of a trio too; the groove stands as played."""
    out = tmp_path / "out"
    formats = ("--format", "mid,dawproject,png", "--stems")
    result = seqvae("interpolate", GROOVE, SAINTS, "-o", out, "--steps", 3, "--model", drums, *formats)
    own = read_score(GROOVE).tracks[0].notes

    assert (result.exit_code, is_music(out)) == (0, True)
    assert all(track.is_drum for path in out.glob("*.mid") for track in read_score(path).tracks)
    assert read_score(out / "step-01.mid").tracks[0].notes[: len(own)] == own
    assert {"arrangement.dawproject", "arrangement.png"} < {path.name for path in out.iterdir()}
    assert "folded" not in result.stderr  # the map of a saved model writes back the notes of General MIDI
    for words in ("channel 10", "off the grid", "the model gives back"):
        assert words in result.stderr


def test_another_kit_is_read_and_written(drums, tmp_path):
    """With a map of its notes a kit is heard as what it is, and what is made of it is for that kit."""
    kit, song = tmp_path / "kit.json", tmp_path / "song.mid"
    kit.write_text(json.dumps({"24": "kick", "29": "snare", "61": "closed hi-hat"}))
    hits = tuple(Note(i * 480, i * 480 + 60, (24, 61, 29, 61)[i % 4], 90) for i in range(8))
    write_score(Score((Track(hits, is_drum=True),), end_tick=3840), song)
    given = ("-o", tmp_path / "out", "--model", drums, "--json", "--drum-map", kit)
    told = json.loads(seqvae("reconstruct", song, *given).stdout)["input"]
    made = read_score(tmp_path / "out" / "reconstruction.mid")

    assert (told["encode"]["hits"]["num_kept"], told["encode"]["hits"]["dropped"]) == (8, {})
    notes = {24, 29, 61, *DrumMap().written[3:]}  # classes that the map does not name are General MIDI
    assert {note.pitch for track in made.tracks for note in track.notes} <= notes
    assert seqvae("replay", tmp_path / "out" / "reconstruction.mid").exit_code == 0
    assert "8 hits of no class left out" in seqvae("info", song, "--model", drums).stdout
    assert "kept 8 hits of 8" in seqvae("info", song, "--model", drums, "--drum-map", kit).stdout


def test_samples_are_written_for_a_kit(drums, tmp_path):
    """Drums out of nothing are notes of the map too."""
    kit, out = tmp_path / "kit.json", tmp_path / "out"
    kit.write_text(json.dumps({str(note): name for note, name in enumerate(CLASSES)}))

    assert seqvae("sample", "-n", 1, "-o", out, "--model", drums, "--drum-map", kit).exit_code == 0
    assert {n.pitch for n in read_score(out / "sample-01.mid").tracks[0].notes} <= set(range(9))
    assert seqvae("replay", out / "sample-01.mid").exit_code == 0


def test_a_melody_has_no_kit(tmp_path):
    """A map is refused where no drums are heard."""
    kit = tmp_path / "kit.json"
    kit.write_text('{"36": "kick"}')
    result = seqvae("info", ODE, "--model", "melody-2bar", "--drum-map", kit)

    assert (result.exit_code, "says nothing to a model of melody" in result.stderr) == (1, True)


def test_trios_walk_with_three_tracks(trio, tmp_path):
    """Ends are the songs themselves, the report tells each voice, and replay makes a step again."""
    out = tmp_path / "out"
    result = seqvae("interpolate", ODE, SAINTS, "-o", out, "--steps", 3, "--model", trio, "--json")
    inputs = json.loads(result.stdout)["inputs"]

    assert (result.exit_code, is_music(out)) == (0, True)
    for name, song in (("step-01", ODE), ("step-03", SAINTS)):
        assert read_score(out / f"{name}.mid").tracks == read_score(song).tracks
    assert list(inputs[0]["reconstruction"]["voices"]) == ["melody", "bass", "drums"]
    assert list(inputs[0]["encode"]) == ["melody", "bass", "drums"]
    assert seqvae("replay", out / "step-02.mid", "--model", trio).exit_code == 0


def test_voices_are_chosen_by_tracks(trio, tmp_path):
    """A voice that is wished away is absent from what comes out at the end."""
    wish = ("--tracks", "drums=none,melody=Ode to Joy")
    result = seqvae("reconstruct", ODE, "-o", tmp_path / "out", "--model", trio, *wish)
    original = read_score(tmp_path / "out" / "original.mid")

    assert result.exit_code == 0
    assert [track.name for track in original.tracks] == ["Ode to Joy", "Bass"]
    assert "drums: none asked for" in result.stderr


@pytest.mark.parametrize("kind", ["drums", "trio"])
def test_samples_and_variations_are_music(kind, request, tmp_path):
    """Both kinds are drawn, and varied from a clip."""
    model = request.getfixturevalue(kind)
    for command in (("sample", "-n", 2), ("vary", ODE, "-n", 2)):
        out = tmp_path / command[0]
        assert seqvae(*command, "-o", out, "--model", model, "--temperature", 1).exit_code == 0
        assert is_music(out)


@pytest.mark.parametrize(
    ("kind", "song", "wish", "words"),
    [
        ("drums", "twinkle", [], "no drums to encode"),
        ("drums", "ode-to-joy-trio", ["--track", "Harp"], "track 'Harp' does not exist"),
        ("trio", "ode-to-joy-trio", ["--track", "2"], "write it as melody=1,bass=Bass,drums=none"),
        ("trio", "ode-to-joy-trio", ["--tracks", "bass=Drums"], "track 'Drums' cannot be the bass"),
    ],
    ids=["no drums", "no such track", "no voice", "drums for a bass"],
)
def test_what_does_not_fit_is_one_line(kind, song, wish, words, request, tmp_path):
    """The line names the song, the track and the remedy."""
    model = request.getfixturevalue(kind)
    result = seqvae("reconstruct", CLIPS / f"{song}.mid", "-o", tmp_path / "out", "--model", model, *wish)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert words in result.stderr
    assert f"{song}.mid" in result.stderr
