"""Which track of a score is its melody: the one asked for, or the one that scores highest by a stated rule.

Drum tracks and tracks without notes do not take part. A track scores
    +2 if its name has a melody word, -2 if it has a word for accompaniment or the program is a bass,
    +3 * the share of its sounding time with one note only,
    +1 if its mean pitch is in 55..84, less 2 for every octave outside,
    +2 * the share of the piece's bars in which one of its notes begins;
among equals the first wins.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import TokenError
from seqvae.midi.notes import Score, Track
from seqvae.midi.quantize import bars_of
from seqvae.midi.tables import table_of
from seqvae.tokens.track_words import listing, matching_tracks, quoted

MELODY_WORDS = re.compile(r"\b(melod|vocal|voice|vox|singer|singing|song|lead|tune|theme|flute|soprano|solo)")
BACKING_WORDS = re.compile(r"\b(bass(?!oon)|drum|perc|chord|pad|accomp|harmony|rhythm|left hand)")
BASS_PROGRAMS = range(32, 40)
LOWEST_MEAN, HIGHEST_MEAN = 55, 84  # G below middle C to the C three octaves above it


class TrackChoice(NamedTuple):
    """A track by its place in `score.tracks`, and in words why it was chosen."""

    track_index: int  # from 0
    reason: str


class Traits(NamedTuple):
    """What is heard of a track, and what its name says."""

    name: float
    polyphony: float  # share of the sounding time with more than one note
    mean_pitch: float
    coverage: float  # share of the bars in which a note begins

    @property
    def score(self) -> float:
        """Return the points by the rule above."""
        outside = max(LOWEST_MEAN - self.mean_pitch, self.mean_pitch - HIGHEST_MEAN, 0)
        return self.name + 3 * (1 - self.polyphony) + 1 - outside / 6 + 2 * self.coverage


def choose_track(score: Score, track: int | str | None = None) -> TrackChoice:
    """Choose the melody track: a number from 1, a part of a name in any case, or None for the rule."""
    playable = [i for i, t in enumerate(score.tracks) if t.notes and not t.is_drum]
    if not playable:
        what = "only drums" if any(t.notes for t in score.tracks) else "no notes"
        raise TokenError(f"no melody to encode: the piece has {what}")
    if track is None:
        return best_track(score, playable)
    matches = matching_tracks(score, track)
    usable = [i for i in matches if i in playable]
    if not usable:
        raise TokenError(
            f"track {track!r} {_why_not(score, matches)}; choose from {listing(score, playable)}"
        )
    return best_track(score, usable, "asked for, ")


def _why_not(score: Score, matches: list[int]) -> str:
    there = [score.tracks[i] for i in matches if 0 <= i < len(score.tracks)]
    if not there:
        return "does not exist"
    return "is drums" if any(t.is_drum for t in there) else "has no notes"


def best_track(score: Score, indices: Sequence[int], prefix: str = "") -> TrackChoice:
    """Choose among the tracks at `indices` the one with the highest score; `prefix` opens the reason."""
    if len(indices) == 1:
        is_alone = len([track for track in score.tracks if track.notes and not track.is_drum]) == 1
        others = "" if prefix else "the only one with notes" if is_alone else "the only one left"
        return TrackChoice(indices[0], _sentence(score, indices[0], (prefix + others).removesuffix(", ")))
    bar_starts = np.array([bar.start_tick for bar in bars_of(score)])
    traits = {i: traits_of(score.tracks[i], bar_starts) for i in indices}
    best = max(indices, key=lambda i: traits[i].score)
    return TrackChoice(best, _sentence(score, best, prefix + _describe(traits[best])))


def _sentence(score: Score, index: int, why: str) -> str:
    return f"track {index + 1} of {len(score.tracks)}, {quoted(score.tracks[index])}: {why}"


def _describe(traits: Traits) -> str:
    words = ["its name says melody"] if traits.name > 0 else []
    words += [
        f"{1 - traits.polyphony:.0%} of its time one note at once",
        f"mean pitch {traits.mean_pitch:.0f}",
    ]
    return ", ".join([*words, f"notes in {traits.coverage:.0%} of the bars"])


def traits_of(track: Track, bar_starts: NDArray[np.int64]) -> Traits:
    """Measure a track with notes against the bars that begin at `bar_starts`, `(bars,)`."""
    table = table_of(track.notes)
    starts, ends = table[:, 0], table[:, 1]
    times = np.concatenate([starts, ends])
    order = np.argsort(times, kind="stable")
    sounding = np.cumsum(np.repeat([1, -1], len(table))[order])[:-1]
    spans = np.diff(times[order])
    bars = np.unique(np.searchsorted(bar_starts, starts, side="right"))
    return Traits(
        name=_name_points(track),
        polyphony=float(spans[sounding > 1].sum() / max(1, spans[sounding > 0].sum())),
        mean_pitch=float(table[:, 2].mean()),
        coverage=len(bars) / len(bar_starts),
    )


def _name_points(track: Track) -> float:
    name = re.sub(r"[\d_]+", " ", track.name.casefold())
    is_backing = bool(BACKING_WORDS.search(name)) or track.program in BASS_PROGRAMS
    return 2.0 * bool(MELODY_WORDS.search(name)) - 2.0 * is_backing
