"""Standard MIDI files, bytes to events: delta times, running status, what a Score needs and nothing else.

A parser of our own, because no file may lose time, notes or itself to a trifle: mido 1.3.3 drops the delta
time before a meta event it does not know, so that every later note slips, and refuses a file for one bad
key signature; symusic 0.6 drops notes that never end without a word and does not tell where a track ends.
Nor may a file take more memory or time than its size is worth: what is kept is limited while it is read.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.text import LONGEST_TEXT

# Status bytes of channel 0; the lower half of a status byte is the channel.
NOTE_ON = 0x90
CONTROL_CHANGE = 0xB0
PROGRAM_CHANGE = 0xC0
META = 0xFF
# Types of meta events.
TRACK_NAME = 0x03
LYRIC = 0x05
MARKER = 0x06
END_OF_TRACK = 0x2F
SET_TEMPO = 0x51
TIME_SIGNATURE = 0x58
KEY_SIGNATURE = 0x59
KEPT_META = {TRACK_NAME, MARKER, SET_TEMPO, TIME_SIGNATURE}
PEDAL_NUMBERS = {64, 66, 67}  # controllers: sustain, sostenuto, soft

# What is read over, by kind. Words about the file (texts, copyright, instruments, ports) are not counted.
PEDALS = "pedal events"
CONTROLLERS = "other controllers"
PITCH_BENDS = "pitch bends"
AFTERTOUCH = "aftertouch"
SYSTEM = "system exclusive messages"
KEYS = "key signatures"
LYRICS = "lyrics"

MOST_NOTES = 600_000  # of a file
MOST_EVENTS = 2 * MOST_NOTES  # of a file: notes on and off and program changes
MOST_METAS = 200_000  # tempi, metres, names and markers of a file

_LONGEST_NUMBER = 4  # bytes, says the standard
_IGNORED_META = {KEY_SIGNATURE: KEYS, LYRIC: LYRICS}
_IGNORED = {
    0xA0: AFTERTOUCH,
    CONTROL_CHANGE: CONTROLLERS,
    0xD0: AFTERTOUCH,
    0xE0: PITCH_BENDS,
    0xF0: SYSTEM,
    0xF7: SYSTEM,
}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, 0xF8: 0, 0xFA: 0, 0xFB: 0, 0xFC: 0, 0xFE: 0}

ChannelEvent = tuple[int, int, int, int]  # (tick, status, first data byte, last data byte)
Events = NDArray[np.int64]  # (events, 4), such a row each


class MetaEvent(NamedTuple):
    """What a file says about the music rather than plays."""

    tick: int
    kind: int
    data: bytes


class RawTrack(NamedTuple):
    """The events of one MTrk chunk that matter to a Score, in file order."""

    events: Events  # notes on, notes off, program changes
    metas: list[MetaEvent]
    end_tick: int
    has_end: bool  # False where the end_of_track event is missing
    num_clipped: int  # events whose data bytes above 127 were set to 127
    stop: int  # the position behind the last event
    ignored: Counter[str]  # events read over, by kind


class Room(NamedTuple):
    """How much of a file may still be kept."""

    num_events: int = MOST_EVENTS
    num_metas: int = MOST_METAS

    def without(self, track: RawTrack) -> "Room":
        """Return what a track leaves."""
        return Room(self.num_events - len(track.events), self.num_metas - len(track.metas))


class NoRoomError(ValueError):
    """A file with more events than may be kept."""


def parse_track(data: bytes, start: int, stop: int, room: Room) -> RawTrack:
    """Walk the events in `data[start:stop]`.

    IndexError where the bytes end inside an event, ValueError where they are nonsense, NoRoomError where they
    are too many.
    """
    events: list[ChannelEvent] = []
    metas: list[MetaEvent] = []
    skipped = Counter[tuple[int, int]]()  # by status and first data byte, or kind of meta event
    position, tick, status, num_clipped, has_end = start, 0, 0, 0, False
    while position < stop and not has_end:
        byte = data[position]
        position += 1
        if byte >= 0x80:
            byte, position = _parse_number(data, position - 1)
        tick += byte
        byte = data[position]
        if byte >= 0xF0:
            kind, first, position = _skip_system_event(data, position)
            has_end = kind == END_OF_TRACK
            if kind in KEPT_META:
                metas.append(MetaEvent(tick, kind, data[first : min(position, first + LONGEST_TEXT + 1)]))
                if len(metas) > room.num_metas:
                    raise NoRoomError(f"more than {MOST_METAS} tempi, metres, names and markers")
            skipped[byte, kind] += 1
            continue  # the running status outlives these: strict files do not care, sloppy ones rely on it
        if byte >= 0x80:
            status = byte
            position += 1
        elif not status:
            raise ValueError(f"byte {byte:#04x} where an event should begin")
        num_bytes = 1 if 0xC0 <= status < 0xE0 else 2
        one, two = data[position], data[position + num_bytes - 1]
        position += num_bytes
        if (one | two) >= 0x80:
            one, two = min(one, 127), min(two, 127)
            num_clipped += 1
        if status < 0xA0 or status & 0xF0 == PROGRAM_CHANGE:
            events.append((tick, status, one, two))
            if len(events) > room.num_events:
                raise NoRoomError(f"more than {MOST_EVENTS} notes on and off")
        else:
            skipped[status & 0xF0, one] += 1
    if position > stop:
        raise IndexError(position)
    return RawTrack(_table(events), metas, tick, has_end, num_clipped, position, sum_ignored(skipped))


def _table(events: list[ChannelEvent]) -> Events:
    return np.array(events, dtype=np.int64).reshape(-1, 4)


def sum_ignored(skipped: Counter[tuple[int, int]]) -> Counter[str]:
    """Sum up by kind what was read over."""
    ignored = Counter[str]()
    for (status, number), count in skipped.items():
        if status == META:
            kind = _IGNORED_META.get(number, "")
        elif status == CONTROL_CHANGE and number in PEDAL_NUMBERS:
            kind = PEDALS
        else:
            kind = _IGNORED.get(status, "")
        ignored[kind] += count
    del ignored[""]
    return ignored


def _parse_number(data: bytes, position: int) -> tuple[int, int]:
    """Return the variable-length number at `position`, seven bits a byte, and the position after it."""
    value = 0
    for end in range(position, position + _LONGEST_NUMBER):
        byte = data[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, end + 1
    raise ValueError(f"a number of more than {_LONGEST_NUMBER} bytes")


def _skip_system_event(data: bytes, position: int) -> tuple[int, int, int]:
    """Return the meta type (-1 if it is no meta event) and the positions of its payload and behind it."""
    status = data[position]
    kind = -1
    if status == META:
        position += 1
        kind = data[position]
    elif status not in (0xF0, 0xF7):
        if status not in _SYSTEM_DATA_BYTES:
            raise ValueError(f"undefined event {status:#04x}")
        return kind, position, position + 1 + _SYSTEM_DATA_BYTES[status]
    size, first = _parse_number(data, position + 1)
    return kind, first, first + size
