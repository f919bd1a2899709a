"""A Score at another resolution, every tick scaled on its own so that nothing drifts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import gcd, lcm
from typing import TypeVar

import numpy as np

from seqvae.midi.notes import Metre, Note, Score, Tempo
from seqvae.midi.tables import notes_of, table_of

Change = TypeVar("Change", Tempo, Metre)

MERGED = "notes merged by a coarser resolution"
_LARGEST = np.iinfo(np.int64).max


def scale_tick(tick: int, *, source: int, target: int) -> int:
    """Return `tick` of `source` ticks per quarter in `target` ticks per quarter, rounded half up."""
    return (2 * tick * target + source) // (2 * source)


def num_rounded(notes: Iterable[Note], *, source: int, target: int) -> int:
    """Count the notes whose start or end, in ticks of `source`, falls between ticks of `target`."""
    return sum(note.start * target % source + note.end * target % source > 0 for note in notes)


def resample_score(score: Score, ticks_per_quarter: int) -> Score:
    """Return the score at `ticks_per_quarter`; each tick moves by at most half a new tick.

    A note keeps at least one tick. Of two notes of one pitch that then start together the later stays, and
    the merged ones are counted in `repairs`. Of tempi and metres that fall on one tick the later stays.
    """
    if ticks_per_quarter < 1:
        raise ValueError(f"ticks_per_quarter is {ticks_per_quarter}; it must be at least 1")
    if score.ticks_per_quarter == ticks_per_quarter:
        return score

    def scale(tick: int) -> int:
        return scale_tick(tick, source=score.ticks_per_quarter, target=ticks_per_quarter)

    tracks = tuple(
        replace(track, notes=_scale_notes(track.notes, score.ticks_per_quarter, ticks_per_quarter))
        for track in score.tracks
    )
    num_merged = sum(len(old.notes) - len(new.notes) for old, new in zip(score.tracks, tracks, strict=True))
    last_end = max((note.end for track in tracks for note in track.notes), default=0)
    return Score(
        tracks=tracks,
        tempi=_last_of_each_tick(tempo._replace(tick=scale(tempo.tick)) for tempo in score.tempi),
        metres=_last_of_each_tick(metre._replace(tick=scale(metre.tick)) for metre in score.metres),
        end_tick=max(scale(score.end_tick), last_end),
        ticks_per_quarter=ticks_per_quarter,
        markers=tuple((scale(tick), text) for tick, text in score.markers),
        repairs=dict(+(Counter(score.repairs) + Counter({MERGED: num_merged}))),
        ignored=score.ignored,
    )


def exact_score(score: Score, base: int) -> Score:
    """Return the score at the least multiple of `base` ticks per quarter at which every tick is whole."""
    changes = [change[0] for change in (*score.tempi, *score.metres)]
    times = [time for track in score.tracks for note in track.notes for time in note[:2]]
    markers = [tick for tick, _ in score.markers]
    common = gcd(score.ticks_per_quarter, score.end_tick, *changes, *times, *markers)
    return resample_score(score, lcm(base, score.ticks_per_quarter // common))


def at_one_resolution(scores: Sequence[Score]) -> tuple[Score, ...]:
    """Return scores at the least resolution that all of theirs divide, so that no tick moves."""
    common = lcm(*(score.ticks_per_quarter for score in scores))
    return tuple(resample_score(score, common) for score in scores)


def _scale_notes(notes: Sequence[Note], source: int, target: int) -> tuple[Note, ...]:
    """Scale and sort notes; each keeps a tick, and of those of a pitch that start together the last stays."""
    table = table_of(notes)
    if 2 * target * int(table[:, :2].max(initial=1)) + source > _LARGEST:
        table = table.astype(object)  # numbers of any size
    ticks = (2 * table[:, :2] * target + source) // (2 * source)
    table[:, 0] = ticks[:, 0]
    table[:, 1] = np.maximum(ticks[:, 1], ticks[:, 0] + 1)
    ordered = table[np.lexsort((table[:, 2], table[:, 0]))]
    is_last = np.append((np.diff(ordered[:, [0, 2]], axis=0) != 0).any(axis=1), True)[: len(table)]
    return notes_of(ordered[is_last])


def _last_of_each_tick(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple({change.tick: change for change in changes}.values())
