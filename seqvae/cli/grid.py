"""Spread clips between four songs."""

from pathlib import Path
from typing import Literal

import click

from seqvae.cli.exporting import Exporting, export_options
from seqvae.cli.keeping import Keeping, keeping_options
from seqvae.cli.options import (
    bars_option,
    device_option,
    fit_option,
    folder_option,
    force_option,
    json_option,
    model_option,
    overlap_option,
    refine_option,
    seed_option,
    temperature_option,
    track_option,
)


@click.command()
@click.argument("songs", nargs=4, metavar="A B C D")
@folder_option
@click.option(
    "--size",
    default="5",
    show_default=True,
    metavar="N|RxC",
    help="Clips in a row and in a column, corners counted; or rows x columns.",
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
    help="Keep the songs themselves as corners, or what the model makes of them.",
)
@refine_option
@fit_option
@overlap_option
@track_option
@bars_option
@temperature_option(0.0)
@keeping_options
@seed_option
@device_option
@export_options
@force_option
@json_option
def grid(
    songs: tuple[str, ...],
    output: Path,
    size: str,
    model: str | None,
    method: Literal["slerp", "lerp"],
    pin_ends: bool,
    refine: int,
    fit: Literal["loop", "pad"],
    overlap: int | None,
    tracks: tuple[str, ...],
    bars: tuple[str, ...],
    temperature: float,
    keeping: Keeping,
    seed: int,
    device: str,
    exporting: Exporting,
    force: bool,
    as_json: bool,
) -> None:
    """Spread clips between four songs, A and B above, C and D below.

    The songs stand at the corners as they are. Cells are evenly apart in z: an edge is the walk between its
    corners, as interpolate --no-even takes it. Cells become a MIDI file each and one of all, row by row.
    """
    from seqvae.cli.kinds import open_music, warn_of_idle_seed
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.songs import read_songs
    from seqvae.latent.grid import cell_names, read_size
    from seqvae.latent.music import default_model
    from seqvae.latent.walk import WalkOptions

    warn_of_idle_seed(temperature)
    export = exporting.options()
    check_output(output, cell_names(read_size(size)), export, force=force)
    options = WalkOptions(
        method=method,
        pin_ends=pin_ends,
        refine=refine,
        fit=fit,
        overlap=overlap,
        tracks=tracks,
        bars=bars,
        **keeping._asdict(),
    )
    read = read_songs(songs, strict=keeping.strict)
    music = open_music(model or default_model(read, bars), device)
    clips = music.grid(*read, size=size, temperature=temperature, seed=seed, options=options)
    deliver(clips, output, export=export, force=force, as_json=as_json)
