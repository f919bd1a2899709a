"""Pieces of words, learned and read by sentencepiece; nothing else in the package knows it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from seqvae.errors import TokenError
from seqvae.tokens.sentences import END, MAX_VOCABULARY

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

SPACE = "\u2581"  # stands for a space inside pieces
FIRST_BYTE, NUM_BYTES = 2, 256  # behind padding and end, a piece for each byte of UTF-8
MIN_VOCABULARY = FIRST_BYTE + NUM_BYTES + 1
MAX_PIECE = 16  # characters
MAX_MODEL_BYTES = 1 << 20
RARE = 0.01  # share of characters, far above what character_coverage leaves out

# The unknown piece has the id of padding: with a piece for each byte it never occurs in text.
SPECIAL_IDS = {"unk_id": 0, "eos_id": END, "bos_id": -1, "pad_id": -1}
TRAINER: dict[str, Any] = {
    "model_type": "unigram",
    "byte_fallback": True,
    "normalization_rule_name": "identity",
    "add_dummy_prefix": False,
    "remove_extra_whitespaces": False,
    "character_coverage": 0.9995,  # rarer characters are written in bytes
    "max_sentencepiece_length": MAX_PIECE,
    "max_sentence_length": 1 << 24,  # bytes; what is too long has been left out before
    "hard_vocab_limit": False,  # a small text gives fewer pieces, no error
    "num_threads": 1,  # several add their counts in an order of chance
    "minloglevel": 2,
    **SPECIAL_IDS,
}


def train_pieces(sentences: Iterable[str], *, vocab_size: int) -> bytes:
    """Learn up to `vocab_size` pieces; the same sentences in the same order give the same bytes.

    Sentences are gone through twice; those of an iterator are kept in memory meanwhile.
    """
    if not MIN_VOCABULARY <= vocab_size <= MAX_VOCABULARY:
        raise TokenError(f"{vocab_size} pieces are outside {MIN_VOCABULARY}..{MAX_VOCABULARY}")
    from sentencepiece import SentencePieceTrainer

    model, texts = BytesIO(), list(sentences) if isinstance(sentences, Iterator) else sentences
    # Without a piece of its own the sign for a space would come back from bytes as itself.
    rare: dict[str, Any] = {} if _share_of_spaces(texts) > RARE else {"required_chars": SPACE}
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=model, vocab_size=vocab_size, **TRAINER, **rare
        )
    except RuntimeError as error:
        raise TokenError(_training_fault(str(error), vocab_size)) from error
    return model.getvalue()


def _share_of_spaces(texts: Iterable[str]) -> float:
    spaces = characters = 0
    for text in texts:
        spaces, characters = spaces + text.count(" "), characters + len(text)
    return spaces / max(characters, 1)


def _training_fault(message: str, vocab_size: int) -> str:
    if "sentences_.empty()" in message:
        return "no sentence to learn pieces from"
    needed = re.search(r"required_chars\. \d+ vs (\d+)", message)
    if needed:
        return f"{vocab_size} pieces are too few: bytes and single characters alone take {needed[1]}"
    return f"no pieces could be learned from this text ({message})"


class Pieces(NamedTuple):
    """A model of sentencepiece, read and found to be ours."""

    processor: "SentencePieceProcessor"
    names: list[str]  # of every id


def load_pieces(model: bytes) -> Pieces:
    """Read a model that `train_pieces` wrote; TokenError if it is broken, foreign or too large."""
    if len(model) > MAX_MODEL_BYTES:
        raise TokenError(f"a sentencepiece model of {len(model)} bytes; at most {MAX_MODEL_BYTES} are read")
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(model)
        names = [processor.id_to_piece(piece) for piece in range(processor.get_piece_size())]
        is_ours = _is_ours(processor, names)
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise TokenError("not a sentencepiece model, or a broken one") from error
    if not is_ours:
        raise TokenError(
            "a sentencepiece model with other settings than those of seqvae; prepare the corpus with seqvae"
        )
    return Pieces(processor, names)


def _is_ours(processor: "SentencePieceProcessor", names: Sequence[str]) -> bool:
    """Tell whether special ids, bytes and the treatment of spaces are as trained here."""
    special = (processor.unk_id(), processor.eos_id(), processor.bos_id(), processor.pad_id())
    byte_names = [f"<0x{byte:02X}>" for byte in range(NUM_BYTES)]
    probe = "  A\u00c4\ufb01\t \U0010fffd  "  # spaces stay, ligatures too, one character needs bytes
    return (
        MIN_VOCABULARY <= len(names) <= MAX_VOCABULARY
        and special == tuple(SPECIAL_IDS.values())
        and list(names[FIRST_BYTE : FIRST_BYTE + NUM_BYTES]) == byte_names
        and not names[processor.encode("A")[0]].startswith(SPACE)
        and processor.decode(processor.encode(probe)) == probe
    )
