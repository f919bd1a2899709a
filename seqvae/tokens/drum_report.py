"""What encoding drums folded and dropped and what decoding them had to mend, as counts and in plain words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from seqvae.tokens.drum_hits import HitCounts


@dataclass(frozen=True, slots=True)
class DrumReport:
    """How a score became drum ids."""

    track: str  # which tracks, and why
    num_bars: int
    num_cut_bars: int  # bars that a metre change cut short
    hits: HitCounts

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line; what did not happen is left out."""
        hits = self.hits
        dropped = ", ".join(f"{number} of note {note}" for note, number in hits.dropped.most_common())
        offsets = f"by {hits.mean_move:.2f} steps on average, {hits.largest_move:.2f} at most"
        facts = [
            (hits.num_folded, f"{_count(hits.num_folded, 'hit')} folded into another note of the class"),
            (hits.num_merged, f"{_count(hits.num_merged, 'hit')} under a louder one of the class and step"),
            (dropped, f"{_count(hits.dropped.total(), 'hit')} of no class left out ({dropped})"),
            (hits.num_moved, f"{_count(hits.num_moved, 'hit')} off the grid, {offsets}"),
            (self.num_cut_bars, f"{_count(self.num_cut_bars, 'bar')} cut short by a metre change"),
        ]
        kept = f"kept {_count(hits.num_kept, 'hit')} of {hits.num_notes} in {_count(self.num_bars, 'bar')}"
        return [f"drums: {self.track}", kept, *[words for happened, words in facts if happened]]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its name; plain JSON values."""
        counts = asdict(self.hits)
        counts["dropped"] = {str(note): number for note, number in sorted(self.hits.dropped.items())}
        counts["mean_move"] = self.hits.mean_move
        return {
            "track": self.track,
            "num_bars": self.num_bars,
            "num_cut_bars": self.num_cut_bars,
            "hits": counts,
        }

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the whole numbers by kind, for sums over a corpus."""
        values = self.as_dict()
        dropped = values["hits"].pop("dropped")
        whole = {
            name: value for name, value in {**values, **values["hits"]}.items() if isinstance(value, int)
        }
        return {"drums": whole, "drum notes left out": dropped}


@dataclass(frozen=True, slots=True)
class DrumDecodeReport:
    """What had to be mended in ids before they were drums."""

    num_pads_in_bar: int = 0  # padding where a step was due; read as silence
    num_ids_in_padding: int = 0  # anything else after the end of a bar; ignored
    num_unknown: int = 0  # ids outside the vocabulary; read as silence

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line; what did not happen is left out."""
        facts = [
            (
                self.num_pads_in_bar,
                f"{_count(self.num_pads_in_bar, 'padding id')} inside a bar read as silence",
            ),
            (
                self.num_ids_in_padding,
                f"{_count(self.num_ids_in_padding, 'id')} after the end of a bar ignored",
            ),
            (self.num_unknown, f"{_count(self.num_unknown, 'id')} outside the vocabulary read as silence"),
        ]
        return [words for number, words in facts if number]

    def as_dict(self) -> dict[str, int]:
        """Return every count under its name."""
        return asdict(self)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
