"""Shards that every test of a run reads."""

from pathlib import Path

import pytest

from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from tests.dataset.making import write_corpus


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Path:
    """Shards of eight random tunes, one of them held out."""
    folder = tmp_path_factory.mktemp("data")
    corpus = write_corpus(folder / "tunes")
    prepare_corpus([corpus], folder / "shards", PrepareSettings(valid_share=0.15))
    return folder / "shards"
