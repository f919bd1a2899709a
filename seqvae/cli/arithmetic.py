"""Add and subtract sentences."""

from pathlib import Path

import click

from seqvae.cli.kinds import TEXT_MODEL
from seqvae.cli.options import (
    device_option,
    force_option,
    json_option,
    model_option,
    seed_option,
    temperature_option,
)
from seqvae.cli.writing import Writing, file_option, fluent_option, lines_option, writing_options


@click.command()
@click.argument("sentences", nargs=-1, metavar="A B C")
@lines_option
@model_option(TEXT_MODEL, TEXT_MODEL)
@file_option
@fluent_option
@temperature_option(0.0)
@writing_options(no_repeat=0)
@seed_option
@device_option
@force_option
@json_option
def arithmetic(
    sentences: tuple[str, ...],
    output: Path | None,
    model: str,
    file: str | None,
    fluent: bool,
    temperature: float,
    writing: Writing,
    seed: int,
    device: str,
    force: bool,
    as_json: bool,
) -> None:
    """Write the sentence at A - B + C.

    A is to the result as B is to C: with B in the present and C in the past, A goes to the past. An
    argument is always a sentence, except -, the lines of standard input.
    """
    from seqvae.cli.kinds import open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_sentences_given

    warn_of_idle_seed(temperature)
    check_file(output, force=force)
    given = read_sentences_given(sentences, file)
    if len(given) != 3:
        raise click.UsageError(f"A - B + C needs three sentences, not {len(given)}")
    a, b, c = given
    decoding = writing.decoding(temperature)
    lines = open_text(model, device).arithmetic(a, b, c, decoding=decoding, seed=seed, fluent=fluent)
    deliver_lines(lines, output, scores=writing.scores, force=force, as_json=as_json)
