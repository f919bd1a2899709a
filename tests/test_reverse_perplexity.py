"""The script that trains a language model on samples."""

import pytest

from scripts.reverse_perplexity import main, read_texts
from seqvae.evaluation.text.judge import judge_texts
from seqvae.presets import preset
from seqvae.training.settings import override
from seqvae.training.teaching import Teacher, window_set
from tests.evaluation.text.making import text_model, text_shards

SMALL = ["model.decoder_size=12", "model.embedding_size=8", "model.dropout=0.0", "train.batch_size=16"]


@pytest.fixture
def shards(tmp_path):
    """Prepare sentences."""
    return text_shards(tmp_path)


@pytest.fixture
def loaded(shards, tmp_path):
    """Make a model that never learned anything."""
    return text_model(shards, tmp_path / "vae")


def test_table_has_samples_beside_real_sentences(loaded, shards, capsys):
    """Both are trained on for as long and judged by the same held-out sentences."""
    settings = [word for setting in SMALL for word in ("--set", setting)]
    counts = ["--sentences", "20", "--steps", "2", "--limit", "5"]
    main([str(loaded.folder), str(shards.folder), *counts, *settings])
    printed = capsys.readouterr().out

    rows = [line.split("|")[1:-1] for line in printed.splitlines()[2:4]]
    assert [row[0].strip() for row in rows] == ["samples, T = 1, z: N(0, I)", "real sentences of train"]
    assert all(int(row[1]) == 20 and float(row[2]) > 1 for row in rows)
    assert all("of 5 read)" in row[3] for row in rows)  # most of what an untrained model writes is too long
    assert "5 test sentences and as many samples under language-model, 2 steps, seed 0" in printed


def test_texts_are_laid_out_as_they_are_encoded(loaded, shards):
    """Each window holds the ids of its text, and what is too long is left out."""
    texts = read_texts(loaded, shards.split("train"), 6, seed=1)
    windows = window_set(loaded, [*texts, "x" * 500])

    assert [loaded.tokenizer.decode(windows.sequence(index)) for index in range(len(windows))] == texts


def test_more_steps_on_real_sentences_know_more(loaded, shards):
    """A language model that learned longer finds held-out sentences likelier."""
    texts = read_texts(loaded, shards.split("train"), 80, seed=1)
    held_out = read_texts(loaded, shards.split("test"), 20, seed=1)
    recipes = [
        override(preset("language-model"), [f"train.num_steps={steps}", "train.warmup_steps=1", *SMALL])
        for steps in (1, 25)
    ]
    short, long = (judge_texts(Teacher(loaded, recipe)(texts), held_out, batch_size=8) for recipe in recipes)

    assert long.perplexity < short.perplexity


def test_music_ends_in_one_line(loaded, tmp_path):
    """What cannot be read is told as by the command line."""
    with pytest.raises(SystemExit, match=r"Error: .*nowhere: no shards"):
        main([str(loaded.folder), str(tmp_path / "nowhere")])
