"""Which bars and voices stay as they are in the first input."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError
from seqvae.midi.quantize import MAX_BARS
from seqvae.tokens.meaning import Meaning

HOW_TO_NAME = "write them as 1-4,9"

Cells = NDArray[np.bool_]


def read_bars(wish: str | Sequence[int]) -> tuple[int, ...]:
    """Read "1-4,9", or take numbers from 1, in order and once each; ConfigError for anything else."""
    if not isinstance(wish, str):
        spans = [(number, number) for number in wish]
    else:
        spans = [_read_span(part.strip()) for part in wish.split(",")] if wish.strip() else []
    for first, last in spans:
        if type(first) is not int or not 1 <= first <= last <= MAX_BARS:
            raise ConfigError(f"no bars {first} to {last}; count from 1 to {MAX_BARS}, and {HOW_TO_NAME}")
    return tuple(sorted({bar for first, last in spans for bar in range(first, last + 1)}))


def read_voices(wish: str | Sequence[str]) -> tuple[str, ...]:
    """Read "bass,drums", or take names, once each."""
    wishes = [wish] if isinstance(wish, str) else wish
    parts = [part.strip() for one in wishes for part in str(one).split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def locked_cells(bars: Sequence[int], voices: Sequence[str], meaning: Meaning, num_bars: int) -> Cells:
    """Tell which bars and voices stay, `(num_bars, voices)`; ConfigError for what is not there."""
    names = [voice.name for voice in meaning.voices]
    for voice in voices:
        if voice not in names:
            raise ConfigError(f"there is no voice {voice!r} to keep; choose from {', '.join(names)}")
    if bars and bars[-1] > num_bars:
        raise ConfigError(f"bar {bars[-1]} cannot be locked: the clips have bars 1 to {num_bars}")
    cells = np.zeros((num_bars, len(names)), dtype=bool)
    cells[[bar - 1 for bar in bars]] = True
    cells[:, [names.index(voice) for voice in voices]] = True
    if cells.all():
        raise ConfigError("every bar of every voice is to stay; leave one free")
    return cells


def runs_of(is_locked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the longest runs of true `(bars,)`, each as its first bar and the one behind it, from 0."""
    edges = np.flatnonzero(np.diff(is_locked.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def name_bars(bars: Sequence[int]) -> str:
    """Return bars in order as "1-4, 9"."""
    is_there = np.isin(np.arange(bars[-1] if bars else 0), np.array(bars) - 1)
    runs = runs_of(is_there)
    return ", ".join(f"{first + 1}-{end}" if end - first > 1 else f"{end}" for first, end in runs)


def _read_span(part: str) -> tuple[int, int]:
    first, dash, last = (word.strip() for word in part.partition("-"))
    is_number = [word.isdecimal() and word.isascii() and len(word) < 9 for word in (first, last)]
    if not is_number[0] or (dash and not is_number[1]):
        raise ConfigError(f"{part[:40]!r} names no bars; {HOW_TO_NAME}")
    return int(first), int(last if dash else first)
