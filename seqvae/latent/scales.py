"""Scales by name, such as "D dorian", and the scale that music is in."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError
from seqvae.midi.notes import Note

AUTO = "auto"
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}
FOUND = ("major", "minor", "dorian", "mixolydian", "harmonic minor")  # the modes that `find_scale` knows
ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
FIFTH = 7  # semitones


class Scale(NamedTuple):
    """A tonic, a mode and the pitch classes of both together."""

    name: str
    classes: frozenset[int]  # 0 is C

    def holds(self, pitch: int) -> bool:
        """Tell whether a MIDI pitch lies in the scale."""
        return pitch % 12 in self.classes


def read_scale(name: str) -> Scale:
    """Read "C major", "f# minor" or "Bb harmonic minor"; ConfigError for anything else."""
    match = re.fullmatch(r"([A-Ga-g])([#♯b♭]?)\s+(\S.*)", name.strip())
    mode = " ".join(match[3].lower().split()) if match else ""
    if match is None or mode not in MODES:
        raise ConfigError(
            f"scale is {name[:40]!r}; write a note and a mode, as in 'C major' or 'F# dorian', of"
            f" {', '.join(MODES)}, or {AUTO}"
        )
    tonic = NATURALS[match[1].upper()] + ACCIDENTALS[match[2]]
    return _scale(f"{match[1].upper()}{match[2]}", tonic, mode)


def find_scale(notes: Iterable[Note]) -> Scale:
    """Return the scale in which notes sound longest; of equals the one whose tonic and fifth do."""
    lengths = lengths_of_classes(notes)
    return max(
        (_scale(TONICS[tonic], tonic, mode) for mode in FOUND for tonic in range(12)),
        key=lambda scale: _points(scale, lengths),
    )


def lengths_of_classes(notes: Iterable[Note]) -> NDArray[np.int64]:
    """Sum how many ticks each pitch class sounds, `(12,)`."""
    lengths = np.zeros(12, dtype=np.int64)
    for note in notes:
        lengths[note.pitch % 12] += note.end - note.start
    return lengths


def _points(scale: Scale, lengths: NDArray[np.int64]) -> tuple[int, int]:
    tonic = TONICS.index(scale.name.split()[0])
    inside = sum(int(lengths[one]) for one in scale.classes)
    return inside, 2 * int(lengths[tonic]) + int(lengths[(tonic + FIFTH) % 12])


def _scale(tonic_name: str, tonic: int, mode: str) -> Scale:
    return Scale(f"{tonic_name} {mode}", frozenset((tonic + step) % 12 for step in MODES[mode]))
