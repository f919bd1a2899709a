"""Options of how a command that writes music runs: its chance, where it computes, the files it writes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from seqvae.cli.options import (
    SEVERAL_FILES,
    STANDARD_OUTPUT,
    device_option,
    force_option,
    json_option,
    seed_option,
    together,
)

if TYPE_CHECKING:
    from seqvae.export.formats import ExportOptions
    from seqvae.latent.results import Clips, Report

FORMAT_NAMES = ("mid", "dawproject", "wav", "png")  # as seqvae.export.formats, which takes long to import


class Running(NamedTuple):
    """What the options of `running_options` say together."""

    seed: int
    device: str
    formats: tuple[Any, ...]
    stems: bool
    ppq: int
    force: bool
    as_json: bool

    @property
    def export(self) -> "ExportOptions":
        """The files to write, as the library takes them."""
        from seqvae.export.formats import ExportOptions

        return ExportOptions(formats=self.formats, stems=self.stems, ticks_per_quarter=self.ppq)

    def check(self, folder: Path, names: Sequence[str]) -> None:
        """Refuse before the work begins what would be refused after it; `names` are those of the clips."""
        from seqvae.export.files import REPORT_NAME, check_folder
        from seqvae.export.formats import check_export, file_names

        if str(folder) == STANDARD_OUTPUT:
            raise click.UsageError(SEVERAL_FILES)
        check_export(self.export)
        check_folder(folder, [*file_names(names, self.export), REPORT_NAME], force=self.force)

    def deliver(self, clips: "Clips[Report]", folder: Path) -> None:
        """Write the files, tell people on stderr, and programs on stdout if they ask."""
        from seqvae.latent.results import report_text
        from seqvae.midi.counts import count_of

        told = clips.write(folder, export=self.export, force=self.force)
        lines = [*clips.report.lines(), *clips.rounding(self.export).lines()]
        click.echo("\n".join([*lines, "", f"{count_of(len(told['files']), 'files')} in {folder}"]), err=True)
        if self.as_json:
            click.echo(report_text(told))


def _split(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """Split at commas; what is no format is wrong usage."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",")))
    for name in names:
        if name not in FORMAT_NAMES:
            raise click.BadParameter(f"{name!r} is none of {', '.join(FORMAT_NAMES)}")
    return names


running_options = together(
    "running",
    Running,
    seed_option,
    device_option,
    click.option(
        "--format",
        "formats",
        default="mid",
        show_default=True,
        metavar="FORMAT[,...]",
        callback=_split,
        help="Files to write: mid for each clip and for all in a row, and of all dawproject, wav, png.",
    ),
    click.option("--stems", is_flag=True, help="Write a MIDI file per instrument of all, too."),
    click.option(
        "--ppq",
        default=480,
        show_default=True,
        type=click.IntRange(24, 30_720),
        help="Ticks per quarter note of the MIDI files, as 480 or 960.",
    ),
    force_option,
    json_option,
)
