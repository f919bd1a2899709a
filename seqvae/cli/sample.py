"""Draw new clips or sentences."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from seqvae.cli.options import model_option, output_option, temperature_option
from seqvae.cli.running import Running, running_options
from seqvae.cli.taking import Keeping, drum_map_option, keeping_options
from seqvae.cli.writing import Writing, amount_option, fluent_option, number_option, writing_options

if TYPE_CHECKING:
    from seqvae.latent.results import Clips, Report

NEAR_ONLY = ("amount", "fluent", "keep", "lock_bars", "strict")
OF_SONGS, OF_SENTENCES = 0.5, 0.7  # temperatures


@click.command()
@number_option(8)
@output_option
@model_option("melody-2bar", "melody-2bar")
@click.option(
    "--prior",
    type=click.Choice(["drafted", "fitted", "normal"]),
    help="Draw near sentences drafted without z, from the prior that was learned with the model or fitted to "
    "it, or from N(0, I).  [default: the first that the model knows]",
)
@click.option(
    "--bars",
    metavar="N",
    type=click.IntRange(1, 1000),
    help="Music: pieces of N bars, walks from one random point to the next.  [default: the model's window]",
)
@click.option("--near", metavar="INPUT", help="Draw around this song or sentence, as vary does.")
@amount_option
@drum_map_option
@temperature_option(None, f"{OF_SONGS} for songs, {OF_SENTENCES} for sentences")
@fluent_option
@writing_options(no_repeat=4)
@keeping_options
@running_options
def sample(
    number: int,
    output: Path | None,
    model: str,
    prior: Literal["drafted", "fitted", "normal"] | None,
    bars: int | None,
    near: str | None,
    amount: float,
    drum_map: dict[str, str] | None,
    temperature: float | None,
    fluent: bool,
    writing: Writing,
    keeping: Keeping,
    running: Running,
) -> None:
    """Draw new clips or sentences from a model.

    Clips become a MIDI file each and one of all, sentences a line each. They come from where the training
    data lies in the latent space if the model folder tells, else from the prior N(0, I).
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_music, open_text, warn_of_unused
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.sentences import read_one_sentence
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    seed, is_near = running.seed, near is not None
    warn_of_unused(["prior", "bars"] if is_near else NEAR_ONLY, f"with{'' if is_near else 'out'} --near")
    if is_text(model):
        check_file(output, force=running.force)
        decoding = writing.decoding(OF_SENTENCES if temperature is None else temperature)
        writer = open_text(model, running.device)
        if near is None:
            lines = writer.sample(number, decoding=decoding, seed=seed, prior=prior)
        else:
            sentence = read_one_sentence(near)
            lines = writer.vary(sentence, number, amount=amount, decoding=decoding, seed=seed, fluent=fluent)
        deliver_lines(lines, output, scores=writing.scores, force=running.force, as_json=running.as_json)
        return
    folder = needed_folder(output)
    running.check(folder, numbered("variation" if is_near else "sample", number))
    music = open_music(model, running.device)
    temperature = OF_SONGS if temperature is None else temperature
    clips: Clips[Report]
    if near is None:
        kept: dict[str, Any] = {"scale": keeping.scale, "drum_map": drum_map}
        clips = music.sample(number, temperature=temperature, seed=seed, prior=prior, bars=bars, **kept)
    else:
        song = read_one_song([near], strict=keeping.strict)
        options = WalkOptions(drum_map=drum_map, **keeping._asdict())
        clips = music.vary(song, number, amount=amount, temperature=temperature, seed=seed, options=options)
    running.deliver(clips, folder)
