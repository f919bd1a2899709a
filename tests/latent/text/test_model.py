"""What people do with z of sentences."""

from pathlib import Path

import pytest
import torch

from seqvae.errors import CheckpointError, ConfigError, TokenError
from seqvae.latent.decoding.rules import GREEDY, Decoding
from seqvae.latent.load import load
from seqvae.latent.mixture import standard_normal
from seqvae.latent.music import MusicModel
from seqvae.latent.posterior import save_posterior
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.walk import TextWalkOptions
from tests.latent.making import save_debug_model
from tests.latent.text.making import echo_text, save_text_model

CHANCE = Decoding(temperature=1.0)
A, B = "The rain stopped.", "Tea, please."


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Save a model."""
    return save_text_model(tmp_path_factory.mktemp("text"))


@pytest.fixture(scope="module")
def model(folder) -> TextModel:
    """Load it again."""
    loaded = load(folder)
    assert isinstance(loaded, TextModel)
    return loaded


@pytest.fixture
def echo(tmp_path) -> TextModel:
    """Make a model that forgets nothing."""
    return echo_text(tmp_path)


def test_tokenizer_decides_what_a_model_is_for(folder, tmp_path):
    """One `load` for both."""
    assert isinstance(load(folder), TextModel)
    assert isinstance(load(save_debug_model(tmp_path / "music")), MusicModel)


def test_decode_inverts_encode(echo):
    """To z and back with a model that forgets nothing."""
    sentences = ["a b c", "h", "d d d d d d d"]

    assert echo.encode(sentences).shape == (3, 8)
    assert echo.decode(echo.encode(sentences)).texts == sentences


def test_encoding_does_not_depend_on_the_others(model):
    """A sentence has its z alone and in any company."""
    alone = torch.cat([model.encode(A), model.encode([B])])

    assert torch.allclose(model.encode([A, B, "It was too cold."])[:2], alone, atol=1e-6)


def test_reconstruct_says_what_is_exact(echo):
    """Lines stand beside their originals, with both log-probabilities."""
    result = echo.reconstruct(["a b", " c "])

    assert result.texts == ["a b", "c"]
    assert [line.facts["is_exact"] for line in result.lines] == [True, True]
    assert result.lines[0].log_p == pytest.approx(result.lines[0].facts["log_p_of_original"], abs=1e-3)
    assert result.notes == ("2 of 2 sentences exact",)


def test_log_p_is_that_of_the_model(model):
    """The number beside a line is the sum over its ids, the end included."""
    z = model.encode(A)
    (line,) = model.decode(z).lines
    ids = torch.from_numpy(model.tokenizer.encode(line.text).astype(int))[None]
    log_p = model.model.decode(z, ids).log_softmax(dim=-1).take_along_dim(ids[..., None], dim=-1).sum()

    if len(ids[0]) <= model.max_length:
        assert line.log_p == pytest.approx(float(log_p), rel=1e-4)


def test_walk_has_the_sentences_at_its_ends(model):
    """The user's own sentences stand where they belong, the model's elsewhere."""
    lines = model.interpolate(A, B, A, steps=4, options=TextWalkOptions(collapse=False)).lines

    assert [lines[i].text for i in (0, 3, 6)] == [A, B, A]
    assert [line.facts["is_own"] for line in lines] == [True, False, False, True, False, False, True]
    assert [line.facts["leg"] for line in lines] == [0, 0, 0, 1, 1, 1, 1]
    assert len(lines) == 7


def test_walk_through_known_sentences(echo):
    """Half way between two points stands what the model says there; without pins its own ends."""
    options = TextWalkOptions(method="lerp", pin_ends=False)
    result = echo.interpolate("a a a", "c c c", steps=3, options=options)

    assert result.texts == ["a a a", "b b b", "c c c"]
    assert not any(line.facts["is_own"] for line in result.lines)


def test_equal_neighbours_are_told_once(echo):
    """Steps that say the same become one line, which counts them."""
    result = echo.interpolate("a", "b", steps=9, options=TextWalkOptions(method="lerp"))

    assert result.texts == ["a", "b"]
    assert sum(line.facts["steps"] for line in result.lines) == 9
    assert result.facts["collapsed"] == 7
    assert [line.facts["is_own"] for line in result.lines] == [True, True]
    assert result.notes == ("9 steps, 2 different sentences, 7 equal to the one before left out",)


def test_walk_shares_its_noise(model):
    """At a temperature a walk from a sentence to itself stays, since only z could make a difference."""
    options = TextWalkOptions(pin_ends=False, collapse=False)
    lines = model.interpolate(A, A, steps=5, decoding=CHANCE, options=options).texts

    assert len(set(lines)) == 1


def test_same_seed_same_lines(model):
    """All that is drawn follows from the seed."""
    one, again, two = (model.sample(5, decoding=CHANCE, seed=seed).as_dict()["lines"] for seed in (1, 1, 2))

    assert one == again != two


@pytest.mark.parametrize("decoding", [GREEDY, CHANCE], ids=["greedy", "chance"])
def test_more_samples_begin_with_the_same(model, decoding):
    """The first samples do not depend on how many follow."""
    assert model.sample(70, decoding=decoding).texts[:3] == model.sample(3, decoding=decoding).texts
    few, many = (model.vary(A, number, decoding=decoding).texts for number in (3, 9))
    assert many[: len(few)] == few


def test_samples_come_from_the_fitted_posterior(folder, tmp_path):
    """The fitted mixture is the default where there is one; the normal prior can be asked for."""
    plain = load(save_text_model(tmp_path / "other"))
    assert plain.sample(2).settings["prior"] == "N(0, I)"
    with pytest.raises(CheckpointError, match="no fitted prior"):
        plain.sample(1, prior="fitted")

    save_posterior(tmp_path / "other", standard_normal(8))
    fitted = load(tmp_path / "other")
    assert fitted.sample(2).settings["prior"] == "fitted to the training data"
    assert fitted.sample(2, prior="normal").texts == plain.sample(2).texts


def test_no_distance_no_variation(echo):
    """At amount 0 every variation is the sentence; the notes say so, and what helps."""
    result = echo.vary("a b", 3, amount=0.0, decoding=GREEDY)

    assert [line.as_dict()["times"] for line in result.lines] == [3]
    assert result.notes == (
        "3 variations, 1 different sentence; a larger amount changes more",
        "3 the same as the sentence itself",
    )


def test_equal_variations_are_told_once(echo):
    """Every variation is among the lines, in the order in which they came first."""
    result = echo.vary("a b", 9, amount=0.9, decoding=GREEDY)

    assert 1 < len(result.lines) == len(set(result.texts))
    assert sum(line.facts["times"] for line in result.lines) == 9


def test_arithmetic_is_that_of_z(echo):
    """It is a - b + c, dimension by dimension."""
    assert echo.arithmetic("a b c", "a a a", "b b b").texts == ["b c d"]
    assert echo.arithmetic("a b", "c", "c").texts == ["a b"]


def test_nearest_finds_neighbours_in_order(echo):
    """The query itself first, then by distance; what cannot be taken is left out and counted."""
    result = echo.nearest(["b b"], ["h h", "a b", "", "b b", "a a a a a a a a a a", "c d"], count=3)

    assert [one.text for one in result.found[0]] == ["b b", "a b", "c d"]
    assert [one.place for one in result.found[0]] == [4, 2, 6]
    assert result.found[0][0].distance == 0
    assert result.notes == (
        "2 candidates left out, the first because sentence 3 is empty; write a few words",
    )
    assert result.rows(scores=True)[0] == "0.000\tb b"


def test_nearest_needs_a_usable_candidate(echo):
    """With none the first reason is told."""
    with pytest.raises(TokenError, match="no candidate can be used: sentence 1 is empty"):
        echo.nearest("a", ["", "a " * 20])


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("", "the sentence is empty"),
        ("  \t ", "the sentence is empty"),
        ("a\nb", "holds a line break"),
        ("a b c d e f g h", "the sentence: the sentence takes 9 ids with its end, at most 8 fit"),
        ("x" * 1_000_000, "the sentence has 1,000,000 characters, 7 pieces at most fit"),
        ("walk.mid", "names a MIDI file, and this model reads sentences"),
        ("x " * 200 + "b.mid", "the sentence has 405 characters, 7 pieces at most fit"),
    ],
    ids=["empty", "spaces", "line break", "too long", "huge", "MIDI", "too long for a name"],
)
def test_what_is_no_sentence_is_refused(echo, sentence, words):
    """Place, value and limit stand in the message."""
    with pytest.raises(TokenError, match=words):
        echo.encode(sentence)


def test_bytes_that_are_no_text_are_refused(model):
    """What a shell passes on undecoded is not taken for text."""
    with pytest.raises(TokenError, match="sentence 2: character 2 is half of a surrogate pair"):
        model.encode(["fine", "a\udcff"])


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (torch.zeros(1, 3), r"z has the shape \(1, 3\); it must be \(points, 8\)"),
        (torch.zeros(0, 8), "no points"),
        (torch.full((1, 8), torch.nan), "not finite"),
    ],
    ids=["size", "none", "NaN"],
)
def test_decode_wants_points_of_its_size(model, z, words):
    """Points of another model, or of no place, are refused."""
    with pytest.raises(ConfigError, match=words):
        model.decode(z)


@pytest.mark.parametrize("number", [0, 10_001])
def test_number_of_lines_has_a_range(model, number):
    """None and too many are refused."""
    with pytest.raises(ConfigError, match=f"the number of lines is {number}"):
        model.sample(number)


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_amount_has_a_range(model, amount):
    """Beyond a right angle there is nothing to keep."""
    with pytest.raises(ConfigError, match="amount is"):
        model.vary(A, 1, amount=amount)
