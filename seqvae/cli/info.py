"""Say what a model or a MIDI file is."""

import json

import click


@click.command()
@click.argument("what", metavar="MODEL|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
def info(what: str, as_json: bool) -> None:
    """Describe a model, or what a model would take from a MIDI file.

    A model is named like a bundled one, or by its folder; - is a MIDI file on standard input.
    """
    from seqvae.cli.screen import printable
    from seqvae.cli.songs import STANDARD_INPUT, read_songs
    from seqvae.latent.describe import describe, describe_score

    is_stream = what == STANDARD_INPUT
    found = describe_score(read_songs([what])[0].score, what) if is_stream else describe(what)
    told = json.dumps(found.as_dict(), indent=1, ensure_ascii=False) if as_json else "\n".join(found.lines())
    click.echo(printable(told, keep="\n"))
