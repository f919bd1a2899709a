"""Send a song or sentences through a model and back."""

from pathlib import Path

import click

from seqvae.cli.options import model_option, output_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Keeping, Taking, keeping_options, refine_option, taking_options
from seqvae.cli.writing import Writing, file_option, writing_options


@click.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@output_option
@model_option(None, "melody-2bar for a song of up to 2 bars, else melody-16bar")
@file_option
@refine_option
@taking_options
@temperature_option(0.0)
@writing_options(no_repeat=0)
@keeping_options
@running_options
def reconstruct(
    inputs: tuple[str, ...],
    output: Path | None,
    model: str | None,
    file: str | None,
    refine: int,
    taking: Taking,
    temperature: float,
    writing: Writing,
    keeping: Keeping,
    running: Running,
) -> None:
    """Send a song or sentences through a model and back.

    For a model of music INPUT is one MIDI file or -, standard input; the report says how much of it the model
    keeps: steps, notes, whole bars. For a text model every INPUT is a sentence, except -, the lines of
    standard input.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_for, open_text, warn_of_idle_seed
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_sentences_given
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.reconstruct import CLIP_NAMES
    from seqvae.latent.walk import WalkOptions

    seed = running.seed
    warn_of_idle_seed(temperature)
    if is_text(model):
        check_file(output, force=running.force)
        sentences, decoding = read_sentences_given(inputs, file), writing.decoding(temperature)
        lines = open_text(model, running.device).reconstruct(sentences, decoding=decoding, seed=seed)
        deliver_lines(lines, output, scores=writing.scores, force=running.force, as_json=running.as_json)
        return
    folder = needed_folder(output)
    running.check(folder, CLIP_NAMES)
    song = read_one_song(inputs, strict=keeping.strict)
    music = open_for([song], model, bars=taking.bars, device=running.device)
    options = WalkOptions(refine=refine, **taking._asdict(), **keeping._asdict())
    running.deliver(music.reconstruct(song, temperature=temperature, seed=seed, options=options), folder)
