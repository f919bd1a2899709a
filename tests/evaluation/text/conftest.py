"""What the tests of sentences share."""

import pytest

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import Shards
from tests.evaluation.text.making import text_model, text_shards


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Shards:
    """Prepare sentences."""
    return text_shards(tmp_path_factory.mktemp("sentences"))


@pytest.fixture(scope="session")
def vae(shards, tmp_path_factory) -> LoadedModel:
    """Make a VAE that never learned anything."""
    return text_model(shards, tmp_path_factory.mktemp("vae") / "model")


@pytest.fixture(scope="session")
def language_model(shards, tmp_path_factory) -> LoadedModel:
    """Make a language model that never learned anything."""
    return text_model(shards, tmp_path_factory.mktemp("lm") / "model", encoder="none")
