"""Sentences from arguments, files and streams, each with the place it came from, and their ids."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from seqvae.errors import DataError, TokenError
from seqvae.latent.text.layout import Layout
from seqvae.tokens.pieces import MAX_PIECE
from seqvae.tokens.sentences import Ids

MAX_LINE_BYTES = 1 << 20
MAX_LINES = 1_000_000
MIDI_MAGIC = b"MThd"
MIDI_SUFFIXES = {".mid", ".midi"}


class Sentence(NamedTuple):
    """A sentence and where it stood, for messages."""

    text: str
    place: str


def name_sentences(texts: Sequence[str]) -> list[Sentence]:
    """Name sentences by their number, where there is more than one."""
    if len(texts) == 1:
        return [Sentence(texts[0], "the sentence")]
    return [Sentence(text, f"sentence {number}") for number, text in enumerate(texts, 1)]


def read_sentences(path: str | Path) -> list[Sentence]:
    """Read a text file, one sentence in a line; DataError for what is no such file."""
    try:
        with Path(path).open("rb") as file:
            return read_stream(file, str(path))
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise DataError(f"{path}: {reason}; name a text file with one sentence in a line") from error


def read_stream(file: BinaryIO, name: str) -> list[Sentence]:
    """Read UTF-8 lines to the end; DataError if there are none, or if they are no text."""
    found = list(_lines(file, name))
    if not any(sentence.text for sentence in found):
        raise DataError(f"{name}: holds no sentence; write one in each line")
    return found


def encode_sentence(sentence: Sentence, layout: Layout) -> Ids:
    """Return the ids `(time, 1)` of a sentence; TokenError names its place if the model cannot take it."""
    text, place = sentence.text.strip(), sentence.place
    if not text:
        raise TokenError(f"{place} is empty; write a few words")
    if "\n" in text or "\r" in text:
        raise TokenError(f"{place} holds a line break; give its lines as sentences of their own")
    if _is_music(text):
        raise TokenError(
            f"{place}, {text!r}, names a MIDI file, and this model reads sentences; "
            "choose a music model, such as melody-2bar"
        )
    if len(text) > MAX_PIECE * layout.max_length:
        most = layout.max_length - 1
        raise TokenError(f"{place} has {len(text):,} characters, {most} pieces at most fit; shorten it")
    try:
        return layout.encode(text)
    except TokenError as error:
        raise TokenError(f"{place}: {error}") from error


def _is_music(text: str) -> bool:
    if Path(text).suffix.lower() not in MIDI_SUFFIXES:
        return False
    try:
        return " " not in text or Path(text).is_file()
    except OSError:  # too long for a name
        return False


def _lines(file: BinaryIO, name: str) -> Iterator[Sentence]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if line.startswith(MIDI_MAGIC) and number == 1:
            raise DataError(f"{name}: a MIDI file, not text; choose a music model, such as melody-2bar")
        if len(line) > MAX_LINE_BYTES:
            raise DataError(
                f"{name}, line {number}: longer than {MAX_LINE_BYTES:,} bytes; one sentence a line"
            )
        if number > MAX_LINES:
            raise DataError(f"{name}: more than {MAX_LINES:,} lines; split the file")
        yield Sentence(
            _decoded(line, f"{name}, line {number}", is_first=number == 1), f"{name}, line {number}"
        )


def _decoded(line: bytes, place: str, *, is_first: bool) -> str:
    if b"\0" in line:
        raise DataError(f"{place}: a NUL byte, so not a text file; save it as UTF-8 text")
    try:
        return line.decode("utf-8-sig" if is_first else "utf-8").strip()
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: bytes that are no text; save it as UTF-8") from error
