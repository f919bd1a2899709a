"""Say what a model or a MIDI file is."""

import json
import sys

import click

from seqvae.cli.options import strict_option


@click.command()
@click.argument("what", metavar="MODEL|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@strict_option
def info(what: str, as_json: bool, strict: bool) -> None:
    """Describe a model, or what a model would take from a MIDI file.

    A model is named like a bundled one, or by its folder; - is a MIDI file on standard input.
    """
    from seqvae.cli.screen import printable
    from seqvae.cli.songs import STANDARD_INPUT
    from seqvae.latent.describe import describe, describe_score
    from seqvae.midi.read import read_score

    if what == STANDARD_INPUT:
        found = describe_score(read_score(sys.stdin.buffer, strict=strict), what)
    else:
        found = describe(what, strict=strict)
    told = json.dumps(found.as_dict(), indent=1, ensure_ascii=False) if as_json else "\n".join(found.lines())
    click.echo(printable(told, keep="\n"))
