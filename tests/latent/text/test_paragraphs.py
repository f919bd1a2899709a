"""Paragraphs: several sentences, written side by side."""

import pytest
import torch

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.decoding.rules import GREEDY, Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.load import load
from seqvae.latent.text.codec import write_sentences
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.walk import TextWalkOptions
from tests.latent.text.making import save_paragraph_model

PARAGRAPH = "The rain stopped. Tea, please! It was cold."


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> TextModel:
    """Load the smallest model of paragraphs."""
    loaded = load(save_paragraph_model(tmp_path_factory.mktemp("paragraphs")))
    assert isinstance(loaded, TextModel)
    return loaded


def test_a_paragraph_keeps_its_sentences(model):
    """Own paragraphs stand at the ends of a walk, and have ids at full length."""
    walk = model.interpolate(PARAGRAPH, "Hello. Bye.", steps=3, options=TextWalkOptions(collapse=False))

    assert [walk.texts[0], walk.texts[2]] == [PARAGRAPH, "Hello. Bye."]
    assert model.max_length == 96


def test_greedy_is_that_of_the_model(model):
    """Side by side the likeliest ids are those of `generate`, where all sentences end in time."""
    z = torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
    written = write_sentences(model.model, z, GREEDY, Draws(0, range(20)))
    plain = model.model.generate(z).reshape(20, 3, 32)

    for ids, line in zip(written, plain, strict=True):
        for own, other in zip(ids.reshape(3, 32), line.tolist(), strict=True):
            assert own[:31].tolist() == other[:31]
            assert 1 in own


def test_rules_are_obeyed(model):
    """Cap, guard and seeds mean the same as for single sentences; beams are refused."""
    rules = Decoding(temperature=1.0, no_repeat=1, max_length=5)
    lines = model.sample(6, decoding=rules, seed=1)

    assert lines.texts[:2] == model.sample(2, decoding=rules, seed=1).texts
    ids = write_sentences(model.model, torch.zeros(9, 8), rules, Draws(0, range(9)))
    assert all(each.reshape(3, 32)[:, 5:].max() == 0 for each in ids)
    assert all(len(set(row[row > 0])) == (row > 0).sum() for each in ids for row in each.reshape(3, 32))
    with pytest.raises(ConfigError, match="without beams"):
        model.reconstruct(PARAGRAPH, decoding=Decoding(beams=2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He ran. She ran. We ran. You ran.", "4 sentences, at most 3 fit"),
        ("Hm. " + "The rain stopped " * 9, "at most 32 fit"),
    ],
    ids=["sentences", "pieces"],
)
def test_what_does_not_fit_is_refused(model, text, words):
    """Too many sentences, or too long a one, are told with the limit."""
    with pytest.raises(TokenError, match=words):
        model.encode(text)
