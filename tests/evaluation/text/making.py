"""Shards of sentences and models that never learned anything, or know one thing well."""

from dataclasses import replace
from pathlib import Path

import torch

from seqvae.checkpoint import LoadedModel, load_model, save_model
from seqvae.config import ModelConfig
from seqvae.dataset.shards import Shards, open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.base import build_tokenizer
from tests.dataset.text.making import HALVES, lines, write_text

SIZES = {
    "bars": 1,
    "end_id": 1,
    "latent_size": 6,
    "embedding_size": 12,
    "encoder_size": 10,
    "pooling": "max",
    "decoder_size": 16,
    "conditioning": "constant",
    "condition_size": 6,
    "head_size": 8,
}


def text_shards(folder: Path) -> Shards:
    """Prepare two corpora of sentences, of which one has few."""
    write_text(folder / "corpora" / "tales.txt", lines())
    settings = replace(HALVES, max_pieces=32)
    more = [f"{number} birds sing in tree {number}." for number in ("two", "six", "ten")]
    write_text(folder / "corpora" / "birds.txt", [f"{line} {word}" for line in more for word in "abcdefgh"])
    prepare_texts(
        [folder / "corpora" / name for name in ("tales.txt", "birds.txt")], folder / "shards", settings
    )
    return open_shards(folder / "shards")


def text_model(shards: Shards, folder: Path, **changes: object) -> LoadedModel:
    """Save and load a model with random weights that reads the shards."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(shards.manifest.tokenizer)
    sizes = {"vocab_size": tokenizer.vocab_size, "steps_per_bar": shards.manifest.steps_per_window}
    model = SequenceVAE(ModelConfig.from_dict(SIZES | sizes | changes))
    save_model(folder, model, tokenizer)
    return load_model(folder)


def make_uniform(loaded: LoadedModel) -> LoadedModel:
    """Zero all weights: every id but the padding is as likely as any other, and every posterior the prior."""
    with torch.no_grad():
        for parameter in loaded.model.parameters():
            parameter.zero_()
    return loaded
