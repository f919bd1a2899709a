"""The rules for notes that overlap, never end or have no length, and for tempi and metres that cannot be.

Notes, for each track and channel:
    - A note-off belongs to the last note-on of its pitch that has none yet, but rather to one of an earlier
      tick than to one of its own. What is left over are note-ons that never end and note-offs without a note.
    - A second note-on of a pitch that still sounds ends the first note there. The note-off that the first is
      owed ends nothing any more: notes of a pitch end in the order in which they begin. If it comes in the
      same tick it was sloppy order, but no overlap.
    - A note that never ends is ended by the next of its pitch, which then overlaps, or where its track ends.
    - A note of zero length makes no sound and is dropped; in a drum track, where only the start of a hit
      counts, it lasts one tick of the file instead.
Tempi of 0 and metres such as 0/4 or 4/128 (denominator over 64 or not a power of two) are ignored.
A note-off without a note changes nothing. All this is counted under the reasons below.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

from seqvae.midi.notes import MICROSECONDS_PER_QUARTER, Metre, Note, Tempo
from seqvae.midi.smf import NOTE_ON, ChannelEvent

NEVER_ENDED = "notes never ended"
OVERLAPPING = "overlapping notes of one pitch"
ZERO_LENGTH = "zero-length notes"
STRAY_OFF = "note-offs without a note"
BAD_TEMPO = "impossible tempi"
BAD_METRE = "impossible metres"

LONGEST_TEMPO = 0xFFFFFF  # microseconds per quarter; three bytes hold no more
DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)


def pair_notes(
    events: Iterable[ChannelEvent], *, end_tick: int, is_drum: bool, repairs: Counter[str]
) -> tuple[Note, ...]:
    """Join the note-ons and note-offs of one channel, in file order, into sorted notes; count `repairs`."""
    events = list(events)
    endless = _never_ended(events)
    notes: list[Note] = []
    sounding: dict[int, tuple[int, int, bool]] = {}  # pitch -> (start, velocity, whether a note-off follows)
    owed: defaultdict[int, deque[int]] = defaultdict(deque)  # pitch -> when notes with an end were cut
    for place, (tick, status, pitch, velocity) in enumerate(events):
        if status >= NOTE_ON and velocity:
            if pitch in sounding:
                start, _, has_end = sounding[pitch]
                if start < tick:  # else the same note twice: the second replaces the first
                    notes.append(_end(sounding[pitch], tick, pitch))
                if has_end:
                    owed[pitch].append(tick)
                repairs[OVERLAPPING] += 1
            sounding[pitch] = (tick, velocity, place not in endless)
        elif owed[pitch]:
            repairs[OVERLAPPING] -= owed[pitch].popleft() == tick
        elif pitch in sounding:
            notes.append(_end(sounding.pop(pitch), tick, pitch))
        else:
            repairs[STRAY_OFF] += 1
    repairs[NEVER_ENDED] += len(sounding)
    notes.extend(_end(opened, end_tick, pitch) for pitch, opened in sounding.items())
    return _mend_lengths(notes, is_drum=is_drum, repairs=repairs)


def _never_ended(events: Iterable[ChannelEvent]) -> set[int]:
    """Return the places of the note-ons to which no note-off belongs."""
    earlier: defaultdict[int, list[int]] = defaultdict(list)  # pitch -> places of note-ons without an end
    present: dict[int, list[int]] = {}  # the same of this tick
    now = 0
    for place, (tick, status, pitch, velocity) in enumerate(events):
        if tick > now:
            for pitch_of, places in present.items():
                earlier[pitch_of] += places
            now, present = tick, {}
        if status >= NOTE_ON and velocity:
            present.setdefault(pitch, []).append(place)
        elif earlier[pitch]:
            earlier[pitch].pop()
        elif present.get(pitch):
            present[pitch].pop()
    return {place for places in (*earlier.values(), *present.values()) for place in places}


def mend_notes(notes: Iterable[Note], *, is_drum: bool, repairs: Counter[str]) -> tuple[Note, ...]:
    """Apply the same rules to notes whose ends are known."""
    mended: list[Note] = []
    last: dict[int, int] = {}  # pitch -> index of its latest note in `mended`
    for note in sorted(notes):
        before = last.get(note.pitch)
        if before is not None and mended[before].end > note.start:
            repairs[OVERLAPPING] += 1
            if mended[before].start == note.start:  # the same note twice: the longer replaces the shorter
                mended[before] = note
                continue
            mended[before] = mended[before]._replace(end=note.start)
        last[note.pitch] = len(mended)
        mended.append(note)
    return _mend_lengths(mended, is_drum=is_drum, repairs=repairs)


def tempo_map(changes: Iterable[tuple[int, int]], repairs: Counter[str]) -> tuple[Tempo, ...]:
    """Merge (tick, microseconds per quarter), sorted by tick, into a map from 0; the last of a tick wins."""
    merged = {0: MICROSECONDS_PER_QUARTER}
    for tick, microseconds in changes:
        if 0 < microseconds <= LONGEST_TEMPO:
            merged[tick] = microseconds
        else:
            repairs[BAD_TEMPO] += 1
    return tuple(Tempo(tick, microseconds) for tick, microseconds in merged.items())


def metre_map(changes: Iterable[tuple[int, int, int]], repairs: Counter[str]) -> tuple[Metre, ...]:
    """Merge (tick, numerator, denominator), sorted by tick, into a map from 0; the last of a tick wins."""
    merged = {0: Metre(0, 4, 4)}
    for tick, numerator, denominator in changes:
        if 1 <= numerator <= 255 and denominator in DENOMINATORS:
            merged[tick] = Metre(tick, numerator, denominator)
        else:
            repairs[BAD_METRE] += 1
    return tuple(merged.values())


def sort_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Sort by start, then pitch."""
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _end(opened: tuple[int, int, bool], end: int, pitch: int) -> Note:
    start, velocity, _ = opened
    return Note(start, end, pitch, velocity)


def _mend_lengths(notes: Sequence[Note], *, is_drum: bool, repairs: Counter[str]) -> tuple[Note, ...]:
    sound = [note for note in notes if note.end > note.start]
    silent = [note for note in notes if note.end <= note.start]
    repairs[ZERO_LENGTH] += len(silent)
    if silent and is_drum:
        taken = {(note.start, note.pitch) for note in sound}
        hits = {(note.start, note.pitch): note._replace(end=note.start + 1) for note in silent}
        sound.extend(hit for place, hit in hits.items() if place not in taken)
    return sort_notes(sound)
