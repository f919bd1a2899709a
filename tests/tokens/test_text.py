from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from seqvae.errors import TokenError
from seqvae.tokens.base import build_tokenizer
from seqvae.tokens.pieces import MAX_MODEL_BYTES, TRAINER, train_pieces
from seqvae.tokens.sentences import END, PAD, pad_ids
from seqvae.tokens.text import TextTokenizer
from tests.tokens.writing import grammar, text_tokenizer

TOKENIZER = text_tokenizer()


@given(st.text())
@example("")
@example("   three spaces, then  two, then one ")
@example("\ufb01 \ufb02 \uff21 \u2460 e\u0301 \u00e9")
@example("\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \u4f60\u597d\u3000\u4e16\u754c")
@example("\u2581 \u2581\u2581a\u2581")
@example("\0a\0 \t\r\x0b\x85\u2028\ufeff\ufffd\u2047\u2585")
@example("<unk></s><s><pad><0x41>")
def test_decode_inverts_encode(text):
    """Every text comes back as it was, and no id in it is padding or an end before the last."""
    ids = TOKENIZER.encode(text)

    assert TOKENIZER.decode(ids) == text
    assert ids[-1, 0] == END
    assert not np.isin(ids[:-1], (PAD, END)).any()
    assert ids.max() < TOKENIZER.vocab_size


@given(st.lists(st.text(), max_size=5), st.data())
def test_padding_changes_nothing(texts, data):
    """A sentence among longer ones decodes as alone."""
    padded = pad_ids([TOKENIZER.encode(text) for text in texts])

    assert [TOKENIZER.decode(row) for row in padded] == texts


@given(st.lists(st.integers(0, TOKENIZER.vocab_size - 1)))
def test_any_ids_decode_to_text(ids):
    """Whatever a model says is text that can be written, and nothing behind an end counts."""
    text = TOKENIZER.decode(np.array(ids))

    text.encode()
    assert TOKENIZER.decode([*ids, END, 5, END, 300]) == text


def test_ids_are_a_column_of_small_integers():
    """The shape and type of every tokenizer's ids."""
    ids = TOKENIZER.encode("Tom likes coffee.")

    assert (ids.shape, ids.dtype) == ((len(ids), 1), np.int16)
    assert "".join(TOKENIZER.pieces(ids)) == "Tom likes coffee."


def test_pieces_are_longer_than_characters():
    """Known text takes fewer ids than characters, unknown text as many as it has bytes."""
    known, unknown = TOKENIZER.encode("Mary likes the house."), TOKENIZER.encode("\u4f60\u597d")

    assert len(known) < len("Mary likes the house.")
    assert len(unknown) == len("\u4f60\u597d".encode()) + 1


def test_training_twice_gives_the_same_bytes():
    """One text, one model, and no place of this machine inside."""
    first, second = (train_pieces(iter(grammar()), vocab_size=350) for _ in range(2))

    assert first == second
    assert str(Path.cwd()).encode() not in first


def test_sentencepiece_itself_agrees():
    """The library, given our model, encodes and decodes alike."""
    processor = SentencePieceProcessor(model_proto=train_pieces(grammar(), vocab_size=400))
    text = "  John paints  \u00e9\U0001f600 houses "

    assert TOKENIZER.encode(text)[:-1, 0].tolist() == processor.encode(text)
    assert processor.decode(processor.encode(text)) == text


def test_the_longest_that_fits_is_encoded():
    """The limit counts the end; one id more is an error that says how many."""
    length = len(TOKENIZER.encode("Alice sees coffee."))

    assert len(TOKENIZER.encode("Alice sees coffee.", max_length=length)) == length
    with pytest.raises(TokenError, match=f"takes {length} ids with its end, at most {length - 1} fit"):
        TOKENIZER.encode("Alice sees coffee.", max_length=length - 1)


def test_half_a_surrogate_pair_is_refused():
    """What UTF-8 cannot write is no text."""
    with pytest.raises(TokenError, match="character 3 is half of a surrogate pair"):
        TOKENIZER.encode("ab\ud800")


@pytest.mark.parametrize("odd", [-1, TOKENIZER.vocab_size])
def test_ids_outside_the_vocabulary_are_refused(odd):
    """The step and the range are named."""
    with pytest.raises(TokenError, match=rf"id {odd} at step 1 is outside 0\.\.{TOKENIZER.vocab_size - 1}"):
        TOKENIZER.decode([5, odd])


@pytest.mark.parametrize(
    ("sentences", "vocab_size", "message"),
    [
        pytest.param([], 400, "no sentence to learn pieces from", id="nothing"),
        pytest.param([""], 400, "no sentence to learn pieces from", id="empty line"),
        pytest.param(grammar(), 258, r"258 pieces are outside 259\.\.32768", id="few"),
        pytest.param(grammar(), 40_000, "40000 pieces are outside", id="many"),
        pytest.param(grammar(), 260, "260 pieces are too few: bytes and single characters", id="no letters"),
    ],
)
def test_training_that_cannot_be_is_refused(sentences, vocab_size, message):
    """Too little text and vocabularies out of range end as one line."""
    with pytest.raises(TokenError, match=message):
        TextTokenizer.train(sentences, vocab_size=vocab_size)


def test_a_small_text_gives_a_small_vocabulary():
    """A vocabulary that the text cannot fill is no error."""
    tokenizer = TextTokenizer.train(["hello there"], vocab_size=8000)

    assert 259 <= tokenizer.vocab_size < 300
    assert tokenizer.decode(tokenizer.encode("hello you")) == "hello you"


def foreign_model(**settings) -> bytes:
    """Train as other projects do."""
    model = BytesIO()
    settings = TRAINER | {"vocab_size": 350} | settings
    SentencePieceTrainer.train(sentence_iterator=iter(grammar()), model_writer=model, **settings)
    return model.getvalue()


FOREIGN = {
    "other ids": {"unk_id": 3, "bos_id": 0, "eos_id": 2},
    "a space added": {"add_dummy_prefix": True},
    "spaces collapsed": {"remove_extra_whitespaces": True},
    "normalised": {"normalization_rule_name": "nfkc"},
    "no bytes": {"byte_fallback": False, "vocab_size": 60},
}


@pytest.mark.parametrize("settings", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_model_is_refused(settings):
    """A model that would not give back what it is given, or numbers its pieces otherwise, is told apart."""
    with pytest.raises(TokenError, match="other settings than those of seqvae"):
        TextTokenizer(foreign_model(**settings))


def test_no_change_to_a_model_does_more_than_raise():
    """A model with bytes changed or cut off is refused, or is a tokenizer that still decodes to text."""
    model = train_pieces(grammar(), vocab_size=400)
    generator = np.random.default_rng(0)
    for _ in range(200):
        changed = np.frombuffer(model, dtype=np.uint8).copy()
        places = generator.integers(len(changed), size=generator.integers(1, 6))
        changed[places] = generator.integers(256, size=len(places))
        with suppress(TokenError):
            tokenizer = TextTokenizer(changed[: generator.integers(1, 2 * len(changed))].tobytes())
            tokenizer.decode(tokenizer.encode("Tom \u00e9")).encode()


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"MThd\0\0\0\6", b"{}", b"\xff" * 1000, b"\x0a\xff\xff\xff\xff\x7f"], ids=repr
)
def test_a_broken_model_is_refused(content, tmp_path):
    """Whatever bytes a file holds, one line names the file."""
    path = tmp_path / "tokenizer.model"
    path.write_bytes(content)

    with pytest.raises(TokenError, match=r"tokenizer\.model: (not a|a) sentencepiece model"):
        TextTokenizer.from_file(path)


def test_a_huge_model_is_refused_unread(tmp_path):
    """No more than the limit is read, however large the file."""
    path = tmp_path / "tokenizer.model"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(TokenError, match=f"at most {MAX_MODEL_BYTES} are read"):
        TextTokenizer.from_file(path)


def test_a_missing_model_is_refused(tmp_path):
    """The file is named."""
    with pytest.raises(TokenError, match="missing: No such file"):
        TextTokenizer.from_file(tmp_path / "missing")


def test_a_model_file_is_read(tmp_path):
    """A file with the trained bytes gives an equal tokenizer."""
    path = tmp_path / "tokenizer.model"
    path.write_bytes(train_pieces(grammar(), vocab_size=400))

    assert TextTokenizer.from_file(path).to_config() == TOKENIZER.to_config()


def test_config_survives_json_and_encodes_alike():
    """What a tokenizer says of itself builds one that gives the same ids."""
    rebuilt = build_tokenizer(TOKENIZER.to_config())

    assert rebuilt.to_config() == TOKENIZER.to_config()
    assert np.array_equal(rebuilt.encode("Tom sees \u00e9."), TOKENIZER.encode("Tom sees \u00e9."))


def config_of(model: bytes) -> dict[str, str]:
    """Describe any bytes as a text tokenizer's."""
    return {"name": "text", "sha256": sha256(model).hexdigest(), "model": b64encode(model).decode()}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param({"name": "text"}, "missing or too large", id="no model"),
        pytest.param({"name": "text", "model": 3}, "missing or too large", id="a number"),
        pytest.param({"name": "text", "model": "A" * (3 << 20)}, "missing or too large", id="huge"),
        pytest.param({"name": "text", "model": "?"}, "not in base64", id="not base64"),
        pytest.param({"name": "text", "model": "\u00e9"}, "not in base64", id="not ascii"),
        pytest.param(TOKENIZER.to_config() | {"sha256": "0"}, "its sha256 is another", id="other sum"),
        pytest.param(config_of(b"junk"), "not a sentencepiece model", id="junk"),
    ],
)
def test_a_broken_config_is_refused(config, message):
    """A config that was tampered with ends as one line."""
    with pytest.raises(TokenError, match=message):
        build_tokenizer(config)


@pytest.mark.parametrize(
    "corpus",
    [
        ["日本語の文です。", "猫がいる。"],
        ["AB", "BC"],
        ["a\tb", "c"],
        ["日本語の文です。猫がいる。"] * 200 + ["猫 がいる。"],
    ],
    ids=["Japanese", "Latin", "tab", "one space"],
)
def test_a_corpus_almost_without_spaces_is_learned(corpus):
    """Languages without spaces have pieces, too, and what is rare in them, spaces among it, comes back."""
    tokenizer = TextTokenizer.train(corpus, vocab_size=400)

    for text in [*corpus[:2], "a b", " ", "猫 がいる。"]:
        assert tokenizer.decode(tokenizer.encode(text)) == text
