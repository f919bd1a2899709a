import json

import numpy as np
import pytest
import torch

from seqvae.dataset.shards import open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings as TextSettingsOfShards
from seqvae.errors import ConfigError, DataError
from seqvae.evaluation.evaluate import evaluate_model
from seqvae.evaluation.measure import MeasureSettings, choose_windows
from seqvae.evaluation.text.evaluate import TextSettings
from seqvae.evaluation.text.judge import judge_texts
from seqvae.evaluation.text.report import TextEvaluation, all_rows
from seqvae.evaluation.text.samples import known_share, sample_source, sample_texts
from seqvae.evaluation.text.sentences import texts_of, words_for_bleu
from seqvae.evaluation.text.walks import describe_walks, of_corpus, walk_between
from seqvae.latent.decoding.rules import GREEDY
from seqvae.latent.mixture import Mixture
from seqvae.latent.posterior import save_posterior
from seqvae.presets import preset
from seqvae.training.settings import override
from seqvae.training.teaching import Teacher
from tests.dataset.text.making import write_text, write_treebank
from tests.evaluation.text.making import make_uniform, text_model

SETTINGS = MeasureSettings(bound_samples=2, bound_windows=8, batch_size=32)


@pytest.fixture(scope="module")
def text_settings(vae, language_model) -> TextSettings:
    """Judge by a given language model, and by such as learn for two steps."""
    small = ["model.decoder_size=12", "model.embedding_size=8", "train.num_steps=2", "train.batch_size=8"]
    teach = Teacher(vae, override(preset("language-model"), small))
    return TextSettings(num_samples=12, num_pairs=3, judge=language_model, teach=teach)


@pytest.fixture(scope="module")
def evaluation(vae, text_settings, shards) -> TextEvaluation:
    """Evaluate what never learned anything."""
    text = text_settings
    found = evaluate_model(vae, shards, SETTINGS, text=text)
    assert isinstance(found, TextEvaluation)
    return found


def test_json_holds_every_row(evaluation):
    """Every figure of the tables is in the dict with its formula, and nothing there is NaN."""
    read = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    found = {*read["metrics"]["together"], *read["samples"]["greedy"], *read["walks"]["tales"]}

    assert {row.name for row in all_rows()} <= found
    assert set(read["metrics"]) == {"together", "birds", "tales", "corpus_mean"}
    assert set(read["walks"]) == {"together", "birds", "tales"}
    assert read["formulas"]["bound_perplexity"] == "exp(-sum IW / sum (words + 1))"
    assert read["sample_source"] == "N(0, I)"


def test_tables_tell_formulas_and_source(evaluation):
    """Each figure has its formula on its line; K, N and where samples come from are told."""
    text = "\n".join(evaluation.lines())
    line = next(line for line in text.splitlines() if line.startswith("perplexity per word, IW"))

    assert line.endswith("exp(-sum IW / sum (words + 1))")
    assert "bound samples 2" in text
    assert "z of samples: N(0, I)" in text
    assert "nan" not in text


def test_same_seed_gives_the_same_numbers(vae, shards, evaluation, text_settings):
    """Nothing depends on what was drawn before."""
    assert evaluate_model(vae, shards, SETTINGS, text=text_settings).to_dict() == evaluation.to_dict()


def test_reverse_perplexity_is_that_of_the_held_out_texts(vae, shards, evaluation, text_settings):
    """Under a language model that has learned from texts of train it is what the judge says."""
    train, test = (shards.split(name) for name in ("train", "test"))
    chosen = [choose_windows(np.arange(len(part)), 12, seed=0).tolist() for part in (train, test)]
    known, held_out = (
        [texts_of(vae, part.window(index)[None])[0] for index in indices]
        for part, indices in zip((train, test), chosen, strict=True)
    )
    expected = judge_texts(text_settings.teach(known), held_out, batch_size=8).perplexity

    assert evaluation.samples["held_out"]["reverse_perplexity"] == pytest.approx(expected, rel=1e-4)
    assert evaluation.facts["reverse_steps"] == 2


def test_texts_that_are_too_long_teach_nothing(vae, text_settings):
    """They are left out, and where none is left this is said."""
    with pytest.raises(DataError, match="none of 1 texts fits into"):
        text_settings.teach(["x " * 400])


def test_judge_must_be_a_language_model(vae):
    """A VAE judges nobody."""
    with pytest.raises(ConfigError, match=r"no language model; train one with .* --preset language-model"):
        TextSettings(judge=vae)


def test_uniform_judge_has_the_perplexity_of_its_vocabulary(shards, tmp_path):
    """Each id of a text costs ln(V - 1); words and ends share the bill."""
    judge = make_uniform(text_model(shards, tmp_path / "model", encoder="none"))
    texts = ["Tom sold one boat.", "They lost coffee.", ""]
    num_ids = sum(len(judge.tokenizer.encode(text)) for text in texts)

    judgement = judge_texts(judge, texts, batch_size=2)
    assert judgement.perplexity == pytest.approx((judge.config.vocab_size - 1) ** (num_ids / 10), rel=1e-4)
    assert judgement.num_texts == 3


def test_judge_leaves_out_what_does_not_fit(language_model):
    """A text longer than the judge reads is not judged."""
    assert judge_texts(language_model, ["x " * 400, "ok"], batch_size=4).num_texts == 1


def test_samples_come_from_the_mixture_where_there_is_one(shards, tmp_path):
    """The mixture stored beside the weights replaces the prior, and the report says so."""
    loaded = text_model(shards, tmp_path / "model")
    latent = loaded.config.latent_size
    before = sample_texts(loaded, 5, decoding=GREEDY, seed=1)
    save_posterior(
        loaded.folder, Mixture(torch.ones(1), torch.full((1, latent), 9.0), 1e-4 * torch.eye(latent)[None])
    )

    assert sample_source(loaded).name == "fitted to the training data"
    assert len(set(sample_texts(loaded, 5, decoding=GREEDY, seed=1))) == 1
    assert sample_texts(loaded, 5, decoding=GREEDY, seed=1) != before


def test_copies_of_train_are_counted(vae, shards):
    """A text that train holds is known, another one is not."""
    train = shards.split("train")
    texts = [vae.tokenizer.decode(train.sequence(0)), "A text that nobody wrote."]

    assert known_share(vae, texts, train) == 0.5


def test_walk_begins_and_ends_at_the_means(vae, shards):
    """The ends of a walk are what the model writes for the posterior means of two sentences."""
    walks = walk_between(vae, shards.split("test"), num_pairs=4, num_steps=5, seed=0)

    assert [len(walk) for walk in walks] == [5] * 4
    assert walks == walk_between(vae, shards.split("test"), num_pairs=4, num_steps=5, seed=0)


def test_walks_are_described_by_hand(vae):
    """Distinct texts and moves of two walks, computed by hand."""
    walks = [["a b", "a b", "a c"], ["x", "y", "z"]]
    described = describe_walks(vae, walks, None)

    assert described["median_distinct"] == 2.5
    assert described["neighbour_distance"] == pytest.approx(np.mean([0, 0.5, 1, 1]))
    assert described["largest_distance"] == pytest.approx(0.75)


def test_walks_inside_a_corpus_stay_there(shards):
    """The sentences of one corpus are all of that corpus, and all that it has."""
    test = shards.split("test")
    birds = of_corpus(test, "birds")

    assert len(birds) == shards.manifest.counts["test"]["birds"]["windows"]
    assert {tuple(row) for row in birds.corpus_indices.reshape(-1, 1)} == {(test.corpora.index("birds"),)}


def test_paragraphs_are_measured_as_one_text(tmp_path):
    """A model with a conductor over sentences gives the same table; its texts are sentences in a row."""
    lines = [
        f"{name} sat down. It was {name}." for name in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal")
    ]
    write_text(tmp_path / "tales.txt", "\n\n".join(lines).splitlines())
    settings = TextSettingsOfShards(
        vocab_size=300, sentences=2, max_pieces=24, per_template=0, test_share=0.4, valid_share=0.2
    )
    prepare_texts([tmp_path / "tales.txt"], tmp_path / "shards", settings)
    shards = open_shards(tmp_path / "shards")
    sizes = {"bars": 2, "steps_per_bar": 25, "encoder": "hierarchical", "decoder": "hierarchical"}
    small = {"bar_size": 8, "top_encoder_size": 6, "conductor_size": 8, "plan_size": 4}
    loaded = text_model(shards, tmp_path / "model", **sizes, **small)
    found = evaluate_model(
        loaded, shards, SETTINGS, split="train", text=TextSettings(num_samples=2, num_pairs=2)
    )
    texts = texts_of(loaded, shards.split("train").windows(np.array([0])))

    assert texts[0] in lines
    assert known_share(loaded, texts, shards.split("train")) == 1
    assert found.to_dict()["metrics"]["together"]["bound_perplexity"] > 1


def test_language_model_has_no_walks(language_model, shards):
    """Where z says nothing there is no way to walk."""
    text = TextSettings(num_samples=0, num_pairs=3)
    evaluation = evaluate_model(language_model, shards, SETTINGS, text=text, limit=10)

    assert evaluation.to_dict()["walks"] == {}
    assert evaluation.to_dict()["samples"] == {}


def test_words_are_measured_by_the_word(tmp_path):
    """For whole words the perplexity is over ids with the end, and `<unk>` is one word of BLEU."""
    prepare_texts(
        [write_treebank(tmp_path / "ptb")], tmp_path / "shards", TextSettingsOfShards(tokenizer="words")
    )
    shards = open_shards(tmp_path / "shards")
    loaded = make_uniform(text_model(shards, tmp_path / "model"))
    text = TextSettings(num_samples=3, num_pairs=2)
    metrics = evaluate_model(loaded, shards, SETTINGS, text=text).to_dict()["metrics"]["together"]

    assert metrics["elbo_perplexity"] == pytest.approx(loaded.config.vocab_size - 1, rel=1e-4)
    assert words_for_bleu(loaded, "the <unk> said n't") == ["the", "<unk>", "said", "n't"]
