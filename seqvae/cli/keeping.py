"""Options of the commands that write music: what stays as it is, and what may be written."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import click

from seqvae.cli.options import strict_option


class Keeping(NamedTuple):
    """What is kept and refused; what the options of `keeping_options` say together."""

    keep: tuple[str, ...]
    lock_bars: str
    scale: str | None
    strict: bool


def keeping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, which reach the command as one `keeping`."""

    @wraps(command)
    def run(**values: Any) -> Any:
        keeping = Keeping(**{name: values.pop(name) for name in Keeping._fields})
        return command(keeping=keeping, **values)

    return _keep_option(_lock_bars_option(scale_option(strict_option(run))))


_keep_option = click.option(
    "--keep",
    "--lock-voice",
    "keep",
    multiple=True,
    metavar="VOICE[,...]",
    help="Voices of the first song, of melody, bass and drums, that stay as they are while the others move.",
)
_lock_bars_option = click.option(
    "--lock-bars",
    default="",
    metavar="BARS",
    show_default=False,
    help="Bars of what is taken of the first song that stay as they are, as in 1-4,9.  [default: none]",
)
scale_option = click.option(
    "--scale",
    metavar="SCALE",
    help="Write no pitch outside a scale, as in 'C major' or 'D dorian'; auto for that of the songs.",
)
