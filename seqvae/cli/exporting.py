"""Options of the commands that write music: which files, and how fine."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from seqvae.export.formats import ExportOptions

FORMAT_NAMES = ("mid", "dawproject", "wav", "png")  # as seqvae.export.formats, which takes long to import


class Exporting(NamedTuple):
    """Which files to write; what the options of `export_options` say together."""

    formats: tuple[Any, ...]
    stems: bool
    ppq: int

    def options(self) -> "ExportOptions":
        """Return it as the library takes it."""
        from seqvae.export.formats import ExportOptions

        return ExportOptions(formats=self.formats, stems=self.stems, ticks_per_quarter=self.ppq)


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, which reach the command as one `exporting`."""

    @wraps(command)
    def run(**values: Any) -> Any:
        exporting = Exporting(**{name: values.pop(name) for name in Exporting._fields})
        return command(exporting=exporting, **values)

    return _format_option(_stems_option(_ppq_option(run)))


def _split(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """Split at commas; what is no format is wrong usage."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",")))
    for name in names:
        if name not in FORMAT_NAMES:
            raise click.BadParameter(f"{name!r} is none of {', '.join(FORMAT_NAMES)}")
    return names


_format_option = click.option(
    "--format",
    "formats",
    default="mid",
    show_default=True,
    metavar="FORMAT[,...]",
    callback=_split,
    help="Files to write: mid for each clip and for all in a row, and of all dawproject, wav, png.",
)
_stems_option = click.option("--stems", is_flag=True, help="Write a MIDI file per instrument of all, too.")
_ppq_option = click.option(
    "--ppq",
    default=480,
    show_default=True,
    type=click.IntRange(24, 30_720),
    help="Ticks per quarter note of the MIDI files, as 480 or 960.",
)
