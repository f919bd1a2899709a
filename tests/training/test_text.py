"""Runs over sentences: exact resumption, a decoder that begins anew, and presets that fit their shards."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seqvae.checkpoint import load_model
from seqvae.dataset.batches import Batches
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings
from seqvae.errors import ConfigError, DataError
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.base import build_tokenizer
from seqvae.training.run import RunSettings, fit_preset, run_training
from seqvae.training.settings import override
from seqvae.training.trainer import Trainer
from tests.dataset.making import write_corpus
from tests.training.making import Notebook
from tests.training.test_run import stop_after, tensors_of

SHORT = ("train.num_steps=12", "train.save_every=4", "train.log_every=5", "train.evaluate_every=6")
EVERYTHING = (
    *SHORT,
    "train.ema_decay=0.9",
    "train.token_dropout=0.2",
    "model.dropout=0.3",
    "train.reset_decoder_step=9",
    "objective.free_bits=0.1",
    "train.precision=bfloat16",
)


@pytest.fixture(scope="module")
def text_shards(tmp_path_factory) -> Path:
    """Shards of the sentences in data/."""
    folder = tmp_path_factory.mktemp("text")
    sentences = Path(__file__).parents[2] / "data" / "sentences" / "sentences.txt"
    prepare_texts([sentences], folder / "shards", TextSettings(valid_share=0.2, test_share=0.1))
    return folder / "shards"


def train(shards: Path, folder: Path, *assignments: str, **settings: object) -> None:
    """Train by the small preset for sentences in one thread."""
    options = RunSettings(folder=folder, device="cpu", num_threads=1, **settings)  # type: ignore[arg-type]
    run_training(shards, override(preset("debug-text"), assignments), options, Notebook())


@pytest.mark.parametrize("step", [7, 9, 10], ids=["before the reset", "at it", "after it"])
def test_a_resumed_run_equals_one_never_stopped(text_shards, tmp_path, monkeypatch, step):
    """Weights and moments are equal to the bit, with dropout and a decoder that begins anew."""
    train(text_shards, tmp_path / "whole", *EVERYTHING)
    with monkeypatch.context() as patch:
        stop_after(patch, step)
        train(text_shards, tmp_path / "parts", *EVERYTHING)
    train(text_shards, tmp_path / "parts", *EVERYTHING, resume=True)

    assert tensors_of(tmp_path / "parts") == tensors_of(tmp_path / "whole")


def test_a_model_takes_vocabulary_and_length_from_its_shards(text_shards, tmp_path):
    """A preset for sentences fits any shards of sentences, and what it trained can be loaded."""
    train(text_shards, tmp_path / "run", *SHORT)
    loaded, manifest = load_model(tmp_path / "run" / "model"), open_shards(text_shards).manifest

    assert loaded.config.vocab_size == build_tokenizer(manifest.tokenizer).vocab_size
    assert loaded.config.time == manifest.steps_per_window


def test_text_music_and_paragraphs_do_not_mix(text_shards, tmp_path):
    """A preset for one refuses shards of another before anything is written."""
    corpus = write_corpus(tmp_path / "tunes")
    prepare_corpus([corpus], tmp_path / "music", PrepareSettings())
    options = RunSettings(folder=tmp_path / "run", device="cpu", num_threads=1)

    with pytest.raises(DataError, match="music, but the preset is made for text"):
        run_training(tmp_path / "music", preset("text-en"), options, Notebook())
    with pytest.raises(DataError, match="text, but the preset is made for music"):
        run_training(text_shards, preset("debug"), options, Notebook())
    with pytest.raises(DataError, match="single sentences, but the preset is made for paragraphs"):
        run_training(text_shards, preset("paragraph"), options, Notebook())
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["beat_mixing", "beat_shuffling"])
def test_sentences_have_no_beats_to_mix(text_shards, tmp_path, name):
    """Their ids stand at no place of a bar."""
    options = RunSettings(folder=tmp_path / "run", device="cpu", num_threads=1)
    recipe = override(preset("debug-text"), [f"train.{name}=0.1"])

    with pytest.raises(ConfigError, match=rf"train.{name} is 0.1; sequences that may end early"):
        run_training(text_shards, recipe, options, Notebook())


def test_a_reset_renews_the_decoder_alone(text_shards):
    """Before the step that is named the decoder gets new weights, no moments and a new average."""
    shards = open_shards(text_shards)
    recipe = fit_preset(override(preset("debug-text"), ["train.ema_decay=0.9"]), shards)
    recipe = replace(recipe, train=replace(recipe.train, reset_decoder_step=3, learning_rate=1e-6))
    torch.manual_seed(0)
    trainer = Trainer(
        SequenceVAE(recipe.model),
        recipe,
        Batches(shards.split("train"), size=8, seed=0),
        device=torch.device("cpu"),
    )
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters()}
    for _ in range(3):
        trainer.advance()
    unmoved = {n for n, w in trainer.model.named_parameters() if torch.allclose(w, before[n], atol=1e-4)}
    trainer.advance()
    moved = {n for n, w in trainer.model.named_parameters() if not torch.allclose(w, before[n], atol=1e-4)}

    assert unmoved == set(before)
    assert moved | {"decoder.bias"} == {name for name in before if name.startswith("decoder.")}  # zero anew
    for name, weight in trainer.model.named_parameters():
        steps = float(trainer.optimizer.state[weight]["step"])
        assert steps == (1 if name.startswith("decoder.") else 4), name


def test_paragraphs_train_a_conductor_over_sentences(tmp_path):
    """Windows of several sentences fit the paragraph preset, whose first phase codes single ones."""
    text, verbs = tmp_path / "story.txt", ("saw", "lost", "sold", "found")
    things = ("a boat", "the moon", "two dogs", "an old map", "bread")
    endings = [f"{thing}. Then he {verb} it! Why?" for thing in things for verb in verbs]
    paragraphs = [f"He {verb} {ending}" for ending in endings for verb in verbs]
    text.write_text("\n\n".join(paragraphs), encoding="utf-8")
    settings = TextSettings(sentences=4, max_pieces=24, valid_share=0.2, test_share=0.1, per_template=0)
    manifest = prepare_texts([text], tmp_path / "shards", settings)
    small = ("encoder_size=16", "decoder_size=24", "conductor_size=12", "bar_size=16", "latent_size=8")
    changes = [f"model.{change}" for change in small]
    changes += [*SHORT, "train.bar_steps=5", "train.batch_size=4"]
    options = RunSettings(folder=tmp_path / "run", device="cpu", num_threads=1)
    outcome = run_training(tmp_path / "shards", override(preset("paragraph"), changes), options, Notebook())
    config = load_model(tmp_path / "run" / "model").config

    assert (manifest.bars, manifest.steps_per_window) == (4, 100)
    assert (config.bars, config.steps_per_bar) == (4, 25)
    assert outcome.held_out["reconstruction"] > 0
