"""The errors a user can cause; each message names the thing, the place, the value and the remedy.

SeqvaeError
├── MidiError          a MIDI file that cannot be read or written
├── TokenError         music or text that does not fit a tokenizer
├── ConfigError        a setting outside its range
├── DataError          a corpus or a folder of shards that cannot be used
├── CheckpointError    a model folder that is missing, broken or foreign
├── TrainingError      a run that cannot start or go on
└── OutputError        a result that cannot be written where it was asked for
"""


class SeqvaeError(Exception):
    """Anything the user can mend; the command line prints it in one line and exits with 1."""


class MidiError(SeqvaeError):
    """A MIDI file that cannot be read or written."""


class TokenError(SeqvaeError):
    """Music or text that does not fit a tokenizer."""


class ConfigError(SeqvaeError):
    """A setting outside its range."""


class DataError(SeqvaeError):
    """A corpus or a folder of shards that cannot be used."""


class CheckpointError(SeqvaeError):
    """A model folder that is missing, broken or foreign."""


class TrainingError(SeqvaeError):
    """A run that cannot start or go on."""


class OutputError(SeqvaeError):
    """A result that cannot be written where it was asked for."""
