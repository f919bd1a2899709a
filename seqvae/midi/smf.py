"""Standard MIDI files, bytes to events: chunks, delta times, running status.

A parser of our own, because no file may lose time, notes or itself to a trifle: mido 1.3.3 drops the delta
time before a meta event it does not know, so that every later note slips, and refuses a file for one bad
key signature; symusic 0.6 drops notes that never end without a word and does not tell where a track ends.
"""

import struct
from typing import NamedTuple

from seqvae.errors import MidiError

# Status bytes of channel 0; the lower half of a status byte is the channel.
NOTE_ON = 0x90
PROGRAM_CHANGE = 0xC0
# Types of meta events.
TRACK_NAME = 0x03
MARKER = 0x06
END_OF_TRACK = 0x2F
SET_TEMPO = 0x51
TIME_SIGNATURE = 0x58

_HEADER = struct.Struct(">4sIHHH")
_LONGEST_NUMBER = 4  # bytes, says the standard
_META = 0xFF
_KEPT_META = {TRACK_NAME, MARKER, SET_TEMPO, TIME_SIGNATURE}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, 0xF8: 0, 0xFA: 0, 0xFB: 0, 0xFC: 0, 0xFE: 0}
_AGAIN = "export or download the file again"

ChannelEvent = tuple[int, int, int, int]  # (tick, status, first data byte, second data byte or 0)


class MetaEvent(NamedTuple):
    """What a file says about the music rather than plays."""

    tick: int
    kind: int
    data: bytes


class RawTrack(NamedTuple):
    """The events of one MTrk chunk that matter to a Score, in file order."""

    events: list[ChannelEvent]  # notes on, notes off, program changes
    metas: list[MetaEvent]
    end_tick: int
    has_end: bool  # False where the end_of_track event is missing
    num_clipped: int  # events whose data bytes above 127 were set to 127


class RawFile(NamedTuple):
    """A whole file in its own resolution."""

    ticks_per_quarter: int
    tracks: list[RawTrack]


def parse_smf(data: bytes, name: str) -> RawFile:
    """Split the bytes of a type 0 or 1 file into events; MidiError, beginning with `name`, for all else."""
    num_tracks, ticks_per_quarter, position = _parse_header(data, name)
    tracks: list[RawTrack] = []
    while len(tracks) < num_tracks:
        place = f"{name}: track {len(tracks) + 1} of {num_tracks}"
        if position + 8 > len(data):
            raise MidiError(f"{place} is missing, the file ends too early; {_AGAIN}")
        kind, size = struct.unpack_from(">4sI", data, position)
        start, position = position + 8, position + 8 + size
        if position > len(data):
            raise MidiError(f"{place} is cut off {position - len(data)} bytes before its end; {_AGAIN}")
        if kind == b"MTrk":  # other kinds of chunk are to be skipped, says the standard
            tracks.append(_parse_chunk(data[start:position], place))
    return RawFile(ticks_per_quarter, tracks)


def _parse_header(data: bytes, name: str) -> tuple[int, int, int]:
    """Return the number of tracks, the ticks per quarter and the position of the first track."""
    if not data:
        raise MidiError(f"{name}: the file is empty; {_AGAIN}")
    if data[:4] != b"MThd":
        raise MidiError(f"{name}: not a MIDI file, it does not begin with MThd; give a .mid file")
    if len(data) < _HEADER.size:
        raise MidiError(f"{name}: the file is cut off inside its header; {_AGAIN}")
    _, size, file_type, num_tracks, division = _HEADER.unpack_from(data)
    if file_type > 1:
        raise MidiError(f"{name}: type {file_type} has no common time for its tracks; save it as type 0 or 1")
    if division & 0x8000:
        raise MidiError(f"{name}: timed in film frames (SMPTE), not in beats; save it with ticks per quarter")
    if division == 0:
        raise MidiError(f"{name}: 0 ticks per quarter note, the file has no time; {_AGAIN}")
    return num_tracks, division, 8 + max(size, 6)


def _parse_chunk(chunk: bytes, place: str) -> RawTrack:
    try:
        return _clip(_parse_track(chunk))
    except IndexError as error:
        raise MidiError(f"{place} ends in the middle of an event; {_AGAIN}") from error
    except ValueError as error:
        raise MidiError(f"{place} is damaged: {error}; {_AGAIN}") from error


def _parse_track(chunk: bytes) -> RawTrack:
    """Walk the events of a chunk; IndexError where it ends inside one, ValueError where it is nonsense."""
    events: list[ChannelEvent] = []
    metas: list[MetaEvent] = []
    position = tick = status = 0
    size = len(chunk)
    while position < size:
        delta, position = _parse_number(chunk, position)
        tick += delta
        byte = chunk[position]
        if byte >= 0xF0:
            kind, payload, position = _parse_system_event(chunk, position)
            if kind == END_OF_TRACK:
                return RawTrack(events, metas, tick, True, 0)
            if kind in _KEPT_META:
                metas.append(MetaEvent(tick, kind, payload))
            continue  # the running status outlives these: strict files do not care, sloppy ones rely on it
        if byte >= 0x80:
            status = byte
            position += 1
        elif not status:
            raise ValueError(f"byte {byte:#04x} where an event should begin")
        if status < 0xA0:
            events.append((tick, status, chunk[position], chunk[position + 1]))
        elif status & 0xF0 == PROGRAM_CHANGE:
            events.append((tick, status, chunk[position], 0))
        position += 1 if 0xC0 <= status < 0xE0 else 2
    if position > size:
        raise IndexError(position)
    return RawTrack(events, metas, tick, False, 0)


def _parse_number(chunk: bytes, position: int) -> tuple[int, int]:
    """Return the variable-length number at `position`, seven bits a byte, and the position after it."""
    value = 0
    for end in range(position, position + _LONGEST_NUMBER):
        byte = chunk[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, end + 1
    raise ValueError(f"a number of more than {_LONGEST_NUMBER} bytes")


def _parse_system_event(chunk: bytes, position: int) -> tuple[int | None, bytes, int]:
    """Return the meta type (None if it is no meta event), its payload and the position after the event."""
    status = chunk[position]
    kind = None
    if status == _META:
        position += 1
        kind = chunk[position]
    if kind is None and status not in (0xF0, 0xF7):
        if status not in _SYSTEM_DATA_BYTES:
            raise ValueError(f"undefined event {status:#04x}")
        return None, b"", position + 1 + _SYSTEM_DATA_BYTES[status]
    size, start = _parse_number(chunk, position + 1)
    if start + size > len(chunk):
        raise IndexError(start + size)
    return kind, chunk[start : start + size], start + size


def _clip(track: RawTrack) -> RawTrack:
    num_clipped = sum((one | two) > 127 for _, _, one, two in track.events)
    if not num_clipped:
        return track
    events = [(tick, status, min(one, 127), min(two, 127)) for tick, status, one, two in track.events]
    return track._replace(events=events, num_clipped=num_clipped)
