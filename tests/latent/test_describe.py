import json
import re

import pytest

from seqvae.errors import CheckpointError, MidiError
from seqvae.latent.describe import Description, describe_model, describe_song, is_music
from seqvae.latent.inputs import read_song
from seqvae.latent.mixture import standard_normal
from seqvae.latent.posterior import save_posterior
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.write import write_score
from tests.latent.making import CLIPS, save_debug_model
from tests.latent.text.making import save_text_model
from tests.midi.building import END, MIDDLE_C, smf


def describe(what: str) -> Description:
    """Describe a file or a model, as `seqvae info` tells them apart."""
    return describe_song(read_song(what)) if is_music(what) else describe_model(what)


def test_file_is_described_with_its_melody():
    """Bars, metre, tempo, tracks, and what a model would take."""
    text = "\n".join(describe(str(CLIPS / "greensleeves.mid")).lines())

    assert "6/8 for 16" in text
    assert '"Greensleeves", program 73, 70 notes, pitches 64 to 79' in text
    assert "kept 70 notes of 70 in 16 bars" in text


def test_programs_get_what_the_words_say():
    """The report of the melody, and every number as a number."""
    found = json.loads(json.dumps(describe(str(CLIPS / "greensleeves.mid")).as_dict()))

    assert (found["melody"]["num_bars"], found["melody"]["snap"]["num_kept"]) == (16, 70)
    assert found["metres"] == [{"metre": "6/8", "bars": 16}]
    assert isinstance(found["quarters per minute"][0]["tempo"], float)
    assert (found["track 1"]["num_notes"], found["track 1"]["pitches"]) == (70, [64, 79])


def test_bass_and_drums_are_described_where_there_are_some():
    """What a trio model would take beside the melody, in words and for programs."""
    found = describe(str(CLIPS / "when-the-saints-trio.mid"))
    text = "\n".join(found.lines())

    assert 'bass: track 2 of 3, "Walking Bass"' in text
    assert "kept 147 hits of 147 in 16 bars" in text
    assert (found.as_dict()["bass"]["num_bars"], found.as_dict()["drums"]["hits"]["num_kept"]) == (16, 147)
    assert "bass" not in describe(str(CLIPS / "twinkle.mid")).as_dict()


def test_what_is_ignored_is_said(tmp_path):
    """Events that a Score has no place for are told by kind."""
    (tmp_path / "a.mid").write_bytes(smf("00 b0 40 7f  00 b0 40 00" + MIDDLE_C + END))
    found = describe(str(tmp_path / "a.mid"))

    assert found.as_dict()["ignored, pedal events"] == 2
    assert any(re.fullmatch(r"ignored, pedal events +2", line) for line in found.lines())


def test_what_does_not_fit_is_said(tmp_path):
    """Bars of 5/4 are counted, and what to do is said."""
    track = Track((Note(0, 480, 60, 80), Note(1920, 2400, 60, 80)))
    write_score(
        Score((track,), metres=(Metre(0, 4, 4), Metre(1920, 5, 4)), end_tick=4320), tmp_path / "a.mid"
    )
    lines = describe(str(tmp_path / "a.mid")).lines()
    melody = describe(str(tmp_path / "a.mid")).as_dict()["melody"]

    assert "does not fit: 1 of the bars, in 5/4" in lines
    assert melody["skipped_bars"] == {"5/4": 1}
    assert melody["error"].startswith("bar 2 of 2 is in 5/4")
    assert any(line.startswith("cannot be taken as it is: bar 2 of 2 is in 5/4") for line in lines)


def test_model_is_described_with_notes_and_card(tmp_path):
    """Shape, prior and card of a model folder."""
    folder = save_debug_model(tmp_path / "model")
    assert describe(str(folder)).facts["samples come from"] == "N(0, I)"
    save_posterior(folder, standard_normal(8))
    (folder / "README.md").write_text("# A card")
    found = describe(str(folder))

    assert found.facts["window"] == "2 bars of 16 steps"
    assert found.facts["samples come from"] == "1 fitted Gaussian"
    assert found.lines()[-1] == "# A card"
    assert isinstance(found.as_dict()["parameters"], int)


def test_drafts_are_described_as_the_source_of_samples(tmp_path):
    """A text model that writes without z samples from its drafts."""
    plain, drafting = (save_text_model(tmp_path / str(share), latent_dropout=share) for share in (0.0, 0.3))

    assert describe(str(plain)).facts["samples come from"] == "N(0, I)"
    assert describe(str(drafting)).facts["samples come from"] == "sentences drafted without z"


def test_tempo_is_a_plain_number(tmp_path):
    """The fastest tempo of MIDI is told without an exponent, and changes with their span."""
    tempi = (Tempo(0, 500_000), Tempo(480, 1))
    write_score(Score((Track((Note(0, 960, 60, 80),)),), tempi=tempi, end_tick=1920), tmp_path / "a.mid")
    facts = describe(str(tmp_path / "a.mid")).facts

    assert facts["quarters per minute"] == "120, 1 change in 120..60000000"


def test_what_is_neither_is_refused():
    """A misspelt model lists the models, a missing file is a missing file."""
    with pytest.raises(CheckpointError, match="no model 'melody-3bar'"):
        describe("melody-3bar")
    with pytest.raises(MidiError, match="no such file"):
        describe("missing.mid")
