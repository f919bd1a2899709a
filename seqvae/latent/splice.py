"""The user's own notes in the bars and voices that stay, whatever was written there.

A voice that stays throughout has the user's own tracks. In a locked run of bars stand the own notes whose
onsets belong to it, each to its nearest sixteenth, with chords and timing as they came; of what was written
stay the notes that begin outside. At the edges of a run a note ends, and one that sounds into it begins anew;
only where the model lets a note go on that goes on in the input too is it one note.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from math import inf, lcm
from typing import NamedTuple

from seqvae.latent.bands.base import Written
from seqvae.latent.locks import Cells, runs_of
from seqvae.midi.notes import TICKS_PER_QUARTER, Note, Score, Track
from seqvae.midi.quantize import Bar, ticks_per_step
from seqvae.midi.repair import sort_notes
from seqvae.midi.resample import resample_score

NOTHING = Track(())


class Run(NamedTuple):
    """Locked bars in a row."""

    start: int  # ticks of the first bar line
    end: int  # ticks of the last
    first_onset: float  # onsets from here on belong to the run
    last_onset: float  # and those from here on do not

    def begins(self, note: Note) -> bool:
        """Tell whether a note begins in the run."""
        return self.first_onset <= note.start < self.last_onset

    def hears(self, note: Note) -> bool:
        """Tell whether a note that began before sounds in the first sixteenth."""
        return note.start < self.first_onset and note.end - self.start > self.start - self.first_onset


class Spliced(NamedTuple):
    """Music with the user's own notes in their places."""

    score: Score
    voices: tuple[int, ...]  # of its tracks
    num_cut: int  # notes that end early or begin anew at the edge of a run


def with_own_notes(written: Written, own: Written, cells: Cells) -> Spliced:
    """Put own notes into what was written in bars of the same lengths, at the cells `(bars, voices)`."""
    resolution = lcm(written.score.ticks_per_quarter, own.score.ticks_per_quarter)
    score, mine = (resample_score(one.score, resolution) for one in (written, own))
    tracks: list[Track] = []
    voices: list[int] = []
    num_cut = 0
    for voice, is_locked in enumerate(cells.T):
        theirs = _of_voice(score, written, voice)
        ours = _of_voice(mine, own, voice)
        if is_locked.all():
            tracks += ours
        elif not is_locked.any():
            tracks += theirs
        else:
            runs = _runs(runs_of(is_locked), written.bars, resolution)
            for other, one in zip_longest(theirs, ours):
                notes, cut = _splice(other or NOTHING, one or NOTHING, runs)
                tracks.append(replace(other or one, notes=notes))
                num_cut += cut
        voices += [voice] * (len(tracks) - len(voices))
    return Spliced(replace(score, tracks=tuple(tracks)), tuple(voices), num_cut)


def _of_voice(score: Score, written: Written, voice: int) -> list[Track]:
    pairs = zip(score.tracks, written.voices, strict=True)
    return [track for track, its_voice in pairs if its_voice == voice]


def _runs(spans: Sequence[tuple[int, int]], bars: Sequence[Bar], resolution: int) -> list[Run]:
    """Place runs of bars in ticks; the first and the last bar of a piece have no neighbour to yield to."""
    scale, per_step = resolution // TICKS_PER_QUARTER, ticks_per_step(resolution)
    lines = [bar.start_tick * scale for bar in bars]
    lines.append(lines[-1] + bars[-1].num_steps * per_step)
    half = per_step // 2
    return [
        Run(
            lines[first],
            lines[end],
            lines[first] - half if first else -inf,
            lines[end] - half if end < len(bars) else inf,
        )
        for first, end in spans
    ]


def _splice(theirs: Track, ours: Track, runs: Sequence[Run]) -> tuple[tuple[Note, ...], int]:
    """Return the notes of one track, and how many were cut."""
    if theirs.is_drum or ours.is_drum:
        kept = [note for note in theirs.notes if not any(run.begins(note) for run in runs)]
        kept += [note for note in ours.notes if any(run.begins(note) for run in runs)]
        return _apart(kept), 0
    going_on = {(run, note.pitch): note.end for run in runs for note in theirs.notes if run.begins(note)}
    outside = [note for note in theirs.notes if not any(run.begins(note) for run in runs)]
    before = [_until_next(note, runs) for note in outside]
    pieces = [piece for run in runs for note in ours.notes for piece in _inside(note, run, going_on)]
    num_cut = sum(old != new for old, new in zip(outside, before, strict=True))
    return _apart([*before, *(piece.note for piece in pieces)]), num_cut + sum(p.is_cut for p in pieces)


class _Piece(NamedTuple):
    note: Note
    is_cut: bool


def _inside(note: Note, run: Run, going_on: dict[tuple[Run, int], int]) -> list[_Piece]:
    """Return what is heard of an own note within a run."""
    begins = run.begins(note)
    if not begins and not run.hears(note):
        return []
    start = note.start if begins else run.start
    if note.end <= run.end:
        return [_Piece(note._replace(start=start), is_cut=not begins)]
    end = max(run.end, going_on.get((run, note.pitch), 0))
    return [_Piece(note._replace(start=start, end=end), is_cut=not begins or end < note.end)]


def _until_next(note: Note, runs: Sequence[Run]) -> Note:
    """End a note where the next run begins."""
    return note._replace(end=min([note.end, *(run.start for run in runs if run.start > note.start)]))


def _apart(notes: Sequence[Note]) -> tuple[Note, ...]:
    """End each note where the next of its pitch begins; of two that begin together the last given stays."""
    ends: dict[int, int] = {}
    kept: list[Note] = []
    for note in reversed(sort_notes(notes)):
        end = min(note.end, ends.get(note.pitch, note.end))
        if end > note.start:
            kept.append(note._replace(end=end))
            ends[note.pitch] = note.start
    return tuple(kept[::-1])
