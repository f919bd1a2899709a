"""Write what is like a song or a sentence."""

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
from seqvae.cli.writing import Writing, amount_option, number_option, writing_options


@click.command()
@click.argument("source", metavar="INPUT")
@number_option(8)
@amount_option
@output_option
@model_option(None, "melody-2bar for a song of up to 2 bars, else melody-16bar")
@refine_option
@fit_option
@overlap_option
@track_option
@bars_option
@temperature_option(0.5)
@writing_options(no_repeat=4)
@keeping_options
@seed_option
@device_option
@export_options
@force_option
@json_option
def vary(
    source: str,
    number: int,
    amount: float,
    output: Path | None,
    model: str | None,
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
    """Write clips like a song, or sentences like a sentence, at a chosen distance.

    z of INPUT is turned by the angle of --amount, each time towards another random sample; its norm stays.
    INPUT is a MIDI file, for a text model a sentence, or - for standard input.
    """
    from seqvae.cli.kinds import is_text, needed_folder, open_music, open_text
    from seqvae.cli.lines import check_file, deliver_lines
    from seqvae.cli.results import check_output, deliver
    from seqvae.cli.sentences import read_one_sentence
    from seqvae.cli.songs import read_one_song
    from seqvae.latent.music import default_model
    from seqvae.latent.results import numbered
    from seqvae.latent.walk import WalkOptions

    if is_text(model):
        assert model is not None
        check_file(output, force=force)
        lines = open_text(model, device).vary(
            read_one_sentence(source),
            number,
            amount=amount,
            decoding=writing.decoding(temperature),
            seed=seed,
        )
        deliver_lines(lines, output, scores=writing.scores, force=force, as_json=as_json)
        return
    folder = needed_folder(output)
    export = exporting.options()
    check_output(folder, numbered("variation", number), export, force=force)
    song = read_one_song([source], strict=keeping.strict)
    music = open_music(model or default_model([song], bars), device)
    options = WalkOptions(
        fit=fit, overlap=overlap, tracks=tracks, bars=bars, refine=refine, **keeping._asdict()
    )
    clips = music.vary(song, number, amount=amount, temperature=temperature, seed=seed, options=options)
    deliver(clips, folder, export=export, force=force, as_json=as_json)
