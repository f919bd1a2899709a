"""Drums and trios from corpus to evaluation, by their smallest presets."""

from pathlib import Path

import pytest

from seqvae.checkpoint import load_model
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import CORPUS_TOKENIZERS, PrepareSettings
from seqvae.dataset.shards import open_shards
from seqvae.errors import ConfigError
from seqvae.evaluation.evaluate import evaluate_model
from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.metrics import TOGETHER
from seqvae.presets import preset
from seqvae.tokens.drum_map import DrumMap
from seqvae.training.run import RunSettings, run_training
from seqvae.training.settings import override
from tests.dataset.drum_making import trio_tracks, write_music
from tests.training.making import Notebook

SHORT = ("train.num_steps=6", "train.log_every=3", "train.evaluate_every=6", "train.batch_size=4")
VOICES = {"drums": [], "trio": ["melody", "bass", "drums"]}


@pytest.mark.parametrize("kind", VOICES)
def test_a_band_is_trained_and_measured(kind, tmp_path):
    """Prepared songs train a model that is validated and evaluated voice by voice, and goes on by itself."""
    for seed in range(8):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8), 8)
    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS[kind](DrumMap()), valid_share=0.2, test_share=0.2)
    prepare_corpus([tmp_path / "songs"], tmp_path / "shards", settings)
    notebook = Notebook()
    train(tmp_path / "shards", tmp_path / "run", kind, view=notebook)
    (valid,) = [record for record in notebook.records if record["kind"] == "valid"]
    loaded, shards = load_model(tmp_path / "run" / "model"), open_shards(tmp_path / "shards")
    evaluation = evaluate_model(loaded, shards, MeasureSettings(bound_samples=0), limit=6)
    values = evaluation.metrics.values[TOGETHER]

    assert all(0 <= valid[f"free_running_{voice}"] <= 1 for voice in VOICES[kind])
    assert 0 <= values["free_running.onset_f1"] <= 1
    assert [name for name in values if name.endswith(".majority.accuracy")] == [
        f"{voice}.majority.accuracy" for voice in VOICES[kind]
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("voice_dropout=0.1", "no voice of this model can be absent"),
        ("voice_mixing=0.1", "no voices to mix"),
        ("own_past=0.1", "a model with a lookback"),
        ("pitch_shuffling=0.1", "knows no octave of pitches"),
        ("voice_swapping=0.1", "no two voices of pitches"),
    ],
)
def test_what_a_model_does_not_have_cannot_be_trained(tmp_path, change, message):
    """A model of drums alone has no voice to leave out or to lend, and without a lookback no past."""
    for seed in range(8):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8)[2:], 8)
    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS["drums"](DrumMap()))
    prepare_corpus([tmp_path / "songs"], tmp_path / "shards", settings)

    with pytest.raises(ConfigError, match=rf"train.{change.replace('=', ' is ')}; .*{message}"):
        train(tmp_path / "shards", tmp_path / "run", "drums", f"train.{change}")


def test_every_voice_has_its_weight(tmp_path):
    """A model of drums alone has one voice."""
    for seed in range(8):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8)[2:], 8)
    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS["drums"](DrumMap()))
    prepare_corpus([tmp_path / "songs"], tmp_path / "shards", settings)

    with pytest.raises(ConfigError, match=r"is \[1.0, 2.0\]; this model has 1 voice, give as many, or \[\]"):
        train(tmp_path / "shards", tmp_path / "run", "drums", "objective.voice_weights=[1, 2]")


@pytest.mark.parametrize("change", ["set_mixing=0.1", "set_shuffling=0.1"])
def test_only_sets_are_mixed_and_shuffled(tmp_path, change):
    """Where the ids of drums are told to be no sets nothing can be done to their classes."""
    for seed in range(8):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8)[2:], 8)
    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS["drums"](DrumMap()))
    prepare_corpus([tmp_path / "songs"], tmp_path / "shards", settings)

    with pytest.raises(
        ConfigError, match=rf"train.{change.replace('=', ' is ')}; the ids of this model are no sets"
    ):
        train(tmp_path / "shards", tmp_path / "run", "drums", f"train.{change}", "model.set_ids=[0,0]")


def train(shards: Path, folder: Path, kind: str, *changes: str, view: Notebook | None = None) -> None:
    """Train a few steps by the smallest preset of a kind."""
    options = RunSettings(folder=folder, device="cpu", num_threads=1)
    recipe = override(preset(f"debug-{kind}"), [*SHORT, *changes])
    run_training(shards, recipe, options, view or Notebook())
