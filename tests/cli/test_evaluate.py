import json

import pytest
import torch
from click.testing import CliRunner

from seqvae.checkpoint import save_model
from seqvae.cli.evaluate import evaluate
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.errors import CheckpointError, DataError
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import write_corpus

FAST = ["--samples", "2", "--bound-windows", "4", "--device", "cpu"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Prepare shards of two lengths and save a model that never learned anything."""
    folder = tmp_path_factory.mktemp("evaluate")
    corpus = write_corpus(folder / "tunes")
    for bars in (2, 4):
        settings = PrepareSettings(bars=bars, test_share=0.3)
        prepare_corpus([corpus], folder / f"shards{bars}", settings)
    torch.manual_seed(0)
    save_model(folder / "run" / "model", SequenceVAE(preset("debug").model), MelodyTokenizer())
    return folder


def run(folder, *options, shards="shards2"):
    """Call the command."""
    arguments = [str(folder / "run"), str(folder / shards), *FAST, *options]
    return CliRunner().invoke(evaluate, arguments)


def test_evaluate_prints_tables(folder):
    """The command measures the test split and explains its tables on stdout."""
    result = run(folder)

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("model run, parameters ")
    assert "onset F1, place alone" in result.stdout
    assert "tunes" in result.stdout
    assert result.stderr == ""


def test_evaluate_prints_json(folder):
    """With --json stdout is one object, the same for the same seed."""
    first, again = run(folder, "--json", "--limit", "12"), run(folder, "--json", "--limit", "12")
    read = json.loads(first.stdout)

    assert first.stdout == again.stdout
    assert read["windows"] == 12 < read["windows_in_split"]
    assert read["metrics"]["together"]["windows"] == 12
    assert set(read["metrics"]) == {"together", "tunes", "corpus_mean"}


def test_shards_of_another_length_are_refused(folder):
    """What does not fit the model is met with what to do."""
    result = run(folder, shards="shards4")

    assert isinstance(result.exception, DataError)
    assert "windows of 4 bars, the model reads 2; prepare the corpus with --bars 2" in str(result.exception)


def test_unknown_model_is_refused(folder):
    """A name that no model has is met with the names there are."""
    result = CliRunner().invoke(evaluate, ["smoke", str(folder / "shards2")])

    assert isinstance(result.exception, CheckpointError)
