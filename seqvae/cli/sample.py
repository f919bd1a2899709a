"""Draw new clips."""

from pathlib import Path

import click

from seqvae.cli.options import (
    device_option,
    force_option,
    json_option,
    model_option,
    output_option,
    ppq_option,
    seed_option,
    temperature_option,
)


@click.command()
@click.option(
    "-n",
    "--number",
    default=8,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="How many clips; the first ones stay the same when there are more.",
)
@output_option
@model_option("melody-2bar", "melody-2bar")
@temperature_option(0.5)
@seed_option
@device_option
@ppq_option
@force_option
@json_option
def sample(
    number: int,
    output: Path,
    model: str,
    temperature: float,
    seed: int,
    device: str,
    ppq: int,
    force: bool,
    as_json: bool,
) -> None:
    """Draw new clips from a model and write one MIDI file each and one of all.

    They come from where the training music lies in the latent space if the model folder tells, else from
    the prior N(0, I).
    """
    from seqvae.cli.results import check_output, deliver
    from seqvae.latent.music import load
    from seqvae.latent.results import numbered

    check_output(output, numbered("sample", number), force=force)
    clips = load(model, device=device).sample(number, temperature=temperature, seed=seed)
    deliver(clips, output, ppq=ppq, force=force, as_json=as_json)
