"""Sentences named on the command line: an argument is always a sentence, `-` and --file read lines."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqvae.cli.songs import STANDARD_INPUT, standard_input

if TYPE_CHECKING:
    from seqvae.latent.text.sentences import Sentence

SCORE = re.compile(r"-?\d+\.\d+\t")  # as Lines.rows writes it


def read_sentences_given(
    arguments: Sequence[str], file: str | None = None, *, others: Sequence[str] = ()
) -> "list[Sentence]":
    """Return the arguments, `-` replaced by the lines of standard input, and then the lines of a file.

    `others` are files that are read besides.
    """
    from seqvae.latent.text.sentences import Sentence, name_sentences

    sources = [*arguments, file, *others]
    if sources.count(STANDARD_INPUT) > 1:
        raise click.UsageError("standard input can be read once; name - a single time")
    if not arguments and file is None:
        raise click.UsageError("no sentence given; give sentences, - for standard input, or --file FILE")
    found: list[Sentence] = []
    for sentence in name_sentences(arguments):
        if sentence.text == STANDARD_INPUT:
            found += read_lines(STANDARD_INPUT)
        else:
            _warn_of_file(sentence.text)
            found.append(sentence)
    return found + (read_lines(file) if file is not None else [])


def read_one_sentence(argument: str) -> "Sentence":
    """Return the argument, or the only line of standard input for `-`."""
    found = read_sentences_given([argument])
    if len(found) != 1:
        raise click.UsageError(f"one sentence is needed, standard input holds {len(found)} lines")
    return found[0]


def read_lines(file: str) -> "list[Sentence]":
    """Read the lines of a file, or of standard input for `-`."""
    from seqvae.latent.text.sentences import read_sentences, read_stream

    if file == STANDARD_INPUT:
        return _without_scores(read_stream(standard_input(), "standard input"), "standard input")
    return _without_scores(read_sentences(file), file)


def _without_scores(sentences: "list[Sentence]", name: str) -> "list[Sentence]":
    """Take away the log-probabilities that our own commands print, if they stand before every line."""
    if not sentences or not all(SCORE.match(sentence.text) for sentence in sentences):
        return sentences
    click.echo(f"{name}: the log-probability before each line is left out", err=True)
    return [sentence._replace(text=SCORE.sub("", sentence.text)) for sentence in sentences]


def _warn_of_file(text: str) -> None:
    """Say that an argument is no file name, where there is such a file."""
    from seqvae.latent.text.sentences import MIDI_SUFFIXES  # such a name is refused anyway

    try:
        is_file = Path(text).is_file() and Path(text).suffix.lower() not in MIDI_SUFFIXES
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return
    if is_file:
        click.echo(f"{text!r} is taken as a sentence; --file {text} would read the file", err=True)
