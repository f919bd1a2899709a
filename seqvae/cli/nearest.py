"""Find sentences near others."""

from pathlib import Path

import click

from seqvae.cli.kinds import TEXT_MODEL
from seqvae.cli.options import device_option, force_option, json_option, model_option
from seqvae.cli.writing import file_option, lines_option


@click.command()
@click.argument("queries", nargs=-1, metavar="QUERY...")
@click.option("--among", required=True, metavar="FILE", help="Sentences to search, one in each line, or -.")
@click.option("-k", "--count", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@lines_option
@model_option(TEXT_MODEL, TEXT_MODEL)
@file_option
@click.option(
    "--scores/--no-scores",
    default=True,
    show_default=True,
    help="Print the distance and a tab before each line.",
)
@device_option
@force_option
@json_option
def nearest(
    queries: tuple[str, ...],
    among: str,
    count: int,
    output: Path | None,
    model: str,
    file: str | None,
    scores: bool,
    device: str,
    force: bool,
    as_json: bool,
) -> None:
    """Find the sentences of a file that lie nearest to each QUERY.

    Distances are Euclidean between the points z. A QUERY is always a sentence, except -, the lines of
    standard input. Lines that the model cannot take are left out and counted.
    """
    from seqvae.cli.kinds import open_text
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_lines, read_sentences_given

    check_file(output, force=force)
    given = read_sentences_given(queries, file, others=[among])
    found = open_text(model, device).nearest(given, read_lines(among), count=count)
    deliver_lines(found, output, scores=scores, force=force, as_json=as_json)
