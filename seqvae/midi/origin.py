"""How clips were made: what stands at the head of their MIDI files, so that they can be made again.

A file names the model and the inputs by their hashes and tells every option. Where these lay stands in
report.json alone: files travel further than reports, and folders tell of people.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqvae import __version__
from seqvae.errors import MidiError
from seqvae.midi.notes import Score


class Input(NamedTuple):
    """One song that went in."""

    label: str  # as the steps call it
    music_sha256: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """All that making the clips again takes, but the model and the songs themselves."""

    version: str = __version__
    settings: Mapping[str, Any]  # command, model, seed and all options
    model_files: Mapping[str, str]  # name in the model's folder -> sha256
    inputs: tuple[Input, ...] = ()
    num_clips: int
    paths: tuple[str, ...] = ()  # of the inputs as the user wrote them, '' for music in memory

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the paths; plain JSON values."""
        return {
            "seqvae": self.version,
            "settings": dict(self.settings),
            "model_files": dict(self.model_files),
            "inputs": [found._asdict() for found in self.inputs],
            "num_clips": self.num_clips,
        }


class Record(NamedTuple):
    """What one MIDI file tells of itself."""

    file: str  # its name when it was written
    ticks_per_quarter: int
    origin: Origin


def hash_music(score: Score) -> str:
    """Return the sha256 of what a score says, wherever it came from."""
    said = (score.tracks, score.tempi, score.metres, score.end_tick, score.ticks_per_quarter)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def write_record(record: Record) -> str:
    """Return the record as one line of JSON, in ASCII."""
    said = {"file": record.file, "ticks_per_quarter": record.ticks_per_quarter, **record.origin.as_dict()}
    return json.dumps(said, separators=(",", ":"))


def read_record_text(text: str, name: str) -> Record:
    """Read what `write_record` wrote; MidiError, beginning with `name`, for anything else."""
    try:
        said = json.loads(text)
        origin = Origin(
            version=str(said["seqvae"]),
            settings=dict(said["settings"]),
            model_files={str(file): str(digest) for file, digest in said["model_files"].items()},
            inputs=tuple(Input(str(one["label"]), str(one["music_sha256"])) for one in said["inputs"]),
            num_clips=int(said["num_clips"]),
        )
        return Record(str(said["file"]), int(said["ticks_per_quarter"]), origin)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MidiError(
            f"{name}: does not tell how it was made; give a MIDI file that seqvae wrote, not one saved again"
        ) from error
