"""What was found in a song beside the notes that were taken: metres, tempi, and the tracks left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from seqvae.midi.changes import only_changes
from seqvae.midi.counts import count_of, plain
from seqvae.midi.notes import Score, Track
from seqvae.midi.quantize import Bar, metre_of_steps
from seqvae.tokens.track_words import quoted

MOST_NAMED = 8  # tracks that are told by name


class LeftOut(NamedTuple):
    """A track that was not taken."""

    number: int  # from 1
    track: Track

    def __str__(self) -> str:
        """Name it with its notes."""
        return f"track {self.number}, {quoted(self.track)} ({count_of(len(self.track.notes), 'notes')})"


@dataclass(frozen=True, kw_only=True)
class Found:
    """The bars that were taken, as they are counted and how fast they go."""

    metres: tuple[tuple[str, int], ...]  # in order, each with its bars
    tempi: tuple[float, ...]  # quarters per minute, in order
    left_out: tuple[LeftOut, ...]

    def lines(self, *, others: str = "left out") -> list[str]:
        """Say it in plain words; `others` says what became of the tracks that were not taken."""
        runs = [f"{metre} for {count_of(bars, 'bars')}" for metre, bars in self.metres]
        metres = ", ".join(runs) if len(runs) > 1 else "".join(metre for metre, _ in self.metres)
        time = f"{metres} at {plain(self.tempi[0])} quarters a minute"
        if len(self.tempi) > 1:
            span = f"between {plain(min(self.tempi))} and {plain(max(self.tempi))}"
            time += f", {count_of(len(self.tempi) - 1, 'tempo changes')} {span}"
        named = [str(one) for one in self.left_out[:MOST_NAMED]]
        more = len(self.left_out) - len(named)
        rest = [f"and {count_of(more, 'more tracks')}"] if more else []
        return [*([f"{others}: {', '.join([*named, *rest])}"] if named else []), time]

    def as_dict(self) -> dict[str, Any]:
        """Return everything under its name; plain JSON values. No model needs a song in another key."""
        left_out = [
            {"track": one.number, "name": one.track.name, "num_notes": len(one.track.notes)}
            for one in self.left_out
        ]
        return {
            "tracks_left_out": left_out,
            "notes_transposed": 0,
            "metres": list(dict.fromkeys(metre for metre, _ in self.metres)),
            "metre_runs": [{"metre": metre, "bars": bars} for metre, bars in self.metres],
            "quarters_per_minute": self.tempi[0],
            "lowest_quarters_per_minute": min(self.tempi),
            "highest_quarters_per_minute": max(self.tempi),
            "tempo_changes": len(self.tempi) - 1,
        }


def find_in(score: Score, bars: Sequence[Bar], taken: Sequence[int]) -> Found:
    """Look at a score whose tracks at the places `taken` were taken in `bars`."""
    tempi = only_changes([tempo for tempo in score.tempi if tempo.tick < score.end_tick] or score.tempi)
    tracks = [LeftOut(index + 1, track) for index, track in enumerate(score.tracks) if index not in taken]
    return Found(
        metres=tuple((metre, len(list(run))) for metre, run in groupby(map(_metre_words, bars))),
        tempi=tuple(60e6 / tempo.microseconds_per_quarter for tempo in tempi),
        left_out=tuple(one for one in tracks if one.track.notes),
    )


def _metre_words(bar: Bar) -> str:
    metre = metre_of_steps(bar.num_steps) if bar.is_cut_short else bar.metre
    return f"{metre.numerator}/{metre.denominator}"
