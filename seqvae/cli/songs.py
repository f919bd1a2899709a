"""Songs named on the command line, each read once: pipes and standard input give their bytes only then."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from seqvae.latent.inputs import Song

STANDARD_INPUT = "-"
SHOWN = 60  # characters of a sentence in a message


def read_songs(names: Sequence[str], *, strict: bool = False) -> "list[Song]":
    """Read the file of each name, and standard input for `-`; MidiError as `read_score`."""
    from seqvae.latent.inputs import read_song

    if names.count(STANDARD_INPUT) > 1:
        raise click.UsageError("standard input holds one song; give the others as files")
    for name in names:
        _refuse_sentence(name)
    sources = [standard_input() if name == STANDARD_INPUT else name for name in names]
    return [read_song(source, strict=strict) for source in sources]


def standard_input() -> BinaryIO:
    """Return standard input; DataError where it was closed, as `<&-` does."""
    from seqvae.errors import DataError

    if sys.stdin is None:
        raise DataError("standard input is closed; name a file, or pipe something in")
    return sys.stdin.buffer


def read_one_song(names: Sequence[str], *, strict: bool = False) -> "Song":
    """Read the only song there is; wrong usage for none and for several."""
    if len(names) != 1:
        raise click.UsageError(f"one song is needed, not {len(names)}")
    return read_songs(names, strict=strict)[0]


def _refuse_sentence(name: str) -> None:
    """Raise MidiError for what is neither a file nor looks like the name of one."""
    from seqvae.errors import MidiError

    try:
        is_there = name == STANDARD_INPUT or Path(name).exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        is_there = False
    if not is_there and (" " in name or not Path(name).suffix):
        shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
        raise MidiError(
            f"{shown!r}: no such file; this model reads MIDI files, for sentences choose a text model, "
            "as with --model text-en"
        )
