"""Turn points into sentences."""

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
from seqvae.cli.songs import STANDARD_INPUT, standard_input
from seqvae.cli.writing import Writing, lines_option, writing_options


@click.command()
@click.argument("points", metavar="POINTS")
@lines_option
@model_option(TEXT_MODEL, TEXT_MODEL)
@temperature_option(0.0)
@writing_options(no_repeat=0)
@seed_option
@device_option
@force_option
@json_option
def decode(
    points: str,
    output: Path | None,
    model: str,
    temperature: float,
    writing: Writing,
    seed: int,
    device: str,
    force: bool,
    as_json: bool,
) -> None:
    """Write the sentence of each point z in POINTS.

    POINTS is a file in .npz or JSON with rows of numbers under z, as seqvae encode writes it, or -, standard
    input.
    """
    import torch

    from seqvae.cli.kinds import open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.latent.points import read_points

    warn_of_idle_seed(temperature)
    check_file(output, force=force)
    read = read_points(standard_input() if points == STANDARD_INPUT else points)
    writer = open_text(model, device)
    if read.model not in ("", writer.name):
        click.echo(f"{points}: points of {read.model}, which mean something else to {writer.name}", err=True)
    z = torch.from_numpy(read.z)
    lines = writer.decode(z, decoding=writing.decoding(temperature), seed=seed)
    deliver_lines(lines, output, scores=writing.scores, force=force, as_json=as_json)
