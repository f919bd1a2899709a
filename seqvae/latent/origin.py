"""How clips were made: what is noted of the model and the songs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqvae.checkpoint import CONFIG_NAME, WEIGHTS_NAME, hash_files
from seqvae.latent.fitted import FITTED_NAMES
from seqvae.latent.inputs import Song
from seqvae.midi.origin import Input, Origin, hash_music

MODEL_FILES = (CONFIG_NAME, WEIGHTS_NAME, *FITTED_NAMES)


def origin_of(
    settings: Mapping[str, Any], model_files: Mapping[str, str], songs: Sequence[Song], num_clips: int
) -> Origin:
    """Note how clips were made from songs by the model of these files, which keeps the name of its folder."""
    inputs = tuple(Input(song.label, hash_music(song.exact)) for song in songs)
    paths = tuple(song.name for song in songs)
    named = {**settings, "model": Path(settings["model"]).name}
    return Origin(settings=named, model_files=model_files, inputs=inputs, num_clips=num_clips, paths=paths)


def hash_model(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file that decides what a model writes."""
    return hash_files(folder, MODEL_FILES)
