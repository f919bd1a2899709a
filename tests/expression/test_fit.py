from dataclasses import replace

import pytest
import torch

from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import Shards, open_shards
from seqvae.errors import ConfigError
from seqvae.expression.evaluate import evaluate_expression
from seqvae.expression.fit import fit
from seqvae.expression.settings import ExpressionConfig, FitConfig
from seqvae.tokens.drums import DrumTokenizer
from tests.dataset.drum_making import write_drums
from tests.expression.making import SMALL

TINY = FitConfig(
    model=SMALL,
    batch_size=4,
    num_steps=20,
    evaluate_every=10,
    beta=0.01,
    learning_rate=0.02,
    history_dropout=0.0,
    precision="float32",
)


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> Shards:
    """Prepare a few files of drums."""
    folder = tmp_path_factory.mktemp("expression")
    for seed in range(6):
        write_drums(folder / "corpus" / f"{seed}.mid", seed)
    settings = PrepareSettings(tokenizer=DrumTokenizer(), valid_share=0.3, test_share=0.3)
    prepare_corpus([folder / "corpus"], folder / "shards", settings)
    return open_shards(folder / "shards")


def test_training_makes_held_out_drums_cheaper(shards):
    """The corpus is played 0 to 20 ticks late, which few steps are enough to hear; the best model is kept."""
    told = []
    model, notes = fit(TINY, shards.split("train"), shards.split("valid"), told.append)

    assert [found.step for found in told] == [10, 20]
    assert told[-1].total < told[0].total
    assert notes["valid_nats_per_hit"]["step"] == min(told, key=lambda found: found.total).step
    assert not model.training
    assert not torch.equal(model.feel_root, torch.eye(SMALL.feel_size))


def test_training_is_the_same_again(shards):
    """The seed decides."""
    config = replace(TINY, num_steps=3, evaluate_every=3, precision="bfloat16")
    models = [fit(config, shards.split("train"), shards.split("valid"), lambda _: None)[0] for _ in range(2)]

    for one, other in zip(*(model.state_dict().values() for model in models), strict=True):
        assert torch.equal(one, other)


def test_training_ends_when_held_out_music_says_so(shards):
    """With no step in the right direction it ends after the patience."""
    told = []
    config = replace(TINY, num_steps=100, evaluate_every=1, patience=3, learning_rate=1e-9)
    fit(config, shards.split("train"), shards.split("valid"), told.append)

    assert len(told) < 100


def test_evaluation_compares_with_counts(shards):
    """Both tables have the baselines, and the recordings are told first."""
    model, _ = fit(
        replace(TINY, num_steps=1, evaluate_every=1), shards.split("train"), shards.split("valid"), print
    )
    found = evaluate_expression(model, shards.split("train"), shards.split("test"), samples=2)
    again = evaluate_expression(model, shards.split("train"), shards.split("test"), samples=2)
    by_name = {guess.name: guess for guess in found.guesses}

    assert found == again
    assert found.spreads[0].name == "the recordings"
    assert by_name["counts by class"].nats_per_hit < by_name["model, told the pattern"].nats_per_hit
    assert by_name["median of the class in this very clip"].velocity_error > 0
    assert sum(line.startswith("| ") for line in found.lines()) == len(found.guesses) + len(found.spreads) + 4
    assert found.as_dict()["num_hits"] == found.num_hits


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"feel_size": 0}, "feel_size is 0; choose 1 to 4096"),
        ({"dropout": 1.0}, "dropout is 1.0; choose 0 to below 1"),
        ({"colour": 1}, "unknown ExpressionConfig setting 'colour'"),
    ],
    ids=["size", "dropout", "unknown"],
)
def test_settings_outside_their_range_are_refused(values, words):
    """The setting, its value and the range are named."""
    with pytest.raises(ConfigError, match=words):
        ExpressionConfig.from_dict(values)
