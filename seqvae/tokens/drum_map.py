"""Which notes of a drum kit make which of nine classes, and the note each class is written back as.

The standard map is that of General MIDI. Another kit has a file in JSON, note to class:

    {"36": "kick", "40": "snare", "22": "closed hi-hat", ...}

It takes the place of the whole map: a note that it does not name is left out and counted. Of the notes of a
class the first in the file is written back; a class without a note is written back as in General MIDI.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError

GENERAL_MIDI: Mapping[str, tuple[int, ...]] = {  # the first of each is written back
    "kick": (36, 35),
    "snare": (38, 40, 37, 39),
    "closed hi-hat": (42, 44, 22),
    "open hi-hat": (46, 26),
    "low tom": (45, 41, 43),
    "mid tom": (47, 48),
    "high tom": (50,),
    "crash": (49, 52, 55, 57),
    "ride": (51, 53, 59),
}
CLASSES = tuple(GENERAL_MIDI)
NUM_CLASSES = len(CLASSES)
UNMAPPED = -1
MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True)
class DrumMap:
    """The notes of each class, the one that is written back first."""

    notes: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: GENERAL_MIDI)

    def __post_init__(self) -> None:
        """Refuse a class that is written back as a note of another class."""
        for name, note in zip(CLASSES, self.written, strict=True):
            owner = next((other for other, notes in self.notes.items() if note in notes), name)
            if owner != name:
                raise ConfigError(
                    f"{name} has no note and would be written as {note}, which is {owner}; give it a note"
                )

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Build from JSON values, note to class; ConfigError names the entry that is wrong."""
        if not isinstance(values, Mapping) or not values:
            raise ConfigError('a drum map has entries note to class, such as {"36": "kick"}')
        notes: dict[str, tuple[int, ...]] = {}
        for note, name in values.items():
            notes[_class_name(note, name)] = (*notes.get(_class_name(note, name), ()), _note_number(note))
        return cls({name: notes[name] for name in CLASSES if name in notes})

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a map from a JSON file; ConfigError names the file."""
        try:
            with Path(path).open("rb") as file:
                return cls.from_dict(json.loads(file.read(MAX_FILE_BYTES)))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: not JSON ({error})") from error
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from error

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON values, from which `from_dict` builds an equal map."""
        return {str(note): name for name, notes in self.notes.items() for note in notes}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build what `to_config` described, whatever became of the order of its keys."""
        if "map" not in config:
            return cls()
        found = cls.from_dict(config["map"])
        if "written" in config:
            return cls({name: _first(notes, config["written"]) for name, notes in found.notes.items()})
        same_as = {name: set(notes) for name, notes in found.notes.items()}
        return cls() if same_as == {name: set(notes) for name, notes in GENERAL_MIDI.items()} else found

    def to_config(self) -> dict[str, Any]:
        """Return plain JSON values that mean the same in any order; what is written back stands apart."""
        is_general = dict(self.notes) == dict(GENERAL_MIDI)
        return {"map": self.to_dict()} | ({} if is_general else {"written": list(self.written)})

    @property
    def class_of_note(self) -> NDArray[np.int64]:
        """Return the class of each note, `(128,)`, UNMAPPED for those of none."""
        table = np.full(128, UNMAPPED, dtype=np.int64)
        for name, notes in self.notes.items():
            table[list(notes)] = CLASSES.index(name)
        return table

    @property
    def written(self) -> tuple[int, ...]:
        """Return the note that each class is written back as."""
        return tuple((self.notes.get(name) or GENERAL_MIDI[name])[0] for name in CLASSES)


def _first(notes: tuple[int, ...], written: Any) -> tuple[int, ...]:
    """Put first the note of a class that is written back."""
    if not isinstance(written, list):
        raise ConfigError(f"written is {written!r}, no list of notes")
    return tuple(sorted(notes, key=lambda note: note not in written))


def _note_number(note: Any) -> int:
    if not (isinstance(note, str) and len(note) <= 3 and note.isdecimal() and int(note) <= 127):
        raise ConfigError(f"note {str(note)[:40]!r} is no number in 0..127")
    return int(note)


def _class_name(note: Any, name: Any) -> str:
    if name not in CLASSES:
        raise ConfigError(f"note {note}: unknown class {name!r}; choose from {', '.join(CLASSES)}")
    return str(name)
