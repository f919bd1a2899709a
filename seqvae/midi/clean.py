"""Clean tracks and channels by whole arrays: as smf.py and repair.py read them, and faster.

Those two go event by event and have a rule for whatever may come. Where no rule of theirs has anything to
say, the same comes out here: a law of the tests. Where one has, None is returned, and they decide.

A track is clean if it is of a usual size, its bytes are whole events to the last, none of them is longer
than 127 bytes or a message of the system other than exclusive, no data byte is above 127, and running status
follows no program change. A channel is clean if the events of each pitch are on, off, on, off, and each off
is later than its on.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.notes import Note
from seqvae.midi.smf import (
    END_OF_TRACK,
    KEPT_META,
    META,
    NOTE_ON,
    PROGRAM_CHANGE,
    Events,
    MetaEvent,
    RawTrack,
    Room,
    sum_ignored,
)
from seqvae.midi.tables import notes_of

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

SHORTEST, LONGEST = 256, 1 << 20  # bytes of a track: for fewer arrays do not pay, for more they take memory
_PADDING = bytes(8)  # so that nobody looks behind the end
_SIZES = np.zeros(256, dtype=np.uint8)  # bytes of an event from its status on, by its first; 0: not clean
_SIZES[:0x80] = 2  # running status
_SIZES[0x80:0xF0] = 3
_SIZES[0xC0:0xE0] = 2
_SIZES[[0xF0, 0xF7]] = 2  # and what their length says
_SIZES[META] = 3  # likewise


def parse_clean(data: bytes, start: int, stop: int, room: Room) -> RawTrack | None:
    """Read the events in `data[start:stop]` as `parse_track` does, or return None."""
    if not SHORTEST <= stop - start <= LONGEST:
        return None
    content = np.frombuffer(data[start:stop] + _PADDING, dtype=np.uint8)
    found = _find_events(content, stop - start)
    if found is None:
        return None
    ticks, places = found
    is_system = content[places] >= 0xF0
    skipped = Counter[tuple[int, int]]()
    metas = _read_system(content, ticks[is_system], places[is_system], skipped)
    events = _read_channels(content, ticks[~is_system], places[~is_system], skipped)
    if metas is None or events is None or len(metas) > room.num_metas or len(events) > room.num_events:
        return None
    ends = (content[places] == META) & (content[places + 1] == END_OF_TRACK)
    if ends[:-1].any():
        return None
    return RawTrack(events, metas, int(ticks[-1]), bool(ends[-1]), 0, stop, sum_ignored(skipped))


def _find_events(content: Bytes, size: int) -> tuple[Places, Places] | None:
    """Return the tick of each event and the place behind its delta time, `(events,)` each."""
    high = content >> 7
    second = high[:-1] & high[1:]
    third = second[:-1] & high[2:]
    widths = 1 + high[:-2] + second[:-1] + third  # of the delta time, if one begins here
    sizes = _SIZES[content]
    long = np.flatnonzero(content[:-2] >= 0xF0)
    lengths = content[long + 1 + (content[long] == META)]
    sizes[long] += np.minimum(lengths, 0x7F)  # longer events are refused later; a step of 0 would never end
    steps = (widths[:size] + sizes[np.arange(size) + widths[:size]]).tobytes()  # 1 at least
    starts, place = [], 0
    while place < size:
        starts.append(place)
        place += steps[place]
    first = np.fromiter(starts, np.int64, len(starts))
    places = first + widths[first]
    is_clean = place == size and not high[places - 1].any() and _SIZES[content[places]].all()
    return (np.cumsum(_delta_times(content, first, places)), places) if is_clean else None


def _delta_times(content: Bytes, first: Places, places: Places) -> Places:
    """Read numbers of seven bits a byte in `content[first:places]`."""
    values = content[first].astype(np.int64) & 0x7F
    widths = places - first
    for width in range(1, int(widths.max())):
        longer = np.flatnonzero(widths > width)
        values[longer] = values[longer] << 7 | content[first[longer] + width] & 0x7F
    return values


def _read_system(
    content: Bytes, ticks: Places, places: Places, skipped: Counter[tuple[int, int]]
) -> list[MetaEvent] | None:
    """Return the meta events that are kept, and count all events by kind."""
    metas = []
    for tick, place in zip(ticks.tolist(), places.tolist(), strict=True):
        status, kind, size = content[place : place + 3].tolist()
        if status != META:
            kind, size = -1, kind
        if size > 0x7F:
            return None
        if kind in KEPT_META:
            metas.append(MetaEvent(tick, kind, content[place + 3 : place + 3 + size].tobytes()))
        skipped[status, kind] += 1
    return metas


def _read_channels(
    content: Bytes, ticks: Places, places: Places, skipped: Counter[tuple[int, int]]
) -> Events | None:
    """Return the events that are kept, and count the others by kind."""
    first = content[places]
    is_status = first > 0x7F
    if len(first) and not is_status[0]:
        return None
    statuses = first[np.maximum.accumulate(np.where(is_status, np.arange(len(first)), 0))]
    has_one = (statuses & 0xE0) == PROGRAM_CHANGE  # byte of data: changes of program and pressure
    ones = content[places + is_status]
    twos = content[places + is_status + ~has_one]
    if (has_one & ~is_status).any() or ((ones | twos) > 0x7F).any():
        return None
    kept = (statuses < 0xA0) | ((statuses & 0xF0) == PROGRAM_CHANGE)
    skipped.update(zip((statuses[~kept] & 0xF0).tolist(), ones[~kept].tolist(), strict=True))
    events = np.empty((len(ticks), 4), dtype=np.int64)
    for number, column in enumerate((ticks, statuses, ones, twos)):
        events[:, number] = column
    return events if kept.all() else events[kept]


def pair_clean(events: Events) -> tuple[Note, ...] | None:
    """Join the note-ons and note-offs of one channel as `pair_notes` does, or return None."""
    if len(events) % 2:
        return None
    by_pitch = events[np.argsort(events[:, 2].astype(np.uint8), kind="stable")]
    is_on = (by_pitch[:, 1] >= NOTE_ON) & (by_pitch[:, 3] > 0)
    ons, offs = by_pitch[::2], by_pitch[1::2]
    in_turn = is_on[::2].all() and not is_on[1::2].any() and (ons[:, 2] == offs[:, 2]).all()
    if not (in_turn and (ons[:, 0] < offs[:, 0]).all()):
        return None
    notes = ons[:, [0, 0, 2, 3]]
    notes[:, 1] = offs[:, 0]
    return notes_of(notes[np.argsort(notes[:, 0], kind="stable")])
