"""Send a song or sentences through a model and back."""

from pathlib import Path
from typing import Literal

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


@click.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@output_option
@model_option(None, "melody-2bar for a song of up to 2 bars, else melody-16bar")
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
def reconstruct(
    inputs: tuple[str, ...],
    output: Path | None,
    model: str | None,
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
    """Send a song or sentences through a model and back.

    For a model of music INPUT is one MIDI file or -, standard input; the report says how much of it the model
    keeps: steps, notes, whole bars. For a text model every INPUT is a sentence, except -, the lines of
    standard input.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_music, open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.sentences import read_sentences_given
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.music import default_model
    from seqvae.latent.reconstruct import CLIP_NAMES
    from seqvae.latent.walk import WalkOptions

    warn_of_idle_seed(temperature)
    if is_text(model):
        assert model is not None
        check_file(output, force=force)
        sentences = read_sentences_given(inputs, file)
        lines = open_text(model, device).reconstruct(
            sentences, decoding=writing.decoding(temperature), seed=seed
        )
        deliver_lines(lines, output, scores=writing.scores, force=force, as_json=as_json)
        return
    folder = needed_folder(output)
    export = exporting.options()
    check_output(folder, CLIP_NAMES, export, force=force)
    song = read_one_song(inputs, strict=keeping.strict)
    music = open_music(model or default_model([song], bars), device)
    options = WalkOptions(
        fit=fit, overlap=overlap, tracks=tracks, bars=bars, refine=refine, **keeping._asdict()
    )
    clips = music.reconstruct(song, temperature=temperature, seed=seed, options=options)
    deliver(clips, folder, export=export, force=force, as_json=as_json)
