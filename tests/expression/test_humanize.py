from pathlib import Path

import pytest

import seqvae
from seqvae.errors import CheckpointError, ConfigError, SeqvaeError, TokenError
from seqvae.expression.humanize import Reading, humanize, quantize
from seqvae.expression.storage import load_expression, save_expression
from seqvae.latent.describe import describe_model
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.read import read_original, read_score
from seqvae.midi.write import score_to_bytes
from tests.expression.making import save_small_model, small_model
from tests.latent.making import save_debug_model

CLIPS = Path(__file__).parent.parent.parent / "data" / "clips"
GROOVE, TRIO = CLIPS / "pocket-groove.mid", CLIPS / "when-the-saints-trio.mid"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a small model."""
    return save_small_model(tmp_path_factory.mktemp("expression") / "model")


def claps() -> Score:
    """Write drums of no class."""
    return Score((Track((Note(0, 60, 54, 90),), is_drum=True),), end_tick=1920)


def test_only_drums_change(model):
    """Melody and bass of a trio stay note for note, and every hit is there."""
    played = humanize(TRIO, model=model)
    before = read_original(TRIO)

    assert played.score.tracks[:2] == before.tracks[:2]
    assert played.score.tracks[2] != before.tracks[2]
    assert len(played.score.tracks[2].notes) == len(before.tracks[2].notes)
    assert played.report.num_moved > 0.5 * played.report.num_hits


def test_the_same_seed_is_the_same_bytes(model):
    """The seed decides, and another seed plays otherwise."""
    first, second, other = (humanize(GROOVE, model=model, seed=seed).to_bytes() for seed in (1, 1, 2))

    assert first == second != other


def test_at_temperature_0_no_seed_matters(model):
    """Nothing is drawn."""
    assert humanize(GROOVE, model=model, temperature=0, seed=1).score == (
        humanize(GROOVE, model=model, temperature=0, seed=2).score
    )


def test_none_of_the_way_is_the_song_itself(model):
    """At amount 0 both commands give back what was read."""
    assert humanize(GROOVE, model=model, amount=0).score == read_original(GROOVE)
    assert quantize(GROOVE, amount=0).score == read_original(GROOVE)


def test_a_feel_is_taken_from_another_recording(model):
    """With an example nothing of the feel is drawn, and another example is another feel."""
    plays = [humanize(GROOVE, model=model, temperature=0, feel=feel).score for feel in (None, TRIO, GROOVE)]

    assert len({score_to_bytes(score) for score in plays}) == 3


def test_music_in_memory_is_played_too(model):
    """Bytes, a Score and a path give the same."""
    data = GROOVE.read_bytes()

    assert quantize(data).score == quantize(GROOVE).score == quantize(read_score(data)).score
    assert quantize(GROOVE).to_pretty_midi().instruments[0].is_drum
    assert seqvae.quantize(GROOVE).score == quantize(GROOVE).score


def test_the_report_tells_what_changed(model):
    """Counts are those of the score, in words and for programs."""
    report = quantize(GROOVE).report
    told = report.as_dict()

    assert (told["num_hits"], told["num_bars"]) == (32, 2)
    assert told["after"]["offset_deviation"] == 0
    assert "32 hits in 2 bars: 18 moved" in "\n".join(report.lines())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: humanize(CLIPS / "twinkle.mid", model=m), TokenError, r"twinkle\.mid: no drums to encode"),
        (
            lambda m: humanize(GROOVE, model=m, feel=CLIPS / "twinkle.mid"),
            TokenError,
            r"twinkle\.mid: no drums",
        ),
        (lambda m: humanize(GROOVE, model=m, amount=1.5), ConfigError, "amount is 1.5; choose 0 to 1"),
        (lambda m: humanize(GROOVE, model=m, temperature=-1), ConfigError, "temperature is -1"),
        (lambda m: humanize(GROOVE, model=m, temperature=float("nan")), ConfigError, "temperature is nan"),
        (
            lambda m: humanize(GROOVE, model="melody-2bar"),
            CheckpointError,
            "no model of expression; choose drums-e",
        ),
        (lambda m: quantize(claps()), TokenError, "its drums hit no class in a bar that fits 16 sixteenths"),
        (lambda m: quantize(TRIO, reading=Reading(track="Harp")), TokenError, "track 'Harp' does not exist"),
    ],
    ids=["no drums", "no drums to feel", "amount", "cold", "nan", "another model", "claps", "no such track"],
)
def test_what_cannot_be_played_is_told_in_one_line(call, error, words, model):
    """The song or setting is named, with its value and the remedy."""
    with pytest.raises(error, match=words) as caught:
        call(model)
    assert "\n" not in str(caught.value)


def test_a_model_survives_its_folder(tmp_path):
    """What is saved is loaded, in half the bytes too."""
    model = small_model()
    save_expression(tmp_path / "whole", model, notes={"step": 7})
    save_expression(tmp_path / "half", model, half=True)
    loaded = load_expression(tmp_path / "whole")

    assert (loaded.notes, loaded.model.config, loaded.model.training) == ({"step": 7}, model.config, False)
    assert all((part == loaded.model.state_dict()[name]).all() for name, part in model.state_dict().items())
    assert load_expression(tmp_path / "half").model.feel_root.dtype == loaded.model.feel_root.dtype


def test_models_of_other_kinds_are_told_apart(model, tmp_path):
    """Neither kind is taken for the other, and info knows both."""
    other = save_debug_model(tmp_path / "other")

    with pytest.raises(CheckpointError, match="no model of expression"):
        load_expression(other)
    with pytest.raises(CheckpointError, match="a model of expression, which seqvae humanize takes"):
        seqvae.load(model)
    assert describe_model(str(model)).facts["ids"] == "drums, with velocity and timing"


@pytest.mark.parametrize(
    "sizes", ['{"feel_size": 0}', "[1]", '{"dropout": "much"}'], ids=["size", "list", "word"]
)
def test_a_broken_config_is_refused(sizes, model, tmp_path):
    """The file is named before any memory is taken."""
    folder = save_small_model(tmp_path / "broken")
    (folder / "config.json").write_text(f'{{"format_version": 1, "expression": {sizes}}}')

    with pytest.raises(SeqvaeError, match=r"config\.json: not a model of this version"):
        load_expression(folder)


def test_song_is_told_beside_the_drums():
    """Metre, tempo and the tracks that stay as they were are part of the report."""
    report = quantize(TRIO).report
    told = report.as_dict()

    assert (
        'as they were: track 1, "When the Saints" (32 notes), track 2, "Walking Bass" (59 notes)'
        in report.lines()
    )
    assert told["metres"] == ["4/4"]
    assert told["quarters_per_minute"] > 0
    assert [one["track"] for one in told["tracks_left_out"]] == [1, 2]
