"""The hits of a score on their steps, and the score again with each hit at another velocity and time.

Bars of more than 16 sixteenths, or of no whole number of them, are left alone, and so are notes of no class.
Of several notes of one class on one step the loudest tells velocity and timing; the others (flams, two notes
of one class) go with it, so that they stay as far apart as they were. A hit never leaves its step: it stays
within half a step of it, where every reader of this package finds it again. Its end moves with its start, as
far as the next hit of its note and the end of the piece allow.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.notes import TICKS_PER_QUARTER, Note, Score
from seqvae.midi.quantize import bars_of
from seqvae.midi.resample import resample_score, scale_tick
from seqvae.tokens.bars import count_unfit_bars, steps_due
from seqvae.tokens.drum_decode import end_of
from seqvae.tokens.drum_hits import HALF_STEP
from seqvae.tokens.drum_map import UNMAPPED
from seqvae.tokens.drums import DrumClip, DrumTokenizer
from seqvae.tokens.melody_decode import TICKS_PER_STEP

Floats = NDArray[np.float64]


class Cell(NamedTuple):
    """A class on a step of a run of bars."""

    run: int
    row: int  # of the arrays of the run's clip
    drum: int  # the class


class Playing(NamedTuple):
    """How the hits of a run of bars are to be played; only the cells of its hits count."""

    velocities: Floats  # (bars * 16, 9)
    offsets: Floats  # (bars * 16, 9), 1/120 steps


@dataclass(frozen=True, eq=False)
class Grid:
    """What a score has on the grid."""

    score: Score
    clips: tuple[DrumClip, ...]  # one for each run of bars that fit, at 480 ticks per quarter
    reason: str  # which tracks, and why
    tracks: tuple[int, ...]  # their places among those of the score
    notes: Mapping[Cell, tuple[tuple[int, int], ...]]  # track and place in its notes
    num_left: Counter[int]  # notes of the drum tracks that belong to no hit, by number
    unfit_bars: Mapping[str, int]  # by metre


class Change(NamedTuple):
    """A score played otherwise, and how many of the hits changed."""

    score: Score
    num_moved: int
    num_velocities: int
    num_held: int  # hits that would have left their step


def read_grid(score: Score, tokenizer: DrumTokenizer, track: int | str | None = None) -> Grid:
    """Find the hits of the drum tracks; TokenError where there are no drums."""
    coarse = resample_score(score, TICKS_PER_QUARTER)
    choice = tokenizer.choose_track(coarse, track)
    clips = tuple(tokenizer.encode_spans(coarse, track=track))
    rows = [np.flatnonzero(steps_due(clip.bars)) for clip in clips]  # of each step
    starts = [clip.bars[0].start_tick - HALF_STEP for clip in clips]
    cells: defaultdict[Cell, list[tuple[int, int]]] = defaultdict(list)
    num_left = Counter[int]()
    for index in choice.track_indices:
        for place, note in enumerate(score.tracks[index].notes):
            tick = scale_tick(note.start, source=score.ticks_per_quarter, target=TICKS_PER_QUARTER)
            run, drum = bisect_right(starts, tick) - 1, int(tokenizer.drum_map.class_of_note[note.pitch])
            if drum == UNMAPPED or run < 0 or tick >= end_of(clips[run].bars):
                num_left[note.pitch] += 1
                continue
            step = min((tick - starts[run]) // TICKS_PER_STEP, len(rows[run]) - 1)
            cells[Cell(run, int(rows[run][step]), drum)].append((index, place))
    notes = {cell: tuple(found) for cell, found in cells.items()}
    return Grid(
        score,
        clips,
        choice.reason,
        tuple(choice.track_indices),
        notes,
        num_left,
        count_unfit_bars(bars_of(coarse)),
    )


def perform(grid: Grid, playing: Sequence[Playing], amount: float) -> Change:
    """Bring each hit `amount` of the way from how it was played to `playing`, which has one for each clip."""
    score = grid.score
    new = [list(track.notes) for track in score.tracks]
    counts = Counter[str]()
    for cell, places in grid.notes.items():
        clip, wished = grid.clips[cell.run], playing[cell.run]
        here = cell.row, cell.drum
        louder = round(amount * (float(wished.velocities[here]) - int(clip.velocities[here])))
        later = amount * (float(wished.offsets[here]) - int(clip.offsets[here]))  # ticks at 480
        ticks = round(later * score.ticks_per_quarter / TICKS_PER_QUARTER)
        starts = [score.tracks[index].notes[place].start for index, place in places]
        move = _held(ticks, starts, _ticks_of_step(grid, cell))
        counts.update(moved=move != 0, velocities=louder != 0, held=move != ticks)
        for index, place in places:
            note = new[index][place]
            velocity = min(max(note.velocity + louder, 1), 127) if louder else note.velocity
            new[index][place] = Note(note.start + move, note.end + move, note.pitch, velocity)
    drummed = {index for places in grid.notes.values() for index, _ in places}
    tracks = tuple(
        replace(track, notes=_apart(new[index], score.end_tick)) if index in drummed else track
        for index, track in enumerate(score.tracks)
    )
    return Change(replace(score, tracks=tracks), counts["moved"], counts["velocities"], counts["held"])


def _held(move: int, starts: Sequence[int], limits: tuple[int, int]) -> int:
    """Return the move that keeps all of these starts within limits, or where they were."""
    down, up = min(0, limits[0] - min(starts)), max(0, limits[1] - max(starts))
    return min(max(move, down), up)


def _ticks_of_step(grid: Grid, cell: Cell) -> tuple[int, int]:
    """Return the first and last tick of a score that belong to a step."""
    per_quarter = grid.score.ticks_per_quarter
    bar, step = divmod(cell.row, 16)
    centre = grid.clips[cell.run].bars[bar].start_tick + step * TICKS_PER_STEP  # at 480
    first, after = (
        -(-(2 * (centre + side) - 1) * per_quarter // (2 * TICKS_PER_QUARTER))
        for side in (-HALF_STEP, HALF_STEP)
    )  # the least tick that is rounded half up to these
    return max(first, 0), min(after, grid.score.end_tick) - 1


def _apart(notes: Sequence[Note], end_tick: int) -> tuple[Note, ...]:
    """Cut each note at the next of its pitch and at the end of the piece, and put all in order."""
    ends = {}
    of_pitch: defaultdict[int, list[int]] = defaultdict(list)
    for place in sorted(range(len(notes)), key=lambda place: notes[place].start):
        of_pitch[notes[place].pitch].append(place)
    for places in of_pitch.values():
        limits = [*(notes[following].start for following in places[1:]), end_tick]
        for place, limit in zip(places, limits, strict=True):
            ends[place] = max(min(notes[place].end, limit), notes[place].start + 1)
    moved = [note._replace(end=ends[place]) for place, note in enumerate(notes)]
    return tuple(sorted(moved, key=lambda note: (note.start, note.pitch)))
