"""Tracks as people ask for them and as they are told of them."""

from collections.abc import Sequence

from seqvae.midi.notes import Score, Track

MOST_NAMED = 24  # tracks in a line; a file may have 65,535


def matching_tracks(score: Score, wish: int | str) -> list[int]:
    """Find the places a wish may mean: a number from 1, else this name, else names that hold it."""
    number = int(wish) if isinstance(wish, str) and wish.strip().isdecimal() else wish
    if isinstance(number, int):
        return [number - 1]
    wanted = number.strip().casefold()
    names = [track.name.strip().casefold() for track in score.tracks]
    exact = [index for index, name in enumerate(names) if name == wanted]
    return exact or [index for index, name in enumerate(names) if wanted and wanted in name]


def listing(score: Score, indices: Sequence[int]) -> str:
    """Name tracks by number and name, in one line; of very many the first."""
    named = ", ".join(f"{index + 1} {quoted(score.tracks[index])}" for index in indices[:MOST_NAMED])
    return named + f" and {len(indices) - MOST_NAMED} more" * (len(indices) > MOST_NAMED)


def quoted(track: Track) -> str:
    """Return the name of a track in quotes, or say that it has none."""
    return f'"{track.name}"' if track.name else "without a name"
