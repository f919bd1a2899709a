"""Make a file again and compare."""

import json
from pathlib import Path

import click

from seqvae.cli.options import OUTPUT_PATH, device_option, force_option, json_option


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("songs", nargs=-1, metavar="[SONG...]")
@click.option("-o", "--output", type=OUTPUT_PATH, help="MIDI file to write what is made now.")
@click.option("--model", help="Model in place of the one that FILE names.  [default: that one]")
@device_option
@force_option
@json_option
@click.pass_context
def replay(
    context: click.Context,
    file: str,
    songs: tuple[str, ...],
    output: Path | None,
    model: str | None,
    device: str,
    force: bool,
    as_json: bool,
) -> None:
    """Make FILE again from what it tells of itself, and say what differs.

    FILE is a MIDI file that seqvae wrote. The songs it was made of are found by their hashes, where
    report.json beside it says they lay, or among SONG. Exit code 0 means the same bytes, 1 that something
    differs.
    """
    from seqvae.cli.lines import check_file, write_file
    from seqvae.latent.replay import replay

    check_file(output, force=force)
    made = replay(file, songs, model=model, device=device)
    if output:
        write_file(output, made.data, force=force)
    click.echo(json.dumps(made.as_dict(), indent=1) if as_json else "\n".join(made.lines()))
    context.exit(0 if made.is_same else 1)
