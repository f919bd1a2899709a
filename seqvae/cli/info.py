"""Say what a model or a MIDI file is."""

import json

import click


@click.command()
@click.argument("what", metavar="MODEL|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
def info(what: str, as_json: bool) -> None:
    """Describe a model, or what a model would take from a MIDI file.

    A model is named like a bundled one, or by its folder.
    """
    from seqvae.latent.describe import describe

    found = describe(what)
    click.echo(
        json.dumps(found.as_dict(), indent=1, ensure_ascii=False) if as_json else "\n".join(found.lines())
    )
