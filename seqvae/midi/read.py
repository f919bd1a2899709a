"""Any MIDI, in a file, in bytes or in memory, to a Score; every broken file ends as a MidiError of one line.

One Score track for each pair of MIDI track and channel that has notes, so that a type 0 file comes apart by
channel. Tempi, metres and markers are collected from all tracks. What becomes of notes that overlap, never
end or have no length, and of impossible tempi and metres, is stated in repair.py; Score.repairs counts
them.

Corpora are read by the same reader. symusic 0.6 was tried for them and left: it cannot obey these rules (it
drops notes that never end, pairs overlapping ones first in first out, splits a track at each program change
and hides where tracks end). The tests use it as an oracle.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from seqvae.errors import MidiError
from seqvae.midi.check import check_score
from seqvae.midi.notes import TICKS_PER_QUARTER, Score, Track
from seqvae.midi.repair import metre_map, pair_notes, tempo_map
from seqvae.midi.resample import resample_score
from seqvae.midi.smf import (
    MARKER,
    PROGRAM_CHANGE,
    SET_TEMPO,
    TIME_SIGNATURE,
    TRACK_NAME,
    ChannelEvent,
    MetaEvent,
    RawFile,
    RawTrack,
    parse_smf,
)
from seqvae.midi.text import decode_text

if TYPE_CHECKING:
    import pretty_midi

LARGEST_FILE = 20 * 2**20  # bytes
LONGEST_PIECE = 100_000  # quarter notes, fourteen hours at 120 a minute; beyond is a broken delta time
DRUM_CHANNEL = 9  # counted from 0; people say channel 10
NO_END = "tracks without an end mark"
CLIPPED = "data bytes above 127"


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_score(
    source: "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score",
    *,
    ticks_per_quarter: int = TICKS_PER_QUARTER,
) -> Score:
    """Read music from a path, bytes, a binary file or a PrettyMIDI, or take a Score, at `ticks_per_quarter`.

    MidiError("NAME: reason; what to do") for whatever cannot be read.
    """
    return resample_score(read_original(source), ticks_per_quarter)


def read_original(source: "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score") -> Score:
    """Read music as `read_score` does, at its own resolution."""
    match source:
        case Score():
            return check_score(source)
        case bytes():
            return _score_from_bytes(source, "the MIDI bytes")
        case str() | Path():
            return _score_from_bytes(_read_file(Path(source)), str(source))
        case _Readable():
            return _score_from_bytes(source.read(LARGEST_FILE + 1), "the MIDI stream")
        case _:
            from seqvae.midi.pretty import score_from_pretty_midi  # slow to import, and few need it

            return score_from_pretty_midi(source)


def _read_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise MidiError(f"{path}: a folder, not a file; give one .mid file")
        if path.stat().st_size > LARGEST_FILE:
            raise _too_large(str(path))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MidiError(f"{path}: no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise MidiError(f"{path}: cannot be read ({reason}); check the file and its permissions") from error


def _too_large(name: str) -> MidiError:
    return MidiError(f"{name}: larger than {LARGEST_FILE // 2**20} MiB; give a smaller file")


def _score_from_bytes(data: bytes, name: str) -> Score:
    if len(data) > LARGEST_FILE:
        raise _too_large(name)
    raw = parse_smf(data, name)
    score = _score_from_raw(raw)
    quarters = score.end_tick // raw.ticks_per_quarter
    if quarters > LONGEST_PIECE:
        raise MidiError(
            f"{name}: lasts {quarters} quarter notes, over {LONGEST_PIECE}; cut out the long silence"
        )
    return score


def _score_from_raw(raw: RawFile) -> Score:
    repairs = Counter[str]()
    metas = sorted((meta for track in raw.tracks for meta in track.metas), key=lambda meta: meta.tick)
    everywhere = sorted(event for track in raw.tracks for event in track.events if event[1] >= PROGRAM_CHANGE)
    tracks = tuple(
        _read_channel(track, channel, elsewhere=everywhere, repairs=repairs)
        for track in raw.tracks
        for channel in sorted({event[1] & 0x0F for event in track.events})
    )
    tracks = tuple(track for track in tracks if track.notes)
    repairs[NO_END] += sum(not track.has_end for track in raw.tracks)
    repairs[CLIPPED] += sum(track.num_clipped for track in raw.tracks)
    ends = [track.end_tick for track in raw.tracks] + [note.end for track in tracks for note in track.notes]
    return Score(
        tracks=tracks,
        tempi=tempo_map([_tempo_change(meta) for meta in metas if meta.kind == SET_TEMPO], repairs),
        metres=metre_map([_metre_change(meta) for meta in metas if meta.kind == TIME_SIGNATURE], repairs),
        end_tick=max(ends, default=0),
        ticks_per_quarter=raw.ticks_per_quarter,
        markers=_markers(metas),
        repairs=dict(+repairs),  # the plus sign drops the zeros
    )


def _read_channel(
    raw: RawTrack, channel: int, *, elsewhere: Sequence[ChannelEvent], repairs: Counter[str]
) -> Track:
    """Read one channel of one track; its program may have been set in a track `elsewhere`."""
    events = [event for event in raw.events if event[1] & 0x0F == channel]
    programs = [event for event in events if event[1] >= PROGRAM_CHANGE]
    sounding = [event for event in events if event[1] < PROGRAM_CHANGE]
    is_drum = channel == DRUM_CHANNEL
    notes = pair_notes(sounding, end_tick=raw.end_tick, is_drum=is_drum, repairs=repairs)
    if not notes:
        return Track(())
    others = [event for event in elsewhere if event[1] & 0x0F == channel]
    start = notes[0].start
    in_force = [event[2] for changes in (others, programs) for event in changes if event[0] <= start]
    names = (decode_text(meta.data) for meta in raw.metas if meta.kind == TRACK_NAME)
    return Track(
        notes=notes,
        name=next(filter(None, names), ""),
        program=in_force[-1] if in_force else 0,  # the track's own change comes last and wins
        is_drum=is_drum,
    )


def _tempo_change(meta: MetaEvent) -> tuple[int, int]:
    return meta.tick, int.from_bytes(meta.data[:3], "big") if len(meta.data) >= 3 else 0


def _metre_change(meta: MetaEvent) -> tuple[int, int, int]:
    numerator, exponent = meta.data[:2] if len(meta.data) >= 2 else (0, 0)
    return meta.tick, numerator, 2**exponent


def _markers(metas: Sequence[MetaEvent]) -> tuple[tuple[int, str], ...]:
    texts = [(meta.tick, decode_text(meta.data)) for meta in metas if meta.kind == MARKER]
    return tuple((tick, text) for tick, text in texts if text)
