"""A PrettyMIDI object to a Score, through its own clock rather than its lossy file writer."""

from collections import Counter

import pretty_midi

from seqvae.errors import MidiError
from seqvae.midi.check import check_score
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.repair import mend_notes, metre_map, tempo_map
from seqvae.midi.smf import CONTROLLERS, KEYS, LYRICS, PEDAL_NUMBERS, PEDALS, PITCH_BENDS
from seqvae.midi.text import mend_text

BEFORE_0 = "notes before the beginning, cut there"
FRACTIONS = "pitches and velocities that are no whole numbers, rounded down"


def score_from_pretty_midi(midi: pretty_midi.PrettyMIDI) -> Score:
    """Turn seconds into ticks of `midi.resolution`, by the rules of repair.py.

    MidiError for values that are no music, TypeError for other things.
    """
    if not isinstance(midi, pretty_midi.PrettyMIDI):
        raise TypeError(
            f"no music in a {type(midi).__name__}; give a path, bytes, a file, PrettyMIDI or Score"
        )
    try:
        score = _convert(midi)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # users fill these
        raise MidiError(f"the PrettyMIDI object: {error}; check its times and numbers") from error
    return check_score(score)


def _convert(midi: pretty_midi.PrettyMIDI) -> Score:
    repairs = Counter[str]()
    tracks = tuple(_read_instrument(midi, instrument, repairs) for instrument in midi.instruments)
    times, tempi = midi.get_tempo_changes()
    changes = [(_tick(midi, time), round(60e6 / bpm)) for time, bpm in zip(times, tempi, strict=True)]
    metres = [(_tick(midi, m.time), m.numerator, m.denominator) for m in midi.time_signature_changes]
    ends = [note.end for track in tracks for note in track.notes]
    return Score(
        tracks=tuple(track for track in tracks if track.notes),
        tempi=tempo_map(changes, repairs),
        metres=metre_map(sorted(metres), repairs),
        end_tick=max([_tick(midi, midi.get_end_time()), *ends]),
        ticks_per_quarter=midi.resolution,
        repairs=dict(+repairs),
        ignored=dict(+_count_ignored(midi)),
    )


def _count_ignored(midi: pretty_midi.PrettyMIDI) -> Counter[str]:
    ignored = Counter({KEYS: len(midi.key_signature_changes), LYRICS: len(midi.lyrics)})
    for instrument in midi.instruments:
        ignored[PITCH_BENDS] += len(instrument.pitch_bends)
        for change in instrument.control_changes:
            ignored[PEDALS if change.number in PEDAL_NUMBERS else CONTROLLERS] += 1
    return ignored


def _read_instrument(
    midi: pretty_midi.PrettyMIDI, instrument: pretty_midi.Instrument, repairs: Counter[str]
) -> Track:
    notes = []
    for note in instrument.notes:
        repairs[BEFORE_0] += note.start < 0
        repairs[FRACTIONS] += note.pitch != int(note.pitch) or note.velocity != int(note.velocity)
        ticks = _tick(midi, max(note.start, 0)), _tick(midi, note.end)
        notes.append(Note(*ticks, int(note.pitch), int(note.velocity)))
    return Track(
        notes=mend_notes(notes, is_drum=instrument.is_drum, repairs=repairs),
        name=mend_text(instrument.name),  # pretty_midi takes names for Latin-1 unless told otherwise
        program=instrument.program,
        is_drum=instrument.is_drum,
    )


def _tick(midi: pretty_midi.PrettyMIDI, seconds: float) -> int:
    return int(midi.time_to_tick(seconds))  # a numpy integer would not go into JSON
