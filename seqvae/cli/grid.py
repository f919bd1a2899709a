"""Spread clips between four songs."""

from pathlib import Path
from typing import Any, Literal

import click

from seqvae.cli.options import folder_option, model_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Keeping, Taking, keeping_options, method_option, refine_option, taking_options


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
@method_option
@click.option(
    "--pin-ends/--no-pin-ends",
    default=True,
    show_default=True,
    help="Keep the songs themselves as corners, or what the model makes of them.",
)
@refine_option
@taking_options
@temperature_option(0.0)
@keeping_options
@running_options
def grid(
    songs: tuple[str, ...],
    output: Path,
    size: str,
    model: str | None,
    method: Literal["slerp", "lerp"],
    pin_ends: bool,
    refine: int,
    taking: Taking,
    temperature: float,
    keeping: Keeping,
    running: Running,
) -> None:
    """Spread clips between four songs, A and B above, C and D below.

    The songs stand at the corners as they are. Cells are evenly apart in z: an edge is the walk between its
    corners, as interpolate --no-even takes it. Cells become a MIDI file each and one of all, row by row.
    """
    from seqvae.cli.kinds import open_for, warn_of_idle_seed
    from seqvae.cli.songs import read_songs
    from seqvae.latent.grid import cell_names, read_size
    from seqvae.latent.walk import WalkOptions

    warn_of_idle_seed(temperature)
    running.check(output, cell_names(read_size(size)))
    of_grid: dict[str, Any] = {"method": method, "pin_ends": pin_ends, "refine": refine}
    options = WalkOptions(**of_grid, **taking._asdict(), **keeping._asdict())
    read = read_songs(songs, strict=keeping.strict)
    music = open_for(read, model, bars=taking.bars, device=running.device)
    clips = music.grid(*read, size=size, temperature=temperature, seed=running.seed, options=options)
    running.deliver(clips, output)
