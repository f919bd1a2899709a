"""Play the drums of a song as people do, or stiffly."""

import json
import sys
from pathlib import Path
from typing import BinaryIO

import click

from seqvae.cli.options import OUTPUT_PATH, force_option, json_option, seed_option, strict_option
from seqvae.cli.songs import standard_input

PLAYED = ("model", "temperature", "feel", "seed")  # what says nothing to --quantize


@click.command()
@click.argument("song", metavar="IN")
@click.option(
    "-o", "--output", required=True, type=OUTPUT_PATH, help="MIDI file to write; - is standard output."
)
@click.option(
    "--quantize", is_flag=True, help="Put each hit on its step, at the median velocity of its class."
)
@click.option(
    "--amount",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the way from how it was played.",
)
@click.option("--feel", metavar="FILE", help="Recording whose feel to take.  [default: one that is drawn]")
@click.option(
    "--temperature",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 10),
    help="Chance in feel and hits; 0 plays the likeliest.",
)
@click.option("--model", default="drums-expression", show_default=True, help="Bundled model or model folder.")
@click.option(
    "--track", "--tracks", "track", metavar="TRACK", help="Drum track by number or name.  [default: by rule]"
)
@click.option(
    "--drum-map",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON file, note to class.  [default: General MIDI]",
)
@seed_option
@strict_option
@force_option
@json_option
def humanize(
    song: str,
    output: Path,
    quantize: bool,
    amount: float,
    feel: str | None,
    temperature: float,
    model: str,
    track: str | None,
    drum_map: Path | None,
    seed: int,
    strict: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Play the drums of IN with a human feel, or with --quantize stiffly.

    IN is a MIDI file, or - for standard input. Only hits of drums change, and of them only velocity and time;
    none leaves its step.
    """
    from seqvae.cli.kinds import warn_of_idle_seed, warn_of_unused
    from seqvae.cli.lines import check_file, write_file
    from seqvae.expression import humanize as playing
    from seqvae.tokens.drum_map import DrumMap

    if as_json and str(output) == "-":
        raise click.UsageError("standard output holds one thing; give -o a file, or leave out --json")
    check_file(output, force=force)
    reading = playing.Reading(
        track=int(track) if track and track.isdecimal() else track,
        drum_map=DrumMap.from_file(drum_map) if drum_map else None,
        strict=strict,
    )
    source: str | BinaryIO = standard_input() if song == "-" else song
    if quantize:
        warn_of_unused(PLAYED, "to --quantize")
        played = playing.quantize(source, amount=amount, reading=reading)
    else:
        warn_of_idle_seed(temperature)
        played = playing.humanize(
            source, model=model, amount=amount, temperature=temperature, seed=seed, feel=feel, reading=reading
        )
    click.echo("\n".join(played.report.lines()), err=True)
    if str(output) == "-":
        sys.stdout.buffer.write(played.to_bytes())
    else:
        write_file(output, played.to_bytes(), force=force)
    if as_json:
        click.echo(json.dumps(played.report.as_dict(), indent=1, ensure_ascii=False))
