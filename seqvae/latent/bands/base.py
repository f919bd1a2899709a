"""What walks, samples and variations ask of a band: take music in, tell how it was played, write it out."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.notes import MICROSECONDS_PER_QUARTER, Score, Tempo
from seqvae.midi.quantize import Bar
from seqvae.tokens.meaning import Meaning

Ids = NDArray[np.int16]
Feel: TypeAlias = Mapping[str, NDArray[np.float64]]  # loudness and timing, each `(bars * 16, ...)`
TrackWish: TypeAlias = int | str | None  # a number from 1, a part of a name, or the rule of the tokenizer
DEFAULT_TEMPI = (Tempo(0, MICROSECONDS_PER_QUARTER),)


class Told(Protocol):
    """What something tells of itself."""

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line."""

    def as_dict(self) -> dict[str, Any]:
        """Say it for programs; plain JSON values."""


class Clip(Protocol):
    """Music on the grid. Every array of it has a row for each step."""

    @property
    def ids(self) -> Ids:
        """Return the ids, `(bars * 16, voices)`."""

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Return the bars it came from."""

    @property
    def rest_ids(self) -> tuple[int, ...]:
        """Return the ids of a silent step, one for each voice."""

    @property
    def report(self) -> Told:
        """Return what encoding changed and left out."""


class Look(NamedTuple):
    """How the track of a voice looks in a DAW."""

    name: str
    program: int


class Taken(NamedTuple):
    """What was taken from a score."""

    clip: Clip
    tracks: tuple[tuple[int, ...], ...]  # of each voice the places of its tracks in the score; () if absent


class Manner(NamedTuple):
    """How ids are played; what is not given is guessed, and looks are those of the band."""

    looks: Sequence[Look | None] = ()  # of each voice
    bars: Sequence[Bar] | None = None
    feel: Feel | None = None
    tempi: tuple[Tempo, ...] = DEFAULT_TEMPI

    def look_of(self, voice: int, default: Look) -> Look:
        """Return the look of a voice, the default where none is given."""
        return (self.looks[voice] if self.looks else None) or default

    def rounded_feel(self) -> dict[str, Any]:
        """Return the feel in the whole numbers that are written."""
        return {name: np.rint(values).astype(np.int64) for name, values in (self.feel or {}).items()}


class Written(NamedTuple):
    """Ids as music."""

    score: Score
    bars: tuple[Bar, ...]
    mended: Told  # what had to be
    voices: tuple[int, ...] = (0,)  # of each track of the score


PLAIN = Manner()
C_contra = TypeVar("C_contra", contravariant=True)  # the clips of a band


class Band(Protocol[C_contra]):
    """All that differs between tokenizers of music."""

    @property
    def meaning(self) -> Meaning:
        """What the ids mean, voice by voice."""

    @property
    def nothing_mended(self) -> Told:
        """What the user's own notes tell of mending."""

    def take(self, score: Score, wish: TrackWish) -> Taken:
        """Encode the tracks of a score that the wish or the rule chooses; TokenError where none fits."""

    def looks(self, clip: C_contra, label: str) -> tuple[Look | None, ...]:
        """Return name and program of each voice of a clip, None where it is absent."""

    def feel(self, clip: C_contra) -> Feel:
        """Return how a clip was played, at its silent steps how it would have been."""

    def write(self, ids: Ids, manner: Manner = PLAIN) -> Written:
        """Write ids `(bars * 16, voices)`."""
