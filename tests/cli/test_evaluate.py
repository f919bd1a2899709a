import json
import shutil

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from seqvae.checkpoint import save_model
from seqvae.cli.evaluate import evaluate
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.errors import CheckpointError, ConfigError, DataError
from seqvae.evaluation.measure import MeasureSettings
from seqvae.latent.mixture import Mixture, standard_normal
from seqvae.latent.posterior import save_posterior
from seqvae.latent.refining import BETA
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import write_corpus
from tests.evaluation.text.making import text_model, text_shards

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


def test_a_fitted_prior_is_measured_where_there_is_one(folder):
    """The mixture beside the weights has rows of its own; without one there are none."""
    plain = run(folder)
    shutil.copytree(folder / "run", folder / "fitted" / "run")
    latent_size = preset("debug").model.latent_size
    save_posterior(folder / "fitted" / "run" / "model", standard_normal(latent_size))
    options = [str(folder / "fitted" / "run"), str(folder / "shards2"), *FAST]
    fitted, read = (CliRunner().invoke(evaluate, [*options, *more]) for more in ([], ["--json"]))
    values = json.loads(read.stdout)["metrics"]["together"]

    assert "fitted prior" not in plain.stdout
    assert "KL to the fitted prior, bits" in fitted.stdout
    assert "ELBO with the fitted prior, nats" in fitted.stdout
    assert values["fitted_kl_nats"] == pytest.approx(
        values["kl_nats"], abs=1
    )  # both to N(0, I), one by chance
    assert values["fitted_kl_nats"] != values["kl_nats"]


def test_refining_is_told_and_betters_the_elbo(folder):
    """With --refine the facts say so, and what the weight asks for less of becomes less."""
    plain, refined = (
        json.loads(run(folder, "--json", "--limit", "6", *more).stdout)
        for more in ([], ["--refine", "10", "--refine-beta", "1"])
    )
    elbo = [read["metrics"]["together"]["elbo_nats"] for read in (plain, refined)]

    assert elbo[1] > elbo[0]
    assert "refine_steps" not in plain
    assert (refined["refine_steps"], refined["refine_beta"]) == (10, 1.0)
    (beta,) = [option.default for option in evaluate.params if option.name == "refine_beta"]
    assert beta == MeasureSettings().refine_beta == BETA


def test_a_fitted_prior_sets_the_price_where_there_is_one(folder):
    """Far from N(0, I) posteriors go where the fitted prior is; without one the wish is refused."""
    wish = ("--json", "--limit", "4", "--refine", "60", "--refine-beta", "1000", "--refine-prior", "fitted")
    refused = run(folder, *wish)
    shutil.copytree(folder, folder / "far", ignore=lambda *_: ["fitted", "far"])
    save_posterior(
        folder / "far" / "run" / "model", Mixture(torch.ones(1), torch.full((1, 8), 0.7), torch.eye(8)[None])
    )
    found = json.loads(run(folder / "far", *wish).stdout)
    values = found["metrics"]["together"]

    assert isinstance(refused.exception, ConfigError)
    assert "has none; choose own or fit one" in str(refused.exception)
    assert found["refine_prior"] == "fitted"
    assert values["fitted_kl_nats"] < 0.5
    assert values["kl_nats"] > 1


def test_shards_of_another_length_are_refused(folder):
    """What does not fit the model is met with what to do."""
    result = run(folder, shards="shards4")

    assert isinstance(result.exception, DataError)
    assert "windows of 4 bars, the model reads 2; prepare the corpus with --bars 2" in str(result.exception)


def test_altered_ids_are_refused(folder):
    """Ids of the right shape that nobody prepared are not measured."""
    altered = shutil.copytree(folder / "shards2", folder / "altered")
    np.save(altered / "test.ids.npy", np.load(altered / "test.ids.npy") + np.int16(5000))

    with pytest.raises(DataError, match=r"test\.ids\.npy: the content is not what was prepared"):
        evaluate.main([str(folder / "run"), str(altered), *FAST], standalone_mode=False)


def test_unknown_model_is_refused(folder):
    """A name that no model has is met with the names there are."""
    result = CliRunner().invoke(evaluate, ["smoke", str(folder / "shards2")])

    assert isinstance(result.exception, CheckpointError)


@pytest.fixture(scope="module")
def text_folder(tmp_path_factory):
    """Prepare sentences and save a VAE and a language model that never learned anything."""
    folder = tmp_path_factory.mktemp("evaluate-text")
    shards = text_shards(folder)
    text_model(shards, folder / "vae" / "model")
    text_model(shards, folder / "judge" / "model", encoder="none")
    return folder


def run_text(folder, *options, model="vae"):
    """Call the command on sentences."""
    arguments = [str(folder / model), str(folder / "shards"), *FAST, "--sentences", "6", "--pairs", "2"]
    return CliRunner().invoke(evaluate, [*arguments, *options])


def test_text_is_measured_by_the_same_command(text_folder):
    """The tables of sentences come with formulas, samples, walks and the judge's perplexity."""
    judge = "--language-model", str(text_folder / "judge")
    result = run_text(text_folder, *judge, "--reverse-steps", "1")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("model vae, parameters ")
    for part in (
        "perplexity per word, IW",
        "I(x; z), nats",
        "self-BLEU-4",
        "forward perplexity",
        "reverse perplexity",
        "distinct texts",
    ):
        assert part in result.stdout
    assert result.stderr == ""


def test_text_as_json(text_folder):
    """With --json stdout is one object."""
    read = json.loads(run_text(text_folder, "--json").stdout)

    assert read["model"] == "vae"
    assert set(read["samples"]) == {"greedy", "usual", "sampled", "held_out"}
    assert read["language_model"] is None
    assert read["reverse_steps"] == 0
    assert "reverse_perplexity" not in read["samples"]["sampled"]


def test_sentences_are_not_refined(text_folder):
    """What is for music alone is refused in one line."""
    result = run_text(text_folder, "--refine", "5")

    assert isinstance(result.exception, ConfigError)
    assert "refining is for models of music" in str(result.exception)


def test_kinds_that_do_not_fit_are_refused(folder, text_folder):
    """Music for a text model and text for a music model end in one line each."""
    music, text = str(folder / "shards2"), str(text_folder / "shards")
    results = [
        CliRunner().invoke(evaluate, [str(model), shards])
        for model, shards in ((text_folder / "vae", music), (folder / "run", text))
    ]

    assert [type(result.exception) for result in results] == [DataError, DataError]
    assert "shards of music, but the model is one of text" in str(results[0].exception)
    assert "shards of text, but the model is one of music" in str(results[1].exception)
