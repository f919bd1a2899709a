"""The script that fits where a model's music lies."""

import sys

from scripts.fit_posterior import main
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings
from seqvae.latent.describe import describe_model
from seqvae.latent.fitted import PRIOR_NAME
from seqvae.latent.load import load
from seqvae.latent.posterior import FILE_NAME
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import write_corpus
from tests.latent.making import save_debug_model
from tests.latent.text.making import SENTENCES, save_text_model, tokenizer


def test_model_samples_from_the_fitted_place_afterwards(tmp_path, monkeypatch, capsys):
    """Once fitted, the model folder carries its posterior and sampling uses it."""
    folder = save_debug_model(tmp_path / "model")
    settings = PrepareSettings(tokenizer=MelodyTokenizer(), bars=2, seed=0)
    prepare_corpus([write_corpus(tmp_path / "tunes")], tmp_path / "shards", settings)
    monkeypatch.setattr(sys, "argv", ["fit", str(folder), str(tmp_path / "shards"), "--limit", "20"])

    main()
    assert "Gaussians fitted to" in capsys.readouterr().out
    assert load(folder).sample(1).report.settings["prior"] == "fitted to the training data"


def test_text_model_samples_from_the_fitted_place_afterwards(tmp_path, monkeypatch, capsys):
    """The same script fits where sentences lie."""
    folder = save_text_model(tmp_path / "model")
    prepare_texts([SENTENCES], tmp_path / "shards", TextSettings(vocab_size=tokenizer().vocab_size))
    arguments = ["fit", str(folder), str(tmp_path / "shards"), "--limit", "20", "--components", "2"]
    monkeypatch.setattr(sys, "argv", arguments)

    main()
    assert "2 Gaussians fitted to 20" in capsys.readouterr().out
    assert load(folder).sample(1).settings["prior"] == "fitted to the training data"


def test_a_learned_prior_takes_the_place_of_the_mixture_and_back(tmp_path, monkeypatch, capsys):
    """The folder holds what was fitted last, `sample` draws from it, and `info` tells which it is."""
    folder = save_debug_model(tmp_path / "model")
    settings = PrepareSettings(tokenizer=MelodyTokenizer(), bars=2, seed=0)
    prepare_corpus([write_corpus(tmp_path / "tunes")], tmp_path / "shards", settings)
    plain = ["fit", str(folder), str(tmp_path / "shards"), "--limit", "20"]
    found = []
    for arguments in (plain, [*plain, "--learned", "--steps", "3"], plain):
        monkeypatch.setattr(sys, "argv", arguments)
        main()
        clips = load(folder).sample(1)
        source = describe_model(str(folder)).facts["samples come from"]
        found.append((sorted(path.name for path in folder.glob("p*.safetensors")), source))
        assert clips.report.settings["prior"] == "fitted to the training data"

    assert "weights learned from 20 draws of" in capsys.readouterr().out
    assert [names for names, _ in found] == [[FILE_NAME], [PRIOR_NAME], [FILE_NAME]]
    assert [source for _, source in found][1] == "a learned prior"
    assert "Gaussians" in found[0][1]
