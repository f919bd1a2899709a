"""Any MIDI, in a file, in bytes or in memory, to a Score; every broken file ends as a MidiError of one line.

This is the only way in: commands, corpora and the Python API read by it. What a file may cost is bounded by
the limits here and in smf.py, each checked before the memory is taken.

One Score track for each pair of MIDI track and channel that has notes, so that a type 0 file comes apart by
channel. Tempi, metres and markers are collected from all tracks. What becomes of notes that overlap, never
end or have no length, and of impossible tempi and metres, is stated in repair.py; Score.repairs counts
them. Score.ignored counts the events that a Score has no place for: pedals and other controllers, changes of
program inside a track, lyrics and more.

Corpora are read by the same reader. symusic 0.6 was tried for them and left: it cannot obey these rules (it
drops notes that never end, lets notes of one pitch overlap, splits a track at each program change
and hides where tracks end). The tests use it as an oracle.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

import numpy as np

from seqvae.errors import MidiError
from seqvae.midi.check import check_score
from seqvae.midi.chunks import (
    CLIPPED,
    GARBAGE,
    MOST_TRACKS,
    NO_END,
    WRONG_COUNT,
    WRONG_HEADER,
    WRONG_LENGTH,
    RawFile,
    parse_smf,
)
from seqvae.midi.clean import pair_clean
from seqvae.midi.counts import count_of
from seqvae.midi.notes import TICKS_PER_QUARTER, Score, Track
from seqvae.midi.programs import NO_PROGRAMS, Programs, programs_of
from seqvae.midi.repair import BAD_METRE, BAD_TEMPO, metre_map, pair_notes, tempo_map
from seqvae.midi.resample import resample_score
from seqvae.midi.smf import (
    MARKER,
    MOST_NOTES,
    PROGRAM_CHANGE,
    SET_TEMPO,
    TIME_SIGNATURE,
    TRACK_NAME,
    MetaEvent,
    RawTrack,
)
from seqvae.midi.text import decode_text

if TYPE_CHECKING:
    import pretty_midi

LARGEST_FILE = 20 * 2**20  # bytes
LONGEST_PIECE = 100_000  # quarter notes, fourteen hours at 120 a minute; beyond is a broken delta time
DRUM_CHANNEL = 9  # counted from 0; people say channel 10
ARRAYS_PAY = 16  # events of a channel; one by one fewer are faster, and a file may have a million channels
PROGRAM_CHANGES = "program changes inside a track"
BREACHES = (  # no part of the music is
    *(CLIPPED, NO_END, WRONG_COUNT, WRONG_LENGTH, WRONG_HEADER, GARBAGE),
    *(BAD_TEMPO, BAD_METRE),
)


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_score(
    source: "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score",
    *,
    ticks_per_quarter: int = TICKS_PER_QUARTER,
    strict: bool = False,
) -> Score:
    """Read music from a path, bytes, a binary file or a PrettyMIDI, or take a Score, at `ticks_per_quarter`.

    MidiError("NAME: reason; what to do") for whatever cannot be read, and with `strict` for a file whose
    bytes break the standard, which would else be mended and counted in `repairs`.
    """
    return resample_score(read_original(source, strict=strict), ticks_per_quarter)


def read_original(
    source: "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score", *, strict: bool = False
) -> Score:
    """Read music as `read_score` does, at its own resolution."""
    match source:
        case Score():
            return check_score(source)
        case bytes():
            return _score_from_bytes(source, "the MIDI bytes", strict=strict)
        case "":
            raise MidiError("an empty name is no file; give one .mid file")
        case str() | Path():
            return _score_from_bytes(read_bytes(Path(source)), str(source), strict=strict)
        case _Readable():
            return _score_from_bytes(
                _read_stream(source, "the MIDI stream"), "the MIDI stream", strict=strict
            )
        case _:
            from seqvae.midi.pretty import score_from_pretty_midi  # slow to import, and few need it

            score = score_from_pretty_midi(source)
            _check_length(score.end_tick, score.ticks_per_quarter, "the PrettyMIDI object")
            return score


def read_bytes(path: Path) -> bytes:
    """Return the content of a file, of a device or pipe one byte more than is read at most."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST_FILE:
                raise _too_large(str(path))
            content = file.read(size + 1)  # a buffer of the size that it takes
            if len(content) > size:  # a device or a pipe, which has no size and may never end
                content += file.read(LARGEST_FILE + 1 - len(content))
            return content
    except FileNotFoundError as error:
        raise MidiError(f"{path}: no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
            raise MidiError(f"{path}: a folder, not a file; give one .mid file") from error
        raise _unreadable(str(path), error) from error


def _read_stream(stream: _Readable, name: str) -> bytes:
    try:
        return stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: closed
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError | ValueError) -> MidiError:
    reason = error.strerror if isinstance(error, OSError) else error
    return MidiError(f"{name}: cannot be read ({reason}); check the file and its permissions")


def _too_large(name: str) -> MidiError:
    return MidiError(f"{name}: larger than {LARGEST_FILE // 2**20} MiB; give a smaller file")


def _score_from_bytes(data: bytes, name: str, *, strict: bool) -> Score:
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    raw = parse_smf(data, name)
    _check_length(max((track.end_tick for track in raw.tracks), default=0), raw.ticks_per_quarter, name)
    score = _score_from_raw(raw, name)
    breaches = [count_of(score.repairs[reason], reason) for reason in BREACHES if reason in score.repairs]
    if strict and breaches:
        raise MidiError(f"{name}: breaks the standard ({', '.join(breaches)}); without --strict it is mended")
    return score


def _check_length(end_tick: int, ticks_per_quarter: int, name: str) -> None:
    quarters = end_tick // ticks_per_quarter
    if quarters > LONGEST_PIECE:
        raise MidiError(
            f"{name}: lasts {quarters} quarter notes, over {LONGEST_PIECE}; cut out the long silence"
        )


def _score_from_raw(raw: RawFile, name: str) -> Score:
    repairs = raw.faults
    ignored = Counter[str]()
    for whole in raw.tracks:
        ignored.update(whole.ignored)
    metas = sorted((meta for track in raw.tracks for meta in track.metas), key=lambda meta: meta.tick)
    programs = programs_of([track.events for track in raw.tracks])
    tracks: list[Track] = []
    num_notes = 0
    parts = (_read_track(whole, programs, repairs, ignored) for whole in raw.tracks)
    for number, track in enumerate(chain.from_iterable(parts)):
        num_notes += len(track.notes)
        if num_notes > MOST_NOTES:  # a file of note-ons alone has twice as many as one that ends its notes
            raise MidiError(f"{name}: more than {MOST_NOTES} notes; give a shorter piece")
        if number == MOST_TRACKS:  # a track has a part for each of its channels
            raise MidiError(f"{name}: more than {MOST_TRACKS} tracks and channels; give fewer")
        if track.notes:
            tracks.append(track)
    ends = [track.end_tick for track in raw.tracks]
    ends += [max(map(itemgetter(1), track.notes)) for track in tracks]
    return Score(
        tracks=tuple(tracks),
        tempi=tempo_map([_tempo_change(meta) for meta in metas if meta.kind == SET_TEMPO], repairs),
        metres=metre_map([_metre_change(meta) for meta in metas if meta.kind == TIME_SIGNATURE], repairs),
        end_tick=max(ends, default=0),
        ticks_per_quarter=raw.ticks_per_quarter,
        markers=_markers(metas),
        repairs=dict(+repairs),  # the plus sign drops the zeros
        ignored=dict(+ignored),
    )


def _read_track(
    raw: RawTrack, programs: Mapping[int, Programs], repairs: Counter[str], ignored: Counter[str]
) -> Iterable[Track]:
    """Read the channels of a track, also those whose note-offs end nothing.

    `programs` are the changes in all tracks, by channel.
    """
    if not len(raw.events):
        return
    name = ""
    own_programs = programs_of([raw.events])
    sounding = raw.events[raw.events[:, 1] < PROGRAM_CHANGE]
    channels = sounding[:, 1] & 0x0F
    for channel in np.flatnonzero(np.bincount(channels)).tolist():
        is_drum = channel == DRUM_CHANNEL
        events = sounding[channels == channel]
        notes = pair_clean(events) if len(events) >= ARRAYS_PAY else None
        if notes is None:
            notes = pair_notes(events.tolist(), end_tick=raw.end_tick, is_drum=is_drum, repairs=repairs)
        if not notes:
            yield Track(())
            continue
        name = name or _name_of(raw)
        own, others = own_programs.get(channel, NO_PROGRAMS), programs.get(channel, NO_PROGRAMS)
        first, last = notes[0].start, notes[-1].start
        in_force = own.at(first)
        in_force = others.at(first) if in_force is None else in_force
        program = in_force or 0
        ignored[PROGRAM_CHANGES] += (own if len(own.ticks) else others).num_changes(first, last, program)
        yield Track(notes, name=name, program=program, is_drum=is_drum)


def _name_of(raw: RawTrack) -> str:
    names = (decode_text(meta.data) for meta in raw.metas if meta.kind == TRACK_NAME)
    return next(filter(None, names), "")


def _tempo_change(meta: MetaEvent) -> tuple[int, int]:
    return meta.tick, int.from_bytes(meta.data[:3], "big") if len(meta.data) >= 3 else 0


def _metre_change(meta: MetaEvent) -> tuple[int, int, int]:
    numerator, exponent = meta.data[:2] if len(meta.data) >= 2 else (0, 0)
    return meta.tick, numerator, 2**exponent


def _markers(metas: Sequence[MetaEvent]) -> tuple[tuple[int, str], ...]:
    texts = [(meta.tick, decode_text(meta.data)) for meta in metas if meta.kind == MARKER]
    return tuple((tick, text) for tick, text in texts if text)
