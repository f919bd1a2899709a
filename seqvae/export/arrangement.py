"""Clips one after the other as one piece, with a marker where each begins."""

from collections import Counter
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
    place: int = 0  # among tracks of a score that are alike in all that: its second "Piano" has 1


def arrange(scores: Sequence[Score], labels: Sequence[str]) -> Score:
    """Join scores of one resolution end to end; each instrument becomes one track."""
    voices: dict[Instrument, list[Note]] = {}
    tempi: list[Tempo] = []
    metres: list[Metre] = []
    markers: list[tuple[int, str]] = []
    start = 0
    for score, label in zip(scores, labels, strict=True):
        markers.append((start, label))
        tempi += [tempo._replace(tick=tempo.tick + start) for tempo in score.tempi]
        metres += [metre._replace(tick=metre.tick + start) for metre in score.metres]
        for instrument, track in instruments_of(score).items():
            notes = voices.setdefault(instrument, [])
            notes += [note._replace(start=note.start + start, end=note.end + start) for note in track.notes]
        start += score.end_tick
    tracks = (
        Track(tuple(notes), name, program, is_drum) for (name, program, is_drum, _), notes in voices.items()
    )
    return replace(
        scores[0],
        tracks=tuple(tracks),
        tempi=only_changes(tempi),
        metres=only_changes(metres),
        end_tick=start,
        markers=tuple(markers),
    )


def instruments_of(score: Score) -> dict[Instrument, Track]:
    """Return the instrument of each track, in their order."""
    found: dict[Instrument, Track] = {}
    seen = Counter[tuple[str, int, bool]]()
    for track in score.tracks:
        kind = track.name, track.program, track.is_drum
        found[Instrument(*kind, place=seen[kind])] = track
        seen[kind] += 1
    return found
