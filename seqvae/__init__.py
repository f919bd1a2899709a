"""A sequence VAE for MIDI and text; public names are imported on first use, so `import seqvae` is cheap."""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from seqvae.errors import CheckpointError as CheckpointError
    from seqvae.errors import ConfigError as ConfigError
    from seqvae.errors import DataError as DataError
    from seqvae.errors import MidiError as MidiError
    from seqvae.errors import OutputError as OutputError
    from seqvae.errors import SeqvaeError as SeqvaeError
    from seqvae.errors import TokenError as TokenError
    from seqvae.errors import TrainingError as TrainingError
    from seqvae.export.formats import ExportOptions as ExportOptions
    from seqvae.expression.humanize import humanize as humanize
    from seqvae.expression.humanize import quantize as quantize
    from seqvae.latent.decoding.rules import Decoding as Decoding
    from seqvae.latent.load import load as load
    from seqvae.latent.music import MusicModel as MusicModel
    from seqvae.latent.text.model import TextModel as TextModel
    from seqvae.latent.text.walk import TextWalkOptions as TextWalkOptions
    from seqvae.latent.walk import WalkOptions as WalkOptions
    from seqvae.midi.notes import Metre as Metre
    from seqvae.midi.notes import Note as Note
    from seqvae.midi.notes import Score as Score
    from seqvae.midi.notes import Tempo as Tempo
    from seqvae.midi.notes import Track as Track
    from seqvae.midi.read import read_score as read_score
    from seqvae.midi.write import write_score as write_score

_HOMES = {
    "CheckpointError": "seqvae.errors",
    "ConfigError": "seqvae.errors",
    "DataError": "seqvae.errors",
    "ExportOptions": "seqvae.export.formats",
    "Decoding": "seqvae.latent.decoding.rules",
    "Metre": "seqvae.midi.notes",
    "MidiError": "seqvae.errors",
    "MusicModel": "seqvae.latent.music",
    "Note": "seqvae.midi.notes",
    "OutputError": "seqvae.errors",
    "Score": "seqvae.midi.notes",
    "SeqvaeError": "seqvae.errors",
    "Tempo": "seqvae.midi.notes",
    "TextModel": "seqvae.latent.text.model",
    "TextWalkOptions": "seqvae.latent.text.walk",
    "TokenError": "seqvae.errors",
    "Track": "seqvae.midi.notes",
    "TrainingError": "seqvae.errors",
    "WalkOptions": "seqvae.latent.walk",
    "humanize": "seqvae.expression.humanize",
    "load": "seqvae.latent.load",
    "quantize": "seqvae.expression.humanize",
    "read_score": "seqvae.midi.read",
    "write_score": "seqvae.midi.write",
}


def __getattr__(name: str) -> object:
    """Import a public name from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqvae' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted([*_HOMES, "__version__"])
