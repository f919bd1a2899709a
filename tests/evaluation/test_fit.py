"""Whether a model and shards belong together, told in one line."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.config import ModelConfig
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import Shards, open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.errors import DataError
from seqvae.evaluation.evaluate import check_fit
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.base import Tokenizer, build_tokenizer
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.words import WordTokenizer
from tests.dataset.making import write_corpus
from tests.dataset.text.making import HALVES, lines, write_text


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> Shards:
    """Prepare sentences."""
    folder = tmp_path_factory.mktemp("texts")
    prepare_texts([write_text(folder / "tales.txt", lines())], folder / "shards", HALVES)
    return open_shards(folder / "shards")


@pytest.fixture(scope="module")
def music(tmp_path_factory) -> Shards:
    """Prepare tunes."""
    folder = tmp_path_factory.mktemp("music")
    prepare_corpus([write_corpus(folder / "tunes", num_tunes=2)], folder / "shards", PrepareSettings())
    return open_shards(folder / "shards")


def model_of(tokenizer: Tokenizer, *, time: int) -> LoadedModel:
    """Make a model that never learned anything."""
    torch.manual_seed(0)
    sizes = {"steps_per_bar": time, "bars": 1} if tokenizer.name != "melody" else {}
    config = replace(preset("debug").model, vocab_size=tokenizer.vocab_size, ordered_ids=(0, 0), **sizes)
    assert isinstance(config, ModelConfig)
    return LoadedModel(SequenceVAE(config), tokenizer, Path("toy"))


def text_model(texts: Shards, *, time: int) -> LoadedModel:
    """Make one for prepared sentences."""
    return model_of(build_tokenizer(texts.manifest.tokenizer), time=time)


def test_text_model_is_refused_on_music(music, texts):
    """One clear line names both kinds."""
    with pytest.raises(DataError, match=r"shards of music, but the model is one of text$"):
        check_fit(text_model(texts, time=65), music)


def test_music_model_is_refused_on_text(texts):
    """And the other way round."""
    with pytest.raises(DataError, match=r"shards of text, but the model is one of music$"):
        check_fit(model_of(MelodyTokenizer(), time=32), texts)


def test_other_tokenizer_is_named_not_printed(texts):
    """A tokenizer of a hundred kilobytes is told by its name and the start of its sha256."""
    with pytest.raises(DataError) as caught:
        check_fit(model_of(WordTokenizer(["a", "b"]), time=65), texts)

    digest = texts.manifest.tokenizer["sha256"][:12]
    assert f"made with tokenizer 'text' ({digest}), the model reads 'words' (" in str(caught.value)
    assert len(str(caught.value)) - len(str(texts.folder)) < 160


def test_longer_sentences_than_the_model_reads_are_refused(texts):
    """The remedy names the number; shorter sentences are welcome."""
    check_fit(text_model(texts, time=70), texts)
    with pytest.raises(DataError, match=r"up to 64 pieces, the model reads 29; .*--max-pieces 29"):
        check_fit(text_model(texts, time=30), texts)
