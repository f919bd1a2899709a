"""A Score to a MIDI file that a DAW takes without a second thought, the same bytes every time.

The file is of type 1. A conductor track holds tempi, metres and markers; each Score track has a track of
its own with its name, its program and one channel. end_of_track stands at score.end_tick in every track.
Note-offs come before note-ons of the same tick. Drums take channel 10, the others channels 1 to 9 and 11 to
16 in order. Beyond fifteen tracks those of one program share a channel; beyond fifteen programs channels
are dealt out again.
"""

import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import mido

from seqvae.errors import MidiError, OutputError
from seqvae.midi.check import check_score
from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Score, Track
from seqvae.midi.resample import resample_score
from seqvae.midi.text import clean_text

if TYPE_CHECKING:
    import pretty_midi

DRUM_CHANNEL = 9  # counted from 0; people say channel 10
PITCHED_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
LOWEST_RESOLUTION, HIGHEST_RESOLUTION = 24, 30_720  # ticks per quarter
MOST_TRACKS = 32_766  # beside the conductor track; mido counts tracks in a signed number of two bytes
_LARGEST_DELTA = 0x0FFFFFFF  # four bytes of seven bits; a longer delta time is outside the standard


class _Event(NamedTuple):
    """A message at an absolute tick; events of one tick keep the order of `rank`."""

    tick: int
    rank: tuple[int, ...]
    message: mido.Message | mido.MetaMessage


def score_to_bytes(score: Score, *, ticks_per_quarter: int = TICKS_PER_QUARTER, record: str = "") -> bytes:
    """Return the score as a MIDI file of type 1 at `ticks_per_quarter`; `record` stands before all else.

    MidiError for a resolution outside 24..30720, too many tracks and too long a silence; ValueError for what
    no Score should hold: a note outside 0..end_tick or without length, overlapping notes of one pitch in a
    track, a tempo, metre or marker outside 0..end_tick, a value out of its range.
    """
    if not LOWEST_RESOLUTION <= ticks_per_quarter <= HIGHEST_RESOLUTION:
        raise MidiError(
            f"ticks_per_quarter is {ticks_per_quarter}; choose {LOWEST_RESOLUTION} to {HIGHEST_RESOLUTION}"
        )
    if len(score.tracks) > MOST_TRACKS:
        raise MidiError(
            f"{len(score.tracks)} tracks, more than the {MOST_TRACKS} that are written; leave some out"
        )
    score = resample_score(score, ticks_per_quarter)
    tracks = [_build_track(_conductor_events(score, record), score.end_tick)]
    for track, channel in zip(score.tracks, assign_channels(score.tracks), strict=True):
        _check_notes(track, score.end_tick)
        tracks.append(_build_track(_track_events(track, channel), score.end_tick))
    midi = mido.MidiFile(type=1, ticks_per_beat=ticks_per_quarter, charset="utf-8", tracks=tracks)
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


def write_score(
    score: Score,
    path: str | Path,
    *,
    ticks_per_quarter: int = TICKS_PER_QUARTER,
    record: str = "",
    force: bool = False,
) -> None:
    """Write the score to `path` in one go: the file is there complete or not at all.

    OutputError where it exists and `force` is False, or cannot be written; MidiError as `check_score`.
    """
    path = Path(path)
    data = score_to_bytes(check_score(score), ticks_per_quarter=ticks_per_quarter, record=record)
    if path.exists() and not force:
        raise OutputError(f"{path} exists; choose another name or overwrite it with --force")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({error.strerror}); check its folder") from error


def to_pretty_midi(score: Score) -> "pretty_midi.PrettyMIDI":
    """Return the score as a PrettyMIDI object, which has no place for markers nor for silence at the end."""
    import pretty_midi  # takes long to import, and few need it

    return pretty_midi.PrettyMIDI(io.BytesIO(score_to_bytes(score)), charset="utf-8")


def assign_channels(tracks: Sequence[Track]) -> list[int]:
    """Return one channel, 0..15, for each track, by the rule at the head of this module."""
    pitched = [index for index, track in enumerate(tracks) if not track.is_drum]
    if len(pitched) <= len(PITCHED_CHANNELS):
        seats = {index: seat for seat, index in enumerate(pitched)}
    else:
        programs = list(dict.fromkeys(tracks[index].program for index in pitched))
        seats = {index: programs.index(tracks[index].program) for index in pitched}
    return [
        DRUM_CHANNEL if track.is_drum else PITCHED_CHANNELS[seats[index] % len(PITCHED_CHANNELS)]
        for index, track in enumerate(tracks)
    ]


def _conductor_events(score: Score, record: str) -> Iterable[_Event]:
    if record:
        yield _Event(0, (-1,), mido.MetaMessage("text", text=record))
    for tempo in score.tempi:
        yield _Event(tempo.tick, (0,), mido.MetaMessage("set_tempo", tempo=tempo.microseconds_per_quarter))
    for metre in score.metres:
        yield _Event(metre.tick, (1,), _metre_message(metre))
    for index, (tick, text) in enumerate(score.markers):
        yield _Event(tick, (2, index), mido.MetaMessage("marker", text=clean_text(text)))


def _metre_message(metre: Metre) -> mido.MetaMessage:
    is_compound = metre.denominator >= 8 and metre.numerator > 3 and metre.numerator % 3 == 0
    clocks = 96 // metre.denominator * (3 if is_compound else 1)  # 6/8 clicks in dotted quarters
    return mido.MetaMessage(
        "time_signature",
        numerator=metre.numerator,
        denominator=metre.denominator,
        clocks_per_click=max(clocks, 1),
        notated_32nd_notes_per_beat=8,
    )


def _track_events(track: Track, channel: int) -> Iterable[_Event]:
    yield _Event(0, (0,), mido.MetaMessage("track_name", name=clean_text(track.name)))
    yield _Event(0, (1,), mido.Message("program_change", channel=channel, program=track.program))
    for start, end, pitch, velocity in track.notes:
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        yield _Event(end, (2, pitch), mido.Message("note_off", channel=channel, note=pitch, velocity=0))
        yield _Event(start, (3, pitch), on)


def _build_track(events: Iterable[_Event], end_tick: int) -> mido.MidiTrack:
    """Put the events in order, absolute ticks turned into delta times, and close the track at `end_tick`."""
    last = _Event(end_tick, (9,), mido.MetaMessage("end_of_track"))
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in [*sorted(events, key=lambda event: event[:2]), last]:
        if not 0 <= tick <= end_tick:
            raise ValueError(f"{message.type} at tick {tick} is outside the piece, 0..{end_tick}")
        if tick - now > _LARGEST_DELTA:
            raise MidiError(
                f"{tick - now} ticks without an event, more than the {_LARGEST_DELTA} that MIDI can write;"
                " choose fewer ticks per quarter"
            )
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def _check_notes(track: Track, end_tick: int) -> None:
    ends: dict[int, int] = {}
    for note in sorted(track.notes):
        if not 0 <= note.start < note.end <= end_tick:
            raise ValueError(f"{note} has no length or lies outside the piece, 0..{end_tick}")
        if note.velocity < 1:
            raise ValueError(f"{note} has velocity {note.velocity}, outside 1..127")
        if ends.get(note.pitch, 0) > note.start:
            raise ValueError(f"{note} begins before the last note of its pitch ends, at {ends[note.pitch]}")
        ends[note.pitch] = note.end
