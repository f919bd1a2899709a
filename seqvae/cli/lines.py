"""Lines and points out of a text model, onto the terminal or into a file."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from seqvae.cli.songs import STANDARD_INPUT

if TYPE_CHECKING:
    from seqvae.latent.points import Format, Points


class Written(Protocol):
    """Lines that came out of a text model."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of them."""

    def rows(self, *, scores: bool) -> list[str]:
        """Return them one to a row."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""


def check_file(output: Path | None, *, force: bool) -> None:
    """Refuse before the work begins a file that is there already, a folder, or what cannot be written."""
    from seqvae.errors import OutputError
    from seqvae.export.files import check_place

    if output is None or _is_stream(output):
        return
    if output.is_dir():
        raise OutputError(f"{output} is a folder; choose a file for the result")
    if output.is_file() and not force:
        raise OutputError(f"{output} is there already; choose another file or use --force")
    if output.is_file() or not output.exists():  # what is neither file nor folder is there to be written to
        check_place(output.parent)


def deliver_lines(lines: Written, output: Path | None, *, scores: bool, force: bool, as_json: bool) -> None:
    """Write lines to a file or to stdout, notes to stderr, and with --json the report to stdout."""
    from seqvae.midi.counts import count_of

    rows = lines.rows(scores=scores)
    if output is not None and not _is_stream(output):
        write_file(output, "".join(f"{row}\n" for row in rows).encode(), force=force)
        click.echo(f"{count_of(len(rows), 'lines')} in {output}", err=True)
    elif not as_json:
        click.echo("\n".join(rows))
    if as_json:
        click.echo(json.dumps(lines.as_dict(), indent=1, ensure_ascii=False))
    for note in lines.notes:
        click.echo(note, err=True)


def deliver_points(
    points: "Points", output: Path | None, *, form: "Format", force: bool, as_json: bool
) -> None:
    """Write points to a file or to stdout, and with --json to stdout too."""
    from seqvae.latent.points import points_to_bytes
    from seqvae.midi.counts import count_of

    if output is not None and not _is_stream(output):
        write_file(output, points_to_bytes(points, form), force=force)
        click.echo(
            f"{count_of(len(points.z), 'points')} of {points.z.shape[1]} numbers in {output}", err=True
        )
    elif not as_json:
        click.echo(points_to_bytes(points, form), nl=False)
    if as_json:
        click.echo(points_to_bytes(points, "json"), nl=False)


def write_file(output: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all; a pipe or device is written to as it is."""
    from seqvae.errors import OutputError

    check_file(output, force=force)
    staged = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        if output.exists() and not output.is_file():
            output.write_bytes(content)
            return
        output.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
        staged.replace(output)
    except OSError as error:
        raise OutputError(
            f"{output} cannot be written ({error.strerror}); check the folder and the disk"
        ) from error
    finally:
        with suppress(OSError):  # a folder that cannot be written has been told
            staged.unlink(missing_ok=True)


def _is_stream(output: Path) -> bool:
    return str(output) == STANDARD_INPUT
