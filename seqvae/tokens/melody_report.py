"""What encoding a melody lost and what decoding one had to mend, as counts and in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from seqvae.midi.quantize import SnapReport


@dataclass(frozen=True, slots=True)
class EncodeReport:
    """How a score became melody ids."""

    track: str  # which track, and why
    num_bars: int
    num_cut_bars: int = 0  # bars that a metre change cut short
    snap: SnapReport = field(default_factory=SnapReport)

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line; what did not happen is left out."""
        return self.lines_of("melody", kept_of_chord="highest")

    def lines_of(self, voice: str, *, kept_of_chord: str) -> list[str]:
        """Say it of another voice, which may keep the lowest of a chord."""
        side = "below" if kept_of_chord == "highest" else "above"
        snap = self.snap
        kept = f"{_count(snap.num_kept, 'note')} of {snap.num_notes} in {_count(self.num_bars, 'bar')}"
        moves = f"by {snap.mean_move:.2f} steps on average, {snap.largest_move:.2f} at most"
        facts = [
            (snap.num_moved, f"{_count(snap.num_moved, 'onset')} moved to the nearest sixteenth, {moves}"),
            (snap.num_ends_moved, f"{_count(snap.num_ends_moved, 'note end')} rounded to a sixteenth"),
            (
                snap.num_dropped,
                f"{_count(snap.num_dropped, 'chord note')} {side} the {kept_of_chord} left out",
            ),
            (
                snap.num_merged,
                f"{_count(snap.num_merged, 'grace or triplet note')} merged into a longer note",
            ),
            (snap.num_cut, f"{_count(snap.num_cut, 'note')} cut short where the next one begins"),
            (self.num_cut_bars, f"{_count(self.num_cut_bars, 'bar')} cut short by a metre change"),
        ]
        return [f"{voice}: {self.track}", f"kept {kept}", *_happened(facts)]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its name; plain JSON values."""
        counts = asdict(self)
        return counts | {"snap": counts["snap"] | {"mean_move": self.snap.mean_move}}

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the whole numbers, for sums over a corpus."""
        both = [(name, getattr(record, name)) for record in (self, self.snap) for name in record.__slots__]
        return {"encoding": {name: value for name, value in both if isinstance(value, int)}}


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """What had to be mended in ids before they were music."""

    num_pads_in_bar: int = 0  # padding where a step was due; read as hold
    num_ids_in_padding: int = 0  # anything else after the end of a bar; ignored
    num_stray_holds: int = 0  # holds without a note; read as silence
    num_unknown: int = 0  # ids outside the vocabulary; read as hold

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line; what did not happen is left out."""
        facts = [
            (self.num_pads_in_bar, f"{_count(self.num_pads_in_bar, 'padding id')} inside a bar read as hold"),
            (
                self.num_ids_in_padding,
                f"{_count(self.num_ids_in_padding, 'id')} after the end of a bar ignored",
            ),
            (self.num_stray_holds, f"{_count(self.num_stray_holds, 'hold')} without a note read as silence"),
            (self.num_unknown, f"{_count(self.num_unknown, 'id')} outside the vocabulary read as hold"),
        ]
        return _happened(facts)

    def as_dict(self) -> dict[str, int]:
        """Return every count under its name."""
        return asdict(self)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _happened(facts: Iterable[tuple[int, str]]) -> list[str]:
    return [words for number, words in facts if number]
