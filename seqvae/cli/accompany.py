"""Write what a song lacks."""

from pathlib import Path

import click

from seqvae.cli.options import folder_option, model_option, strict_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Taking, scale_option, taking_options
from seqvae.cli.writing import number_option

TRIO_MODEL = "trio-16bar"


@click.command()
@click.argument("song", metavar="SONG")
@number_option(4)
@folder_option
@model_option(TRIO_MODEL, TRIO_MODEL)
@taking_options
@temperature_option(0.5)
@scale_option
@strict_option
@running_options
def accompany(
    song: str,
    number: int,
    output: Path,
    model: str,
    taking: Taking,
    temperature: float,
    scale: str | None,
    strict: bool,
    running: Running,
) -> None:
    """Write the voices of a trio that SONG lacks.

    The voices that are there stay note for note, and the model hears them while it writes the others.
    --tracks drums=none leaves a voice out, to be written anew. SONG is a MIDI file or -, standard input.
    """
    from seqvae.cli.kinds import open_music, warn_of_idle_seed
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    seed = running.seed
    warn_of_idle_seed(temperature)
    running.check(output, numbered("accompaniment", number))
    read = read_one_song([song], strict=strict)
    options = WalkOptions(scale=scale, strict=strict, **taking._asdict())
    music = open_music(model, running.device)
    clips = music.accompany(read, number, temperature=temperature, seed=seed, options=options)
    running.deliver(clips, output)
