"""What encoding a trio took, moved, merged and dropped, voice by voice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqvae.tokens.drum_report import DrumReport
from seqvae.tokens.melody_report import EncodeReport


@dataclass(frozen=True, slots=True)
class TrioReport:
    """How a score became trio ids; None for a voice that is absent."""

    melody: EncodeReport | None
    bass: EncodeReport | None
    drums: DrumReport | None
    reasons: Mapping[str, str]  # of each voice why its track was chosen, or why there is none

    def lines(self) -> list[str]:
        """Say it in plain words, one fact a line."""
        lines = []
        if self.melody:
            lines += self.melody.lines()
        if self.bass:
            lines += self.bass.lines_of("bass", kept_of_chord="lowest")
        if self.drums:
            lines += self.drums.lines()
        return lines + [f"{voice}: {self.reasons[voice]}" for voice in self._absent()]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its voice and name; plain JSON values."""
        voices = {"melody": self.melody, "bass": self.bass, "drums": self.drums}
        found = {voice: report.as_dict() for voice, report in voices.items() if report}
        return found | {voice: {"track": self.reasons[voice]} for voice in self._absent()}

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the whole numbers by kind, for sums over a corpus."""
        counts: dict[str, Mapping[str, int]] = dict(self.drums.counts()) if self.drums else {}
        if self.melody:
            counts["melody"] = self.melody.counts()["encoding"]
        if self.bass:
            counts["bass"] = self.bass.counts()["encoding"]
        return counts

    def _absent(self) -> list[str]:
        voices = {"melody": self.melody, "bass": self.bass, "drums": self.drums}
        return [voice for voice, report in voices.items() if report is None]
