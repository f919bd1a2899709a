"""Options of the commands that read songs: what is taken of each, and what stays of the first."""

from typing import Literal, NamedTuple

import click

from seqvae.cli.options import strict_option, together


class Taking(NamedTuple):
    """What the options of `taking_options` say together."""

    fit: Literal["loop", "pad"]
    overlap: int | None
    tracks: tuple[str, ...]
    bars: tuple[str, ...]


class Keeping(NamedTuple):
    """What is kept and refused; what the options of `keeping_options` say together."""

    keep: tuple[str, ...]
    lock_bars: str
    scale: str | None
    strict: bool


taking_options = together(
    "taking",
    Taking,
    click.option(
        "--fit",
        default="loop",
        show_default=True,
        type=click.Choice(["loop", "pad"]),
        help="Fill what is too short by playing it again, or with silence.",
    ),
    click.option(
        "--overlap",
        metavar="BARS",
        type=click.IntRange(0),
        help="Bars that the windows of a song longer than one share at least."
        "  [default: a quarter of a window]",
    ),
    click.option(
        "--track",
        "--tracks",
        "tracks",
        multiple=True,
        metavar="TRACK",
        help="Track by number or name, of a trio as in melody=1,bass=Bass,drums=none; once for all songs, or"
        " once for each.  [default: by rule]",
    ),
    click.option(
        "--bars",
        multiple=True,
        metavar="BARS",
        help="Bars to take of a song, as 9-16, 9 or 9-; once for all songs, or once for each."
        "  [default: all]",
    ),
)
scale_option = click.option(
    "--scale",
    metavar="SCALE",
    help="Write no pitch outside a scale, as in 'C major' or 'D dorian'; auto for that of the songs.",
)
keeping_options = together(
    "keeping",
    Keeping,
    click.option(
        "--keep",
        "--lock-voice",
        "keep",
        multiple=True,
        metavar="VOICE[,...]",
        help="Voices of the first song, of melody, bass and drums, that stay as they are while the others"
        " move.",
    ),
    click.option(
        "--lock-bars",
        default="",
        metavar="BARS",
        show_default=False,
        help="Bars of what is taken of the first song that stay as they are, as in 1-4,9.  [default: none]",
    ),
    scale_option,
    strict_option,
)
refine_option = click.option(
    "--refine",
    default=0,
    show_default=True,
    metavar="N",
    type=click.IntRange(0, 10_000),
    help="Gradient steps that bring each song's z closer to its notes.",
)
method_option = click.option(
    "--method",
    default="slerp",
    show_default=True,
    type=click.Choice(["slerp", "lerp"]),
    help="Walk on the sphere, or straight.",
)
