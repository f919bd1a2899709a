"""Sentences between two others that read well."""

from dataclasses import replace

import pytest
import torch

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.load import load
from seqvae.latent.text.between import can_judge
from seqvae.latent.text.codec import log_probabilities
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.walk import TextWalkOptions
from tests.latent.text.making import save_paragraph_model, save_text_model

A, B = "The rain stopped.", "Tea, please."
PLAIN = TextWalkOptions(fluent=False)


@pytest.fixture(scope="module")
def judging(tmp_path_factory) -> TextModel:
    """Make a model that knows what to do without z."""
    model = load(save_text_model(tmp_path_factory.mktemp("judging"), latent_dropout=0.3))
    assert isinstance(model, TextModel)
    return model


def test_a_walk_is_chosen_where_the_model_can_judge(judging):
    """Ends stay, what lies between does not stand on the path, and the same seed gives the same lines."""
    fluent, again, plain = (
        judging.interpolate(A, B, steps=6, options=options)
        for options in (TextWalkOptions(), TextWalkOptions(), PLAIN)
    )

    assert fluent.texts[0] == A
    assert fluent.texts[-1] == B
    assert fluent.as_dict() == again.as_dict()
    assert fluent.texts != plain.texts
    assert not {A, B} & set(fluent.texts[1:-1])


def test_every_leg_has_its_own(judging):
    """Three sentences make two legs, each as long as asked for."""
    lines = judging.interpolate(A, B, A, steps=5, options=TextWalkOptions(collapse=False)).lines

    assert [line.facts["leg"] for line in lines] == [0] * 4 + [1] * 5
    assert [lines[place].text for place in (0, 4, 8)] == [A, B, A]


def test_chance_and_other_models_go_their_own_way(judging, tmp_path):
    """At a temperature, and by models that are no language models, lines are those on the path."""
    chance = Decoding(temperature=1.0)
    assert (
        judging.interpolate(A, B, decoding=chance).texts
        == judging.interpolate(A, B, decoding=chance, options=PLAIN).texts
    )
    other = load(save_text_model(tmp_path / "other"))
    assert other.interpolate(A, B).texts == other.interpolate(A, B, options=PLAIN).texts
    assert not can_judge(other.model)
    assert not can_judge(load(save_paragraph_model(tmp_path / "paragraphs")).model)


def test_an_end_without_a_distance_is_no_obstacle(judging):
    """From a sentence to itself there is a walk, of sentences that differ from it, or of none."""
    assert judging.interpolate(A, A, steps=4).texts[0] == A


def test_chosen_lines_are_more_likely_than_those_on_the_path():
    """Under the bundled decoder without z a piece between has a nat more, and no step repeats."""
    model = load("text-en")
    assert isinstance(model, TextModel)
    means = []
    for options in (TextWalkOptions(collapse=False), replace(PLAIN, collapse=False)):
        lines = model.interpolate(A, "I would like a cup of tea, please.", options=options).texts
        between = [model.tokenizer.encode(line) for line in lines[1:-1]]
        log_p = log_probabilities(model.model, torch.zeros(len(between), model.latent_size), between)
        means.append(float(log_p.sum()) / sum(map(len, between)))
        assert len(set(lines)) == len(lines) or not options.fluent

    assert means[0] > means[1] + 1
