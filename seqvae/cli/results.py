"""A result into its folder, what it says of itself onto the terminal."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from seqvae.export.formats import ExportOptions
    from seqvae.latent.results import Clips, Report


def check_output(output: Path, names: Sequence[str], export: "ExportOptions", *, force: bool) -> None:
    """Refuse before the work begins what would be refused after it; `names` are those of the clips."""
    from seqvae.export.files import REPORT_NAME, check_folder
    from seqvae.export.formats import check_export, file_names

    check_export(export)
    check_folder(output, [*file_names(names, export), REPORT_NAME], force=force)


def deliver(
    clips: "Clips[Report]", output: Path, *, export: "ExportOptions", force: bool, as_json: bool
) -> None:
    """Write the files, tell people on stderr, and programs on stdout if they ask."""
    from seqvae.midi.counts import count_of

    told = clips.write(output, export=export, force=force)
    lines = [*clips.report.lines(), *clips.rounding(export).lines()]
    click.echo("\n".join([*lines, "", f"{count_of(len(told['files']), 'files')} in {output}"]), err=True)
    if as_json:
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
