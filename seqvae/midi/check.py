"""What a Score made by hand must hold before it is music: a reader's Score always does."""

from seqvae.errors import MidiError
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.repair import DENOMINATORS, LONGEST_TEMPO


def check_score(score: Score) -> Score:
    """Return the score; MidiError naming track, note and value for what no MIDI file can say.

    Notes past `end_tick` are allowed: the piece then ends with the last of them.
    """
    if score.ticks_per_quarter < 1:
        raise MidiError(f"the score: ticks_per_quarter is {score.ticks_per_quarter}; choose 1 or more")
    for number, track in enumerate(score.tracks, 1):
        _check_track(track, f"track {number}" + f" ({track.name})" * bool(track.name))
    _check_maps(score)
    return score


def _check_track(track: Track, place: str) -> None:
    if not 0 <= track.program <= 127:
        raise MidiError(f"{place}: program {track.program} is outside 0..127")
    ends: dict[int, int] = {}  # of the last note of each pitch
    numbered = sorted(enumerate(track.notes, 1), key=lambda pair: pair[1])
    for number, note in numbered:
        _check_note(note, f"{place}, note {number} at tick {note.start}")
        if ends.get(note.pitch, 0) > note.start:
            raise MidiError(
                f"{place}, note {number} at tick {note.start}: pitch {note.pitch} still sounds until tick"
                f" {ends[note.pitch]}; end that note before"
            )
        ends[note.pitch] = note.end


def _check_note(note: Note, place: str) -> None:
    if not 0 <= note.pitch <= 127:
        raise MidiError(f"{place}: pitch {note.pitch} is outside 0..127")
    if not 1 <= note.velocity <= 127:
        raise MidiError(f"{place}: velocity {note.velocity} is outside 1..127")
    if note.start < 0:
        raise MidiError(f"{place}: starts before tick 0")
    if note.end <= note.start:
        raise MidiError(f"{place}: ends at tick {note.end}, without length; end it later")


def _check_maps(score: Score) -> None:
    """Check that tempo and metre are known from tick 0 on, and are such as MIDI can say."""
    for word, changes in (("tempo", score.tempi), ("metre", score.metres)):
        ticks = [change.tick for change in changes]
        if ticks[:1] != [0] or ticks != sorted(ticks):
            raise MidiError(f"the score: each {word} needs its tick, in order from 0, not {ticks[:8]}")
    for tempo in score.tempi:
        if not 1 <= tempo.microseconds_per_quarter <= LONGEST_TEMPO:
            raise MidiError(
                f"the score: tempo {tempo.microseconds_per_quarter} at tick {tempo.tick} is outside"
                f" 1..{LONGEST_TEMPO} microseconds per quarter"
            )
    for metre in score.metres:
        if not 1 <= metre.numerator <= 255 or metre.denominator not in DENOMINATORS:
            raise MidiError(
                f"the score: metre {metre.numerator}/{metre.denominator} at tick {metre.tick} is outside"
                f" 1..255 over {', '.join(map(str, DENOMINATORS))}"
            )
