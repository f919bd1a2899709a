"""Blend songs or sentences into one another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from seqvae.cli.options import model_option, output_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Keeping, Taking, keeping_options, method_option, refine_option, taking_options
from seqvae.cli.writing import Writing, file_option, fluent_option, writing_options

Inputs = TypeVar("Inputs", bound=Sequence[Any])


@click.command()
@click.argument("inputs", nargs=-1, metavar="A B [C...]")
@output_option
@click.option(
    "--steps",
    default=9,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="Steps from an input to the next, both counted.",
)
@model_option(None, "melody-2bar for songs of up to 2 bars, else melody-16bar")
@method_option
@click.option(
    "--pin-ends/--no-pin-ends",
    default=True,
    show_default=True,
    help="Keep the inputs themselves as ends, or what the model makes of them.",
)
@click.option(
    "--even/--no-even",
    default=True,
    show_default=True,
    help="Music: steps evenly apart in what changes, or in z.",
)
@click.option(
    "--collapse/--no-collapse",
    default=True,
    show_default=True,
    help="Text: print equal neighbours once.",
)
@fluent_option
@file_option
@refine_option
@taking_options
@temperature_option(0.0)
@writing_options(no_repeat=0)
@keeping_options
@running_options
def interpolate(
    inputs: tuple[str, ...],
    output: Path | None,
    steps: int,
    model: str | None,
    method: Literal["slerp", "lerp"],
    pin_ends: bool,
    even: bool,
    collapse: bool,
    fluent: bool,
    file: str | None,
    refine: int,
    taking: Taking,
    temperature: float,
    writing: Writing,
    keeping: Keeping,
    running: Running,
) -> None:
    """Blend A into B, and on: songs into MIDI files, sentences into lines.

    Each input stays on the path as it is; the steps between are the model's. For a model of music inputs are
    MIDI files, and one may be -, standard input; a song longer than the model's window is walked in windows
    that overlap. For a text model every input is a sentence, except -, the lines of standard input.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_for, open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_sentences_given
    from seqvae.cli.songs import read_songs
    from seqvae.latent.results import numbered
    from seqvae.latent.text.walk import TextWalkOptions
    from seqvae.latent.walk import WalkOptions

    seed = running.seed
    if is_text(model):
        if not fluent:  # else points near the path are drawn
            warn_of_idle_seed(temperature)
        check_file(output, force=running.force)
        sentences = _two_or_more(read_sentences_given(inputs, file), "sentences")
        lines = open_text(model, running.device).interpolate(
            *sentences,
            steps=steps,
            decoding=writing.decoding(temperature),
            seed=seed,
            options=TextWalkOptions(method=method, pin_ends=pin_ends, fluent=fluent, collapse=collapse),
        )
        deliver_lines(lines, output, scores=writing.scores, force=running.force, as_json=running.as_json)
        return
    warn_of_idle_seed(temperature)
    num_steps = steps + (len(_two_or_more(inputs, "songs")) - 2) * (steps - 1)
    folder = needed_folder(output)
    running.check(folder, numbered("step", num_steps))
    of_walk: dict[str, Any] = {"method": method, "pin_ends": pin_ends, "even": even, "refine": refine}
    options = WalkOptions(**of_walk, **taking._asdict(), **keeping._asdict())
    songs = read_songs(inputs, strict=keeping.strict)
    music = open_for(songs, model, bars=taking.bars, device=running.device)
    clips = music.interpolate(*songs, steps=steps, temperature=temperature, seed=seed, options=options)
    running.deliver(clips, folder)


def _two_or_more(inputs: Inputs, what: str) -> Inputs:
    if len(inputs) < 2:
        raise click.UsageError(f"a walk needs two {what} or more")
    return inputs
