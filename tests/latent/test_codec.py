import numpy as np
import pytest
import torch

from seqvae.checkpoint import load_model
from seqvae.errors import ConfigError
from seqvae.latent.codec import decode_windows, draw, encode_windows
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.sentences import pad_ids
from tests.latent.making import random_ids
from tests.latent.text.making import SENTENCES, save_text_model, tokenizer


@pytest.fixture(scope="module")
def model() -> SequenceVAE:
    """Build the smallest model with its first weights."""
    torch.manual_seed(0)
    return SequenceVAE(preset("debug").model).eval()


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    """Draw five windows of two bars."""
    return random_ids(0, 10).reshape(5, 32, 1)


def test_batches_do_not_show(model, windows, monkeypatch):
    """Many windows at once mean the same as one after the other."""
    whole = encode_windows(model, windows)
    drawing = draw(model, 5, 1.0, torch.Generator().manual_seed(0))
    written = decode_windows(model, whole.mu, drawing)
    monkeypatch.setattr("seqvae.latent.codec.BATCH_SIZE", 2)

    torch.testing.assert_close(encode_windows(model, windows).mu, whole.mu)
    assert np.array_equal(decode_windows(model, whole.mu, drawing), written)


def test_equal_points_with_shared_noise_give_equal_ids(model):
    """Steps of a walk differ because z does: the same z and noise write the same."""
    z = torch.zeros(6, model.config.latent_size)
    drawing = draw(model, 2, 1.0, torch.Generator().manual_seed(0))

    first, second, *others = decode_windows(model, z, drawing)
    assert not np.array_equal(first, second)
    assert all(np.array_equal(ids, (first, second)[i % 2]) for i, ids in enumerate(others))


def test_temperature_has_a_range(model):
    """A negative temperature is no temperature."""
    with pytest.raises(ConfigError, match=r"temperature is -1; choose 0 to 10"):
        draw(model, 1, -1, torch.Generator())


def test_padded_sentences_are_encoded_as_each_alone(tmp_path, monkeypatch):
    """Sentences go through the model by length and come back in their order."""
    monkeypatch.setattr("seqvae.latent.codec.BATCH_SIZE", 3)
    model = load_model(save_text_model(tmp_path / "text")).model
    ids = [tokenizer().encode(line) for line in SENTENCES.read_text().splitlines()[:10]]
    alone = torch.cat([model.encode(torch.from_numpy(each.astype(np.int64))[None]).mu for each in ids])

    torch.testing.assert_close(encode_windows(model, pad_ids(ids)).mu, alone.detach())
