"""Blend songs into one another."""

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
@click.argument("songs", nargs=-1, required=True, metavar="SONG_A SONG_B [SONG_C...]")
@output_option
@click.option(
    "--steps",
    default=9,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="Steps from a song to the next, both counted.",
)
@model_option(None, "melody-2bar for songs of up to 2 bars, else melody-16bar")
@click.option(
    "--method",
    default="slerp",
    show_default=True,
    type=click.Choice(["slerp", "lerp"]),
    help="Walk on the sphere, or straight.",
)
@click.option(
    "--pin-ends/--no-pin-ends",
    default=True,
    show_default=True,
    help="Keep the songs themselves as ends, or what the model makes of them.",
)
@refine_option
@fit_option
@track_option
@temperature_option(0.0)
@seed_option
@device_option
@ppq_option
@force_option
@json_option
def interpolate(
    songs: tuple[str, ...],
    output: Path,
    steps: int,
    model: str | None,
    method: Literal["slerp", "lerp"],
    pin_ends: bool,
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
    """Blend SONG_A into SONG_B, and on, and write one MIDI file per step and one of all.

    Each song stays on the path as it is; the steps between are the model's. A song longer than the model's
    window is walked window by window. One song may be -, standard input.
    """
    if len(songs) < 2:
        raise click.UsageError("a walk needs two songs or more")
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.songs import read_songs
    from seqvae.latent.music import default_model, load
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    num_steps = steps + (len(songs) - 2) * (steps - 1)
    check_output(output, numbered("step", num_steps), force=force)
    options = WalkOptions(method=method, fit=fit, tracks=tracks, pin_ends=pin_ends, refine=refine)
    music = read_songs(songs)
    music_model = load(model or default_model(music), device=device)
    clips = music_model.interpolate(*music, steps=steps, temperature=temperature, seed=seed, options=options)
    deliver(clips, output, ppq=ppq, force=force, as_json=as_json)
