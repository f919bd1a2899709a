"""What became of a score's drums, for people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from seqvae.midi.counts import count_of, counted
from seqvae.tokens.found import Found


class Feel(NamedTuple):
    """How the hits of a score are played."""

    velocity: float  # mean, MIDI units
    velocity_deviation: float
    offset: float  # mean, 1/100 steps, late above 0
    offset_deviation: float


@dataclass(frozen=True, kw_only=True)
class HumanizeReport:
    """Everything a result tells of itself; plain values."""

    settings: Mapping[str, Any]
    track: str  # which tracks, and why
    found: Found
    num_bars: int
    bars_left_alone: Mapping[str, int]  # that do not fit 16 sixteenths, by metre
    num_hits: int
    num_moved: int
    num_velocities: int  # hits of another velocity
    num_held: int  # hits that would have left their step
    notes_left_alone: Mapping[int, int]  # notes of the drum tracks that are no hit, by number
    before: Feel
    after: Feel
    repairs: Mapping[str, int]
    ignored: Mapping[str, int]

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line; what did not happen is left out."""
        left = ", ".join(f"{count} of note {note}" for note, count in sorted(self.notes_left_alone.items()))
        metres = ", ".join(f"{count} in {metre}" for metre, count in self.bars_left_alone.items())
        hits = counted(self.num_hits, "hit")
        changed = f"{self.num_moved} moved, {self.num_velocities} of another velocity"
        return [
            f"drums: {self.track}",
            *self.found.lines(others="as they were"),
            f"{hits} in {count_of(self.num_bars, 'bars')}: {changed}",
            *([f"{self.num_held} held back so that they stay on their step"] if self.num_held else []),
            *([f"left alone: bars that do not fit 16 sixteenths, {metres}"] if metres else []),
            *([f"left alone: notes that are no hit of a class in these bars, {left}"] if left else []),
            f"before: {_words(self.before)}",
            f"after: {_words(self.after)}",
            *(f"mended: {count_of(count, reason)}" for reason, count in self.repairs.items()),
            *(f"ignored: {count_of(count, kind)}" for kind, count in self.ignored.items()),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its name; plain JSON values."""
        left = {str(note): count for note, count in sorted(self.notes_left_alone.items())}
        feels = {"before": self.before._asdict(), "after": self.after._asdict()}
        told = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "found"}
        return told | self.found.as_dict() | {"notes_left_alone": left} | feels


def _words(feel: Feel) -> str:
    return (
        f"velocity {feel.velocity:.0f} ± {feel.velocity_deviation:.0f},"
        f" {feel.offset:+.1f} ± {feel.offset_deviation:.1f} hundredths of a step off the grid"
    )
