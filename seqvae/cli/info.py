"""Say what a model or a MIDI file is."""

import json

import click

from seqvae.cli.options import device_option, strict_option
from seqvae.cli.taking import drum_map_option

OF_FILES = ("bars", "tracks", "drum_map", "model", "device", "strict")


@click.command()
@click.argument("what", metavar="MODEL|FILE")
@click.option("--bars", default="all", metavar="BARS", help="Bars of FILE, as 9-16, 9 or 9-.")
@click.option("--model", help="Say too what this model takes of FILE, and how well it gives it back.")
@click.option(
    "--track",
    "--tracks",
    "tracks",
    multiple=True,
    metavar="TRACK",
    help="Track of FILE for the model, by number or name.  [default: by rule]",
)
@drum_map_option
@device_option
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@strict_option
def info(
    what: str,
    bars: str,
    model: str | None,
    tracks: tuple[str, ...],
    drum_map: dict[str, str] | None,
    device: str,
    as_json: bool,
    strict: bool,
) -> None:
    """Describe a model, or what a model would take from a MIDI file.

    A model is named like a bundled one, or by its folder; - is a MIDI file on standard input.
    """
    from seqvae.cli.kinds import open_music, warn_of_unused
    from seqvae.cli.screen import printable
    from seqvae.cli.songs import STANDARD_INPUT, read_one_song
    from seqvae.latent.describe import describe_model, describe_song, is_music
    from seqvae.latent.walk import WalkOptions

    if what == STANDARD_INPUT or is_music(what):
        warn_of_unused(() if model else ("tracks", "drum_map", "device"), "without --model")
        song = read_one_song([what], strict=strict)
        options = WalkOptions(bars=bars, tracks=tracks, drum_map=drum_map)
        fit = open_music(model, device).examine(song, options=options) if model else None
        found = describe_song(song, bars, fit)
    else:
        warn_of_unused(OF_FILES, "for a model")
        found = describe_model(what)
    told = json.dumps(found.as_dict(), indent=1, ensure_ascii=False) if as_json else "\n".join(found.lines())
    click.echo(printable(told, keep="\n"))
