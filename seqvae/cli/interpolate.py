"""Blend songs or sentences into one another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from seqvae.cli.exporting import Exporting, export_options
from seqvae.cli.keeping import Keeping, keeping_options
from seqvae.cli.options import (
    bars_option,
    device_option,
    fit_option,
    force_option,
    json_option,
    model_option,
    output_option,
    overlap_option,
    refine_option,
    seed_option,
    temperature_option,
    track_option,
)
from seqvae.cli.writing import Writing, file_option, writing_options

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
@click.option(
    "--method",
    default="slerp",
    show_default=True,
    type=click.Choice(["slerp", "lerp"]),
    help="Walk on the sphere, or straight.",
)
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
@file_option
@refine_option
@fit_option
@overlap_option
@track_option
@bars_option
@temperature_option(0.0)
@writing_options(no_repeat=0)
@keeping_options
@seed_option
@device_option
@export_options
@force_option
@json_option
def interpolate(
    inputs: tuple[str, ...],
    output: Path | None,
    steps: int,
    model: str | None,
    method: Literal["slerp", "lerp"],
    pin_ends: bool,
    even: bool,
    collapse: bool,
    file: str | None,
    refine: int,
    fit: Literal["loop", "pad"],
    overlap: int | None,
    tracks: tuple[str, ...],
    bars: tuple[str, ...],
    temperature: float,
    writing: Writing,
    keeping: Keeping,
    seed: int,
    device: str,
    exporting: Exporting,
    force: bool,
    as_json: bool,
) -> None:
    """Blend A into B, and on: songs into MIDI files, sentences into lines.

    Each input stays on the path as it is; the steps between are the model's. For a model of music inputs are
    MIDI files, and one may be -, standard input; a song longer than the model's window is walked in windows
    that overlap. For a text model every input is a sentence, except -, the lines of standard input.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_music, open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.sentences import read_sentences_given
    from seqvae.cli.songs import read_songs
    from seqvae.latent.music import default_model
    from seqvae.latent.results import numbered
    from seqvae.latent.text.walk import TextWalkOptions
    from seqvae.latent.walk import WalkOptions

    warn_of_idle_seed(temperature)
    if is_text(model):
        assert model is not None
        check_file(output, force=force)
        sentences = _two_or_more(read_sentences_given(inputs, file), "sentences")
        lines = open_text(model, device).interpolate(
            *sentences,
            steps=steps,
            decoding=writing.decoding(temperature),
            seed=seed,
            options=TextWalkOptions(method=method, pin_ends=pin_ends, collapse=collapse),
        )
        deliver_lines(lines, output, scores=writing.scores, force=force, as_json=as_json)
        return
    num_steps = steps + (len(_two_or_more(inputs, "songs")) - 2) * (steps - 1)
    folder = needed_folder(output)
    export = exporting.options()
    check_output(folder, numbered("step", num_steps), export, force=force)
    options = WalkOptions(
        method=method,
        fit=fit,
        overlap=overlap,
        tracks=tracks,
        bars=bars,
        pin_ends=pin_ends,
        refine=refine,
        even=even,
        **keeping._asdict(),
    )
    songs = read_songs(inputs, strict=keeping.strict)
    music = open_music(model or default_model(songs, bars), device)
    clips = music.interpolate(*songs, steps=steps, temperature=temperature, seed=seed, options=options)
    deliver(clips, folder, export=export, force=force, as_json=as_json)


def _two_or_more(inputs: Inputs, what: str) -> Inputs:
    if len(inputs) < 2:
        raise click.UsageError(f"a walk needs two {what} or more")
    return inputs
