import json

import pytest

from seqvae.errors import ConfigError
from seqvae.tokens.drum_map import CLASSES, GENERAL_MIDI, DrumMap


def test_no_note_of_general_midi_has_two_classes():
    """The standard map is a function, and what it writes back it reads as the same class."""
    notes = [note for of_class in GENERAL_MIDI.values() for note in of_class]
    drum_map = DrumMap()

    assert len(notes) == len(set(notes)) == 24
    assert drum_map.class_of_note[list(drum_map.written)].tolist() == list(range(len(CLASSES)))


def test_a_map_survives_its_file(tmp_path):
    """What a map says of itself in JSON builds it again, the first notes first."""
    path = tmp_path / "kit.json"
    path.write_text(json.dumps(DrumMap().to_dict()))

    assert DrumMap.from_file(path) == DrumMap()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("[" * 100_000, "not JSON", id="deep"),
        pytest.param("[36]", "a drum map has entries note to class", id="list"),
        pytest.param("{}", "a drum map has entries note to class", id="nothing"),
        pytest.param('{"36": "gong"}', r"note 36: unknown class 'gong'; choose from kick, snare", id="class"),
        pytest.param('{"36": ["kick"]}', "note 36: unknown class", id="unhashable"),
        pytest.param('{"128": "kick"}', r"note '128' is no number in 0\.\.127", id="note"),
        pytest.param('{"C1": "kick"}', "note 'C1' is no number", id="name"),
        pytest.param(
            '{"38": "kick"}', "snare has no note and would be written as 38, which is kick", id="both"
        ),
    ],
)
def test_a_broken_map_names_file_and_entry(tmp_path, text, message):
    """Whatever is wrong with a file is told in one line."""
    path = tmp_path / "kit.json"
    path.write_text(text)

    with pytest.raises(ConfigError, match=f"kit.json: {message}"):
        DrumMap.from_file(path)


def test_a_missing_map_is_told(tmp_path):
    """A wrong path is the user's mistake."""
    with pytest.raises(ConfigError, match="cannot be read"):
        DrumMap.from_file(tmp_path / "none.json")


@pytest.mark.parametrize(
    "drum_map",
    [DrumMap(), DrumMap.from_dict({"40": "snare", "38": "snare", "36": "kick", "35": "kick"})],
    ids=["General MIDI", "a kit of its own"],
)
def test_config_means_the_same_in_any_order(drum_map):
    """JSON with sorted keys, as shards and models have it, writes back the same notes."""
    config = json.loads(json.dumps(drum_map.to_config(), sort_keys=True))

    assert DrumMap.from_config(config).written == drum_map.written
    assert DrumMap.from_config(config).to_config() == drum_map.to_config()


def test_config_that_is_no_list_is_refused():
    """A model folder is anybody's file."""
    with pytest.raises(ConfigError, match="written is 7, no list of notes"):
        DrumMap.from_config({"map": {"36": "kick"}, "written": 7})
