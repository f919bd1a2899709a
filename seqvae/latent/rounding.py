"""What clips lose where they are written at fewer ticks than their music has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqvae.midi.counts import count_of
from seqvae.midi.notes import Score
from seqvae.midi.resample import num_rounded, resample_score


class Loss(NamedTuple):
    """What one clip loses."""

    notes_rounded: int  # notes that begin or end between ticks
    notes_merged: int  # notes of one pitch that then start together, but for the last


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """The clips that lose anything at a resolution."""

    ticks_per_quarter: int
    losses: Mapping[str, Loss]  # by name of the clip

    def lines(self) -> list[str]:
        """Say it in plain words, one clip a line."""
        place = f"rounded to {self.ticks_per_quarter} ticks per quarter"
        return [
            f"{name}.mid: {count_of(loss.notes_rounded, 'notes')} {place}"
            + (f", {loss.notes_merged} of them merged into another" if loss.notes_merged else "")
            for name, loss in self.losses.items()
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its name; plain JSON values."""
        losses = {name: loss._asdict() for name, loss in self.losses.items()}
        return {"ticks_per_quarter": self.ticks_per_quarter, "losses": losses}


def measure_rounding(scores: Sequence[Score], names: Sequence[str], ticks_per_quarter: int) -> Rounding:
    """Count what each clip loses at `ticks_per_quarter`."""
    losses = {name: _loss(score, ticks_per_quarter) for name, score in zip(names, scores, strict=True)}
    return Rounding(
        ticks_per_quarter=ticks_per_quarter,
        losses={name: loss for name, loss in losses.items() if loss.notes_rounded},
    )


def _loss(score: Score, ticks_per_quarter: int) -> Loss:
    ticks = {"source": score.ticks_per_quarter, "target": ticks_per_quarter}
    rounded = sum(num_rounded(track.notes, **ticks) for track in score.tracks)
    return Loss(rounded, _num_notes(score) - _num_notes(resample_score(score, ticks_per_quarter)))


def _num_notes(score: Score) -> int:
    return sum(len(track.notes) for track in score.tracks)
