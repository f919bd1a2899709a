"""Sentences between two others that read well."""

from dataclasses import replace

import pytest
import torch

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.load import load
from seqvae.latent.text.between import sentences_between
from seqvae.latent.text.codec import encode_ids, log_probabilities
from seqvae.latent.text.fluency import can_judge, fluency_of, write_with_say
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.near import DISTANCE_PRICE, SHARES, sentences_near
from seqvae.latent.text.walk import TextWalkOptions
from tests.latent.text.making import save_paragraph_model, save_text_model

A, B = "The rain stopped.", "Tea, please."
CHANCE = Decoding(temperature=1.0)

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


def test_from_a_sentence_to_itself_there_is_no_way(judging):
    """Where both ends are one nothing is chosen: lines are what stands at that very point."""
    for end in (A, f"{A} "):
        plain = judging.interpolate(A, end, options=PLAIN, steps=4)
        assert judging.interpolate(A, end, steps=4).texts == plain.texts


def test_rules_are_obeyed(judging):
    """Length, beams and guard are those that were asked for, and the settings tell those in force."""
    own = judging._ids([A, B])
    ends, rules = encode_ids(judging.model, own).mu, Decoding(max_length=5)
    short = sentences_between(judging.model, ends, own, [0.3, 0.6], method="slerp", rules=rules, seed=0)
    usual = judging.interpolate(A, B).settings
    asked = judging.interpolate(A, B, decoding=Decoding(beams=2, no_repeat=3)).settings

    assert short is not None
    known = {line.tobytes() for line in own}
    assert all(len(line) <= 5 or line.tobytes() in known for line in short)
    assert (usual["beams"], usual["no_repeat"]) == (4, 4)
    assert (asked["beams"], asked["no_repeat"], asked["fluent"]) == (2, 3, True)
    assert not judging.interpolate(A, B, decoding=CHANCE).settings["fluent"]


def test_chosen_lines_are_more_likely_than_those_on_the_path():
    """Under the bundled decoder without z a piece between has more than half a nat more; no step repeats."""
    model = load("text-en")
    assert isinstance(model, TextModel)
    means = []
    for options in (TextWalkOptions(collapse=False), replace(PLAIN, collapse=False)):
        lines = model.interpolate(A, "I would like a cup of tea, please.", options=options).texts
        between = [model.tokenizer.encode(line) for line in lines[1:-1]]
        log_p = log_probabilities(model.model, torch.zeros(len(between), model.latent_size), between)
        means.append(float(log_p.sum()) / sum(map(len, between)))
        assert len(set(lines)) == len(lines) or not options.fluent

    assert means[0] > means[1] + 0.5


def test_variations_read_better_and_stay_near(judging):
    """Of the lines near each point the one that is told is none of the sentence, and depends on no other."""
    few, many, plain = (
        judging.vary(A, number, decoding=CHANCE, seed=5, fluent=fluent).texts
        for number, fluent in ((2, True), (4, True), (4, False))
    )

    assert many[: len(few)] == few
    assert many != plain


def test_no_distance_changes_nothing(judging):
    """With an amount of 0 nothing is chosen: lines are what the model writes at the very point."""
    plain, fluent = (judging.vary(A, 3, amount=0.0, fluent=fluent).texts for fluent in (False, True))

    assert plain == fluent


def test_line_near_a_point_is_the_best_of_those_written(judging):
    """By the price of distance no other line of the same point is worth more."""
    z = encode_ids(judging.model, judging._ids([A, B])).mu
    rules = Decoding(temperature=1.0)
    chosen = sentences_near(judging.model, z, rules, seed=3)
    points = z.repeat_interleave(len(SHARES), dim=0)
    draws = Draws(3, range(len(points)))
    written = write_with_say(judging.model, points, torch.tensor(SHARES * 2), rules, draws)
    away = (encode_ids(judging.model, written).mu - points).norm(dim=-1) / points.norm(dim=-1)
    worth = (fluency_of(judging.model, written) - DISTANCE_PRICE * away).tolist()

    for point in range(2):
        lines = range(point * len(SHARES), (point + 1) * len(SHARES))
        best = max(lines, key=worth.__getitem__)
        assert written[best].tobytes() == chosen[point].tobytes()


def test_a_variation_is_not_the_sentence_itself():
    """The bundled model varies a sentence it knows by heart: with one of seven lines that is another one."""
    model = load("text-en")
    assert isinstance(model, TextModel)
    own = model._ids([A])
    z = encode_ids(model.model, own).mu.repeat(4, 1)
    plain = sentences_near(model.model, z, CHANCE, seed=0)
    unlike = sentences_near(model.model, z, CHANCE, seed=0, unlike=own)

    assert [line.tobytes() == own[0].tobytes() for line in plain] == [True] * 4
    assert [line.tobytes() == own[0].tobytes() for line in unlike] == [False] * 4
