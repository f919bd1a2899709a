"""Send a song through a model and back."""

from pathlib import Path
from typing import Literal

import click

from seqvae.cli.options import (
    device_option,
    fit_option,
    force_option,
    json_option,
    model_option,
    output_option,
    ppq_option,
    refine_option,
    seed_option,
    temperature_option,
    track_option,
)


@click.command()
@click.argument("song", metavar="SONG")
@output_option
@model_option(None, "melody-2bar for a song of up to 2 bars, else melody-16bar")
@refine_option
@fit_option
@track_option
@temperature_option(0.0)
@seed_option
@device_option
@ppq_option
@force_option
@json_option
def reconstruct(
    song: str,
    output: Path,
    model: str | None,
    refine: int,
    fit: Literal["loop", "pad"],
    tracks: tuple[str, ...],
    temperature: float,
    seed: int,
    device: str,
    ppq: int,
    force: bool,
    as_json: bool,
) -> None:
    """Write SONG beside what a model gives back of it.

    The report says how much of it the model keeps: steps, notes, whole bars. SONG may be -, standard input.
    """
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.songs import read_songs
    from seqvae.latent.music import default_model, load
    from seqvae.latent.reconstruct import CLIP_NAMES
    from seqvae.latent.walk import WalkOptions

    check_output(output, CLIP_NAMES, force=force)
    (music,) = read_songs([song])
    music_model = load(model or default_model([music]), device=device)
    options = WalkOptions(fit=fit, tracks=tracks, refine=refine)
    clips = music_model.reconstruct(music, temperature=temperature, seed=seed, options=options)
    deliver(clips, output, ppq=ppq, force=force, as_json=as_json)
