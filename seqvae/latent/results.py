"""Clips that came out of the latent space, in memory, and their way into a folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from seqvae.export.arrangement import arrange
from seqvae.export.files import REPORT_NAME, write_files
from seqvae.export.formats import ExportOptions, export_files
from seqvae.latent.rounding import Rounding, measure_rounding
from seqvae.midi.notes import Score
from seqvae.midi.origin import Origin, Record, write_record
from seqvae.midi.write import to_pretty_midi

if TYPE_CHECKING:
    import pretty_midi
    from torch import Tensor

MIDI_ALONE = ExportOptions()


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

    scores: tuple[Score, ...]  # of one resolution
    names: tuple[str, ...]  # of the files, without ending
    labels: tuple[str, ...]
    report: R_co
    points: "tuple[Tensor, ...]" = ()  # of each clip z, (windows, latent)
    origin: Origin | None = None  # how they were made, where that can be told

    @property
    def arrangement(self) -> Score:
        """All clips one after the other, with a marker where each begins."""
        return arrange(self.scores, self.labels)

    def to_pretty_midi(self) -> "list[pretty_midi.PrettyMIDI]":
        """Return each clip as a PrettyMIDI object."""
        return [to_pretty_midi(score) for score in self.scores]

    def files(self, export: ExportOptions = MIDI_ALONE) -> dict[str, bytes]:
        """Return the files that `export` asks for, each MIDI file with the record of its origin."""
        origin, ticks_per_quarter = self.origin, export.ticks_per_quarter
        if origin is None:
            return export_files(self.scores, self.names, self.labels, export)

        def record_of(name: str) -> str:
            return write_record(Record(name, ticks_per_quarter, origin))

        return export_files(self.scores, self.names, self.labels, export, record_of=record_of)

    def rounding(self, export: ExportOptions = MIDI_ALONE) -> Rounding:
        """Return what the MIDI files that `export` asks for lose to their resolution."""
        has_midi = "mid" in export.formats or export.stems
        scores, names = (self.scores, self.names) if has_midi else ((), ())
        return measure_rounding(scores, names, export.ticks_per_quarter)

    def write(
        self, folder: str | Path, *, export: ExportOptions = MIDI_ALONE, force: bool = False
    ) -> dict[str, Any]:
        """Write the files that `export` asks for, and return what stands in report.json beside them.

        OutputError as `write_files`, or where a format needs a program that is not installed; ConfigError as
        `export_files`.
        """
        files = self.files(export)
        told = self.report.as_dict() | {"rounding": self.rounding(export).as_dict()}
        told["files"] = [*files, REPORT_NAME]
        if self.origin:
            model = str(told["settings"].get("model", ""))
            told["origin"] = _without_settings(self.origin) | {
                "paths": list(self.origin.paths),
                "paths_from_here": [_seen_from(Path(folder), path) for path in self.origin.paths],
                "model_from_here": _seen_from(Path(folder), model),
            }
        told["points"] = self._points()
        text = report_text(told) + "\n"
        report = text.encode(errors="backslashreplace")  # what is no UTF-8 in a name, as JSON escapes it
        write_files(folder, files | {REPORT_NAME: report}, force=force)
        return told

    def _points(self) -> dict[str, list[list[float]]]:
        """Return z under the name of each clip, as digits that tell every bit."""
        pairs = zip(self.names, self.points, strict=False)
        return {name: [[float(f"{x:.9g}") for x in row] for row in z.tolist()] for name, z in pairs}


def _without_settings(origin: Origin) -> dict[str, Any]:
    """Return what the report does not have itself."""
    return {name: value for name, value in origin.as_dict().items() if name != "settings"}


def _seen_from(folder: Path, path: str) -> str | None:
    """Return the way from a folder to what lies at a path, for readers elsewhere; None for no path."""
    try:
        return os.path.relpath(path, folder) if path and Path(path).exists() else None
    except ValueError:  # another drive, or a name that no file can have
        return None


def report_text(told: Mapping[str, Any]) -> str:
    """Write what `Clips.write` returns as JSON: points, which come last, in one line for each clip."""
    facts = {name: value for name, value in told.items() if name != "points"}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(z)}" for name, z in told["points"].items())
    return f'{json.dumps(facts, indent=1, ensure_ascii=False)[:-2]},\n "points": {{\n{rows}\n }}\n}}'


def numbered(word: str, count: int) -> tuple[str, ...]:
    """Return word-01, word-02 ..., with digits enough to sort."""
    width = max(2, len(str(count)))
    return tuple(f"{word}-{number:0{width}}" for number in range(1, count + 1))
