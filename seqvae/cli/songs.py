"""Songs named on the command line, each read once: pipes and standard input give their bytes only then."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from seqvae.latent.inputs import Song

STANDARD_INPUT = "-"


def read_songs(names: Sequence[str]) -> "list[Song]":
    """Read the file of each name, and standard input for `-`; MidiError as `read_score`."""
    from seqvae.latent.inputs import read_song

    if names.count(STANDARD_INPUT) > 1:
        raise click.UsageError("standard input holds one song; give the others as files")
    return [read_song(sys.stdin.buffer if name == STANDARD_INPUT else name) for name in names]
