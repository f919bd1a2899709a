"""Write what a song lacks."""

from pathlib import Path
from typing import Literal

import click

from seqvae.cli.exporting import Exporting, export_options
from seqvae.cli.keeping import scale_option
from seqvae.cli.options import (
    bars_option,
    device_option,
    fit_option,
    folder_option,
    force_option,
    json_option,
    model_option,
    overlap_option,
    seed_option,
    strict_option,
    temperature_option,
    track_option,
)
from seqvae.cli.writing import number_option

TRIO_MODEL = "trio-16bar"


@click.command()
@click.argument("song", metavar="SONG")
@number_option(4)
@folder_option
@model_option(TRIO_MODEL, TRIO_MODEL)
@fit_option
@overlap_option
@track_option
@bars_option
@temperature_option(0.5)
@scale_option
@strict_option
@seed_option
@device_option
@export_options
@force_option
@json_option
def accompany(
    song: str,
    number: int,
    output: Path,
    model: str,
    fit: Literal["loop", "pad"],
    overlap: int | None,
    tracks: tuple[str, ...],
    bars: tuple[str, ...],
    temperature: float,
    scale: str | None,
    strict: bool,
    seed: int,
    device: str,
    exporting: Exporting,
    force: bool,
    as_json: bool,
) -> None:
    """Write the voices of a trio that SONG lacks.

    The voices that are there stay note for note, and the model hears them while it writes the others.
    --tracks drums=none leaves a voice out, to be written anew. SONG is a MIDI file or -, standard input.
    """
    from seqvae.cli.kinds import open_music, warn_of_idle_seed
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    warn_of_idle_seed(temperature)
    export = exporting.options()
    check_output(output, numbered("accompaniment", number), export, force=force)
    read = read_one_song([song], strict=strict)
    options = WalkOptions(fit=fit, overlap=overlap, tracks=tracks, bars=bars, scale=scale, strict=strict)
    music = open_music(model, device)
    clips = music.accompany(read, number, temperature=temperature, seed=seed, options=options)
    deliver(clips, output, export=export, force=force, as_json=as_json)
