"""Models on disk: a round trip, and one clear line for every broken folder."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqvae.checkpoint import load_model, save_model
from seqvae.config import ModelConfig
from seqvae.errors import CheckpointError
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained, model_folder
from seqvae.tokens.melody import MelodyTokenizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a small model."""
    torch.manual_seed(0)
    model = SequenceVAE(preset("debug").model)
    save_model(tmp_path / "model", model, MelodyTokenizer(), notes={"seed": 0})
    return tmp_path / "model"


def test_a_saved_model_comes_back_equal(folder: Path) -> None:
    """Weights, settings, tokenizer and notes survive the round trip to the bit."""
    loaded = load_model(folder)
    torch.manual_seed(0)
    expected = SequenceVAE(preset("debug").model).state_dict()

    assert loaded.config == preset("debug").model
    assert loaded.notes == {"seed": 0}
    assert not loaded.model.training
    assert all(torch.equal(weight, expected[name]) for name, weight in loaded.model.state_dict().items())


def test_half_precision_stays_within_its_rounding(tmp_path: Path) -> None:
    """float16 weights differ from float32 ones by at most one part in a thousand."""
    model = SequenceVAE(preset("debug").model)
    save_model(tmp_path / "half", model, MelodyTokenizer(), half=True)
    loaded = load_model(tmp_path / "half").model.state_dict()

    for name, weight in model.state_dict().items():
        torch.testing.assert_close(loaded[name], weight, rtol=1e-3, atol=1e-6)


def test_a_run_folder_stands_for_its_model(folder: Path) -> None:
    """The folder above model/ is accepted too."""
    assert model_folder(folder.parent) == folder
    assert load_pretrained(folder).folder == folder


def test_an_unknown_name_lists_the_models_there_are() -> None:
    """A name that is neither bundled nor a folder says so."""
    with pytest.raises(
        CheckpointError, match="no model 'melody-3bar'; name a model folder or a bundled model"
    ):
        load_pretrained("melody-3bar")


def _drop_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _garble_config(folder: Path) -> None:
    (folder / "config.json").write_text("{", encoding="utf-8")


def _age_config(folder: Path) -> None:
    _edit(folder, lambda config: config.update(format_version=0))


def _grow_config(folder: Path) -> None:
    _edit(folder, lambda config: config["model"].update(decoder_size=10**9))


def _widen_config(folder: Path) -> None:
    _edit(folder, lambda config: config["model"].update(decoder_size=32))


def _truncate_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _poison_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["encoder.posterior.bias"][0] = float("nan")
    save_file(weights, folder / "model.safetensors")


def _rename_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["aaa"] = weights.pop("encoder.posterior.bias")
    save_file(weights, folder / "model.safetensors")


def _edit(folder: Path, change) -> None:  # type: ignore[no-untyped-def]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    change(config)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_drop_config, "config.json is missing"),
        (_garble_config, "cannot be read"),
        (_age_config, "not a model folder of format 1"),
        (_grow_config, "decoder_size is 1000000000; choose 1 to 8192"),
        (_widen_config, "expected floats"),
        (_truncate_weights, "cannot be read"),
        (_poison_weights, "encoder.posterior.bias holds values that are not finite"),
        (_rename_weight, "'aaa' is missing or unknown"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_broken_folder_is_refused_in_one_line(folder: Path, damage, message: str) -> None:  # type: ignore[no-untyped-def]
    """Whatever is wrong, CheckpointError names the file and the fault."""
    damage(folder)

    with pytest.raises(CheckpointError, match=message) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)


def test_settings_are_checked_before_anything_is_allocated() -> None:
    """A size outside its bounds never reaches torch."""
    from seqvae.errors import ConfigError

    with pytest.raises(ConfigError, match="latent_size is 100000; choose 1 to 8192"):
        ModelConfig(vocab_size=10, latent_size=100_000)
