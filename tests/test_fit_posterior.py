"""The script that fits where a model's music lies."""

import sys

from scripts.fit_posterior import main
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.latent.load import load
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import write_corpus
from tests.latent.making import save_debug_model


def test_model_samples_from_the_fitted_place_afterwards(tmp_path, monkeypatch, capsys):
    """Once fitted, the model folder carries its posterior and sampling uses it."""
    folder = save_debug_model(tmp_path / "model")
    settings = PrepareSettings(tokenizer=MelodyTokenizer(), bars=2, seed=0)
    prepare_corpus([write_corpus(tmp_path / "tunes")], tmp_path / "shards", settings)
    monkeypatch.setattr(sys, "argv", ["fit", str(folder), str(tmp_path / "shards"), "--limit", "20"])

    main()
    assert "Gaussians fitted to" in capsys.readouterr().out
    assert load(folder).sample(1).report.settings["prior"] == "fitted to the training data"
