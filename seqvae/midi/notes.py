"""Note, Track and Score: music as frozen values in ticks, with maps of tempo and metre."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

TICKS_PER_QUARTER = 480
MICROSECONDS_PER_QUARTER = 500_000  # what a MIDI file without a tempo means: 120 beats a minute


class Note(NamedTuple):
    """One sounding note; `end` is the first tick at which it is silent."""

    start: int
    end: int
    pitch: int  # 0..127
    velocity: int  # 1..127


class Tempo(NamedTuple):
    """A tempo that holds from `tick` on."""

    tick: int
    microseconds_per_quarter: int


class Metre(NamedTuple):
    """A time signature that holds from `tick` on."""

    tick: int
    numerator: int
    denominator: int  # the note value itself: 8 for 6/8


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument: its notes sorted by start, then pitch."""

    notes: tuple[Note, ...]
    name: str = ""
    program: int = 0  # 0..127, General MIDI
    is_drum: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A piece of music at `ticks_per_quarter`; `end_tick` is where the piece ends, rests included."""

    tracks: tuple[Track, ...]
    tempi: tuple[Tempo, ...] = (Tempo(0, MICROSECONDS_PER_QUARTER),)  # the first at tick 0
    metres: tuple[Metre, ...] = (Metre(0, 4, 4),)  # the first at tick 0
    end_tick: int = 0
    ticks_per_quarter: int = TICKS_PER_QUARTER
    markers: tuple[tuple[int, str], ...] = ()  # (tick, text)
    repairs: Mapping[str, int] = field(  # what reading had to mend, by reason
        default_factory=lambda: MappingProxyType({}), compare=False
    )
    ignored: Mapping[str, int] = field(  # events that a Score has no place for, by kind
        default_factory=lambda: MappingProxyType({}), compare=False
    )
