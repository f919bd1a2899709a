"""Options of the commands that read songs: what is taken of each, and what stays of the first."""

from pathlib import Path
from typing import Literal, NamedTuple

import click

from seqvae.cli.options import strict_option, together


def _read_map(_: click.Context, __: click.Parameter, path: Path | None) -> dict[str, str] | None:
    """Read a map of drums as the library takes it."""
    from seqvae.tokens.drum_map import DrumMap

    return None if path is None else DrumMap.from_file(path).to_dict()


class Taking(NamedTuple):
    """What the options of `taking_options` say together."""

    fit: Literal["loop", "pad"]
    overlap: int | None
    tracks: tuple[str, ...]
    bars: tuple[str, ...]
    drum_map: dict[str, str] | None


class Keeping(NamedTuple):
    """What is kept and refused; what the options of `keeping_options` say together."""

    keep: tuple[str, ...]
    lock_bars: str
    scale: str | None
    strict: bool


drum_map_option = click.option(
    "--drum-map",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    callback=_read_map,
    help="Drums, trio: JSON file, note to class, of the songs' kit.  [default: General MIDI]",
)
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
    drum_map_option,
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
    help="Gradient steps that bring the posterior of each window of a song closer to its notes.",
)
method_option = click.option(
    "--method",
    default="slerp",
    show_default=True,
    type=click.Choice(["slerp", "lerp"]),
    help="Walk on the sphere, or straight.",
)
