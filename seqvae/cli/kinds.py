"""Which kind of model a command was given, and what that leaves of its options."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import click
from click.core import ParameterSource

from seqvae.cli.taking import Keeping, Taking
from seqvae.cli.writing import Writing

if TYPE_CHECKING:
    from seqvae.latent.inputs import Song
    from seqvae.latent.music import MusicModel
    from seqvae.latent.text.model import TextModel

TEXT_MODEL = "text-en"  # bundled
TEXT_ONLY = (*Writing._fields, "file", "collapse", "fluent")
MUSIC_ONLY = (*Taking._fields, *Keeping._fields, "refine", "even", "formats", "stems", "ppq")


def is_text(model: str | None) -> TypeGuard[str]:
    """Tell whether the model reads sentences, and name the options given that say nothing to its kind."""
    if model is None:
        kind = "music"
    else:
        from seqvae.latent.load import kind_of

        kind = kind_of(model)
    warn_of_unused(MUSIC_ONLY if kind == "text" else TEXT_ONLY, f"to a model of {kind}")
    return kind == "text"


def open_text(name: str, device: str) -> "TextModel":
    """Load a text model; ConfigError for one of music."""
    from seqvae.errors import ConfigError
    from seqvae.latent.load import load
    from seqvae.latent.text.model import TextModel

    model = load(name, device=device)
    if not isinstance(model, TextModel):
        raise ConfigError(
            f"{name} is a model of music; choose one of text for this, as with --model {TEXT_MODEL}"
        )
    return model


def open_music(name: str, device: str) -> "MusicModel":
    """Load a model of music; ConfigError for one of text."""
    from seqvae.errors import ConfigError
    from seqvae.latent.load import load
    from seqvae.latent.music import MusicModel

    model = load(name, device=device)
    if not isinstance(model, MusicModel):
        raise ConfigError(f"{name} is a text model; choose one of music for this, such as melody-2bar")
    return model


def open_for(
    songs: "Sequence[Song]", name: str | None, *, bars: Sequence[str] = (), device: str
) -> "MusicModel":
    """Load a model of music: if none is named, the bundled one for these bars of the songs."""
    from seqvae.latent.music import default_model

    return open_music(name or default_model(songs, bars), device)


def needed_folder(output: Path | None) -> Path:
    """Return the folder for MIDI files, which has no default; wrong usage without it."""
    if output is None:
        raise click.UsageError("Missing option '-o' / '--output': music needs a folder for its MIDI files.")
    return output


def warn_of_idle_seed(temperature: float) -> None:
    """Say so where a seed was given and nothing is drawn."""
    if temperature == 0:
        warn_of_unused(["seed"], "at temperature 0, where nothing is drawn")


def warn_of_unused(names: Sequence[str], where: str) -> None:
    """Say of each of these parameters that was given that it says nothing there."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if parameter.name in names and given:
            click.echo(f"{parameter.opts[0]} says nothing {where}; left aside", err=True)
