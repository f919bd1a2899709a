"""A model of music or of text, by name or folder: its tokenizer tells which."""

import json
from pathlib import Path
from typing import Literal

from seqvae.checkpoint import CONFIG_NAME
from seqvae.device import choose_device
from seqvae.latent.music import MusicModel
from seqvae.latent.text.model import TextModel
from seqvae.pretrained import load_pretrained, model_folder
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import WordTokenizer

Kind = Literal["music", "text"]
TEXT_TOKENIZERS = {TextTokenizer.name, WordTokenizer.name}


def load(name_or_folder: str | Path, *, device: str = "cpu") -> MusicModel | TextModel:
    """Load a bundled model by name, or any model from its folder, to `cpu`, `cuda` or `auto`."""
    loaded = load_pretrained(name_or_folder, device=choose_device(device))
    build = TextModel if loaded.tokenizer.name in TEXT_TOKENIZERS else MusicModel
    return build(loaded, name=str(name_or_folder))


def kind_of(name_or_folder: str | Path) -> Kind:
    """Tell what a model is for without loading it; what is broken is called music, and said when loaded."""
    try:
        config = json.loads((model_folder(name_or_folder) / CONFIG_NAME).read_text(encoding="utf-8"))
        return "text" if config["tokenizer"]["name"] in TEXT_TOKENIZERS else "music"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "music"
