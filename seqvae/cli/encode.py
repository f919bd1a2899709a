"""Turn sentences into points."""

from pathlib import Path
from typing import Literal

import click

from seqvae.cli.kinds import TEXT_MODEL
from seqvae.cli.options import OUTPUT_PATH, device_option, force_option, json_option, model_option
from seqvae.cli.writing import file_option


@click.command()
@click.argument("sentences", nargs=-1, metavar="SENTENCE...")
@click.option(
    "-o",
    "--output",
    type=OUTPUT_PATH,
    help="File for the points, .npz or .json.  [default: standard output]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["npz", "json"]),
    help="How to write them.  [default: by the ending of the file, json on standard output]",
)
@model_option(TEXT_MODEL, TEXT_MODEL)
@file_option
@device_option
@force_option
@json_option
def encode(
    sentences: tuple[str, ...],
    output: Path | None,
    form: Literal["npz", "json"] | None,
    model: str,
    file: str | None,
    device: str,
    force: bool,
    as_json: bool,
) -> None:
    """Turn each SENTENCE into a point z.

    The points are the means of the posteriors, one row for each sentence. A SENTENCE is always a sentence,
    except -, the lines of standard input. Read the points with seqvae decode, numpy.load or as JSON.
    """
    from seqvae.cli.kinds import open_text
    from seqvae.cli.lines import check_file, deliver_points
    from seqvae.cli.sentences import read_sentences_given
    from seqvae.latent.points import Points, choose_format

    form = choose_format(output, form)
    check_file(output, force=force)
    given = read_sentences_given(sentences, file)
    z = open_text(model, device).encode(given)
    points = Points(z.numpy(), model, tuple(sentence.text.strip() for sentence in given))
    deliver_points(points, output, form=form, force=force, as_json=as_json)
