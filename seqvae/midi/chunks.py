"""Standard MIDI files, bytes to tracks: the header, the chunks, and what to make of lengths that lie.

A track is as long as its chunk says if a chunk or the end of the file follows there; if not, its
end_of_track event decides. Chunks that are not MTrk are skipped, and so is whatever stands between chunks.
All tracks are read, whatever number the header tells; `faults` counts what was not as it should be. Each byte
is looked at a few times at most, however the chunks lie.
"""

import struct
from collections import Counter
from typing import NamedTuple

from seqvae.errors import MidiError
from seqvae.midi.clean import parse_clean
from seqvae.midi.smf import NoRoomError, RawTrack, Room, parse_track
from seqvae.midi.text import LONGEST_TEXT
from seqvae.midi.wrappers import unwrap

NO_END = "tracks without an end mark"
CLIPPED = "data bytes above 127"
WRONG_COUNT = "tracks more or fewer than the header counts"
WRONG_LENGTH = "tracks of another length than they say"
WRONG_HEADER = "wrong lengths of the header"
GARBAGE = "stretches of other data between chunks"
SHORTENED = f"names and markers over {LONGEST_TEXT} bytes"

MOST_TRACKS = 65_535  # as many as a header can count

_HEADER = struct.Struct(">4sIHHH")
_TRACK = b"MTrk"
_AGAIN = "export or download the file again"


class RawFile(NamedTuple):
    """A whole file in its own resolution."""

    ticks_per_quarter: int
    tracks: list[RawTrack]
    faults: Counter[str]  # where the bytes break the standard, by kind


class _Header(NamedTuple):
    num_tracks: int
    ticks_per_quarter: int
    stop: int  # where the first chunk should begin
    lies: bool  # there is none where its length says


def parse_smf(data: bytes, name: str) -> RawFile:
    """Split the bytes of a type 0 or 1 file into events; MidiError, beginning with `name`, for all else."""
    data = unwrap(data)
    header = _parse_header(data, name)
    tracks: list[RawTrack] = []
    faults = Counter[str]()
    room = Room()
    faults[WRONG_HEADER] += header.lies
    position = _next_track(data, header.stop, faults)
    while position is not None:
        if len(tracks) == MOST_TRACKS:
            raise MidiError(f"{name}: more than {MOST_TRACKS} tracks; give a smaller file")
        place = f"{name}: track {len(tracks) + 1} of {max(header.num_tracks, len(tracks) + 1)}"
        track, position = _parse_chunk(_Chunk(data, position, room), place, faults)
        tracks.append(track)
        room = room.without(track)
        position = _next_track(data, position, faults)
    if header.num_tracks and not tracks:
        raise MidiError(
            f"{name}: track 1 of {header.num_tracks} is missing, the file ends too early; {_AGAIN}"
        )
    faults[WRONG_COUNT] = abs(header.num_tracks - len(tracks))
    return RawFile(header.ticks_per_quarter, tracks, faults + _faults_of(tracks))


def _parse_header(data: bytes, name: str) -> _Header:
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
    stop = 8 + size
    lies = not (_is_kind(data[stop : stop + 4]) or stop == len(data))
    return _Header(num_tracks, division, _HEADER.size if lies else stop, lies)


class _Chunk(NamedTuple):
    """An MTrk chunk at `position`, and how much of it may be kept."""

    data: bytes
    position: int
    room: Room

    @property
    def stop(self) -> int:
        """The position behind the chunk, says its length."""
        return self.position + 8 + int.from_bytes(self.data[self.position + 4 : self.position + 8], "big")

    def parse(self, stop: int) -> RawTrack:
        """Read the events up to a position."""
        whole = (self.data, self.position + 8, stop, self.room)
        return parse_clean(*whole) or parse_track(*whole)


def _parse_chunk(chunk: _Chunk, place: str, faults: Counter[str]) -> tuple[RawTrack, int]:
    """Return the track and the position behind it; MidiError, beginning with `place`, for nonsense."""
    stop, size = chunk.stop, len(chunk.data)
    try:
        if stop == size or _is_kind(chunk.data[stop : stop + 4]):
            whole = chunk.parse(stop)
            faults[WRONG_LENGTH] += whole.stop != stop  # an end mark before the end
            return whole, stop
        track = _parse_to_end_mark(chunk)
        if track:
            faults[WRONG_LENGTH] += track.stop != stop
            return track, track.stop
        if stop <= size:
            return chunk.parse(stop), stop
    except NoRoomError as error:
        raise MidiError(f"{place}: {error} by now; give a shorter piece") from error
    except IndexError as error:
        raise MidiError(f"{place} ends in the middle of an event; {_AGAIN}") from error
    except ValueError as error:
        raise MidiError(f"{place} is damaged: {error}; {_AGAIN}") from error
    raise MidiError(f"{place} is cut off {stop - size} bytes before its end; {_AGAIN}")


def _parse_to_end_mark(chunk: _Chunk) -> RawTrack | None:
    """Read a track up to its end mark; None where there is none before the next chunk of the kind."""
    following = chunk.data.find(_TRACK, chunk.position + 8)
    try:
        track = chunk.parse(len(chunk.data) if following < 0 else following)
    except NoRoomError:
        raise
    except (IndexError, ValueError):
        return None
    return track if track.has_end else None


def _next_track(data: bytes, position: int, faults: Counter[str]) -> int | None:
    """Return where the next MTrk chunk begins at or behind `position`; count what is no chunk before it.

    Zeros behind the last one are padding.
    """
    while position + 8 <= len(data):
        kind, size = struct.unpack_from(">4sI", data, position)
        stop = position + 8 + size
        if kind == _TRACK:
            return position
        if not _is_kind(kind) or stop > len(data):
            found = data.find(_TRACK, position, len(data) - 4)
            if found >= 0:
                faults[GARBAGE] += 1
                return found
            break
        position = stop
    faults[GARBAGE] += data.count(0, position) < len(data) - position
    return None


def _is_kind(kind: bytes) -> bool:
    """Tell whether these bytes may be the type of a chunk: four printable ASCII characters."""
    return len(kind) == 4 and all(0x20 <= byte < 0x7F for byte in kind)


def _faults_of(tracks: list[RawTrack]) -> Counter[str]:
    return Counter(
        {
            NO_END: sum(not track.has_end for track in tracks),
            CLIPPED: sum(track.num_clipped for track in tracks),
            SHORTENED: sum(len(meta.data) > LONGEST_TEXT for track in tracks for meta in track.metas),
        }
    )
