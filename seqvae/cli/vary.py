"""Write what is like a song or a sentence."""

from pathlib import Path

import click

from seqvae.cli.options import model_option, output_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Keeping, Taking, keeping_options, refine_option, taking_options
from seqvae.cli.writing import Writing, amount_option, fluent_option, number_option, writing_options


@click.command()
@click.argument("source", metavar="INPUT")
@number_option(8)
@amount_option
@output_option
@fluent_option
@model_option(None, "melody-2bar for a song of up to 2 bars, else melody-16bar")
@refine_option
@taking_options
@temperature_option(0.5)
@writing_options(no_repeat=4)
@keeping_options
@running_options
def vary(
    source: str,
    number: int,
    amount: float,
    output: Path | None,
    fluent: bool,
    model: str | None,
    refine: int,
    taking: Taking,
    temperature: float,
    writing: Writing,
    keeping: Keeping,
    running: Running,
) -> None:
    """Write clips like a song, or sentences like a sentence, at a chosen distance.

    z of INPUT is turned by the angle of --amount, each time towards another random sample; its norm stays.
    INPUT is a MIDI file, for a text model a sentence, or - for standard input. Equal sentences are told once.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_for, open_text
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_one_sentence
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    seed = running.seed
    if is_text(model):
        check_file(output, force=running.force)
        writer, decoding = open_text(model, running.device), writing.decoding(temperature)
        sentence = read_one_sentence(source)
        lines = writer.vary(sentence, number, amount=amount, decoding=decoding, seed=seed, fluent=fluent)
        deliver_lines(lines, output, scores=writing.scores, force=running.force, as_json=running.as_json)
        return
    folder = needed_folder(output)
    running.check(folder, numbered("variation", number))
    song = read_one_song([source], strict=keeping.strict)
    music = open_for([song], model, bars=taking.bars, device=running.device)
    options = WalkOptions(refine=refine, **taking._asdict(), **keeping._asdict())
    clips = music.vary(song, number, amount=amount, temperature=temperature, seed=seed, options=options)
    running.deliver(clips, folder)
