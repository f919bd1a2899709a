"""Clips one after the other as one piece, with a marker where each begins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from seqvae.midi.changes import only_changes
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track


class Instrument(NamedTuple):
    """What makes notes belong to one track."""

    name: str
    program: int
    is_drum: bool


def arrange(scores: Sequence[Score], labels: Sequence[str]) -> Score:
    """Join scores of one resolution end to end; tracks of one name and program become one track."""
    voices: dict[Instrument, list[Note]] = {}
    tempi: list[Tempo] = []
    metres: list[Metre] = []
    markers: list[tuple[int, str]] = []
    start = 0
    for score, label in zip(scores, labels, strict=True):
        markers.append((start, label))
        tempi += [tempo._replace(tick=tempo.tick + start) for tempo in score.tempi]
        metres += [metre._replace(tick=metre.tick + start) for metre in score.metres]
        for track in score.tracks:
            notes = voices.setdefault(instrument_of(track), [])
            notes += [note._replace(start=note.start + start, end=note.end + start) for note in track.notes]
        start += score.end_tick
    tracks = (Track(tuple(notes), *instrument) for instrument, notes in voices.items())
    return replace(
        scores[0],
        tracks=tuple(tracks),
        tempi=only_changes(tempi),
        metres=only_changes(metres),
        end_tick=start,
        markers=tuple(markers),
    )


def instrument_of(track: Track) -> Instrument:
    """Return name, program and kind of a track."""
    return Instrument(track.name, track.program, track.is_drum)
