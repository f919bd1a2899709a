"""Clips that came out of the latent space, in memory, and their way into a folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from seqvae.export.arrangement import arrange
from seqvae.export.files import REPORT_NAME, write_files
from seqvae.midi.notes import TICKS_PER_QUARTER, Score
from seqvae.midi.write import score_to_bytes, to_pretty_midi

if TYPE_CHECKING:
    import pretty_midi

ARRANGEMENT_NAME = "arrangement.mid"


class Report(Protocol):
    """What a result tells of itself."""

    def lines(self) -> list[str]:
        """Say it for people."""

    def as_dict(self) -> dict[str, Any]:
        """Say it for programs; plain JSON values."""


R_co = TypeVar("R_co", bound=Report, covariant=True)


@dataclass(frozen=True, eq=False)
class Clips(Generic[R_co]):
    """Clips in order, each with the name of its file and the marker it has in the arrangement."""

    scores: tuple[Score, ...]
    names: tuple[str, ...]  # of the files, without ending
    labels: tuple[str, ...]
    report: R_co

    @property
    def arrangement(self) -> Score:
        """All clips one after the other, with a marker where each begins."""
        return arrange(self.scores, self.labels)

    def to_pretty_midi(self) -> "list[pretty_midi.PrettyMIDI]":
        """Return each clip as a PrettyMIDI object."""
        return [to_pretty_midi(score) for score in self.scores]

    @property
    def files(self) -> list[str]:
        """The names of all files `write` writes."""
        return file_names(self.names)

    def as_dict(self) -> dict[str, Any]:
        """Return the report and the names of the files; plain JSON values."""
        return self.report.as_dict() | {"files": self.files}

    def write(
        self, folder: str | Path, *, ticks_per_quarter: int = TICKS_PER_QUARTER, force: bool = False
    ) -> None:
        """Write a MIDI file per clip, the arrangement and report.json; OutputError as `write_files`."""
        scores = (*self.scores, self.arrangement)
        contents = [score_to_bytes(score, ticks_per_quarter=ticks_per_quarter) for score in scores]
        contents.append((json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n").encode())
        write_files(folder, dict(zip(self.files, contents, strict=True)), force=force)


def file_names(names: Sequence[str]) -> list[str]:
    """Return the names of all files a result of these clips writes."""
    return [*(f"{name}.mid" for name in names), ARRANGEMENT_NAME, REPORT_NAME]


def numbered(word: str, count: int) -> tuple[str, ...]:
    """Return word-01, word-02 ..., with digits enough to sort."""
    width = max(2, len(str(count)))
    return tuple(f"{word}-{number:0{width}}" for number in range(1, count + 1))
