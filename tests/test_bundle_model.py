"""The script that puts a model into the package."""

import sys

import pytest

from scripts import bundle_model
from seqvae.checkpoint import load_model
from seqvae.latent.fitted import FITTED_NAMES, save_fitted
from seqvae.latent.mixture import standard_normal
from tests.latent.making import save_debug_model


def test_nothing_of_the_model_before_is_left(tmp_path, monkeypatch, capsys):
    """What was fitted to another model's points goes with it; the weights are those of the run, halved."""
    save_debug_model(tmp_path / "run" / "model")
    folder = save_debug_model(tmp_path / "bundled" / "toy")
    save_fitted(folder, standard_normal(8))
    monkeypatch.setattr(bundle_model, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(sys, "argv", ["bundle", str(tmp_path / "run"), "toy"])
    bundle_model.main()

    assert not any((folder / name).exists() for name in FITTED_NAMES)
    assert "MiB" in capsys.readouterr().out
    load_model(folder)
    monkeypatch.setattr(bundle_model, "LARGEST", 1000)
    with pytest.raises(SystemExit, match="a bundled model has at most 1000"):
        bundle_model.main()
