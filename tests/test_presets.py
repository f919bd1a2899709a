"""The published recipes: their size, and that they survive JSON."""

import json

import pytest
import torch

from seqvae.config import Preset
from seqvae.errors import ConfigError
from seqvae.model.vae import SequenceVAE
from seqvae.presets import PRESETS, preset
from seqvae.tokens.drum_decode import FIRST_SET
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.trio import TrioTokenizer


def count(name: str) -> int:
    """Count the weights of a preset without allocating them."""
    with torch.device("meta"):
        return SequenceVAE(preset(name).model).num_parameters


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json(name: str) -> None:
    """Writing a recipe to JSON and reading it back changes nothing."""
    written = json.dumps(PRESETS[name].to_dict())

    assert Preset.from_dict(json.loads(written)) == PRESETS[name]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("melody-2bar", 5_000_000),
        ("drums-2bar", 6_000_000),
        ("melody-16bar", 8_000_000),
        ("drums-16bar", 8_000_000),
        ("trio-16bar", 8_388_608),
        ("trio-16bar-apart", 8_388_608),
    ],
)
def test_the_published_models_are_small(name: str, most: int) -> None:
    """Two bars take at most 6 million weights, sixteen at most 8: 16 MB, and little more where z lies."""
    assert count(name) <= most


@pytest.mark.parametrize(
    ("baseline", "ours"),
    [
        ("musicvae-2bar", "melody-2bar-normal"),
        ("musicvae-16bar", "melody-16bar-normal"),
        ("flat-16bar", "melody-16bar-normal"),
    ],
)
def test_a_baseline_is_as_large_as_what_it_is_compared_with(baseline: str, ours: str) -> None:
    """No baseline has fewer weights than our model, but for a tenth."""
    assert count(baseline) >= 0.9 * count(ours)


@pytest.mark.parametrize(
    ("names", "tokenizer"),
    [
        (
            (
                "debug",
                "melody-2bar",
                "melody-2bar-normal",
                "melody-16bar",
                "melody-16bar-normal",
                "flat-16bar",
            ),
            MelodyTokenizer(),
        ),
        (("debug-drums", "drums-2bar", "drums-16bar"), DrumTokenizer()),
        (("debug-trio", "trio-16bar", "trio-16bar-apart"), TrioTokenizer()),
    ],
    ids=["melody", "drums", "trio"],
)
def test_presets_know_the_ids_of_their_tokenizer(names, tokenizer) -> None:
    """Vocabulary, voices and their sizes are those of the shards."""
    for model in (preset(name).model for name in names):
        assert (model.vocab_size, model.voices) == (tokenizer.vocab_size, tokenizer.voices)
        assert model.voice_sizes == getattr(tokenizer, "voice_sizes", ())
        assert model.set_ids == ((0, 0) if tokenizer.name == "melody" else (FIRST_SET, FIRST_SET + 512))


def test_trio_variants_differ_in_one_setting() -> None:
    """Whether voices hear each other at a step is all."""
    together, apart = (preset(name).to_dict() for name in ("trio-16bar", "trio-16bar-apart"))
    assert together["model"].pop("voice_coupling") != apart["model"].pop("voice_coupling")

    assert together == apart


def test_an_unknown_preset_lists_the_names() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(ConfigError, match="unknown preset 'melody'; choose from autoencoder, debug"):
        preset("melody")
