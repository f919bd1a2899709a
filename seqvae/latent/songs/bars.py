"""The bars that are taken of a song: 9-16, 9, 9- or all, counted from 1 as `info` counts them.

A note belongs to the bar of its nearest sixteenth step. One that is early for the first bar begins with it,
one of an earlier bar is left out however long it sounds, and all end with the last bar at the latest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from seqvae.errors import ConfigError
from seqvae.midi.counts import count_of
from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Note, Score, Tempo
from seqvae.midi.quantize import STEPS_PER_QUARTER, Bar, bars_of, metres_of
from seqvae.midi.repair import sort_notes

WHOLE = "all"
HOW_TO_WRITE = "write 9-16, 9, 9- for the rest, or all"
MOST_DIGITS = 6
HALF_STEP = TICKS_PER_QUARTER // STEPS_PER_QUARTER // 2


@dataclass(frozen=True, slots=True)
class BarsTaken:
    """Which bars of a song were taken, and what that cost each of its tracks."""

    first: int  # from 1
    last: int
    num_bars: int  # of the whole song
    begun_before: tuple[int, ...] = ()  # of each track the notes that sound on from an earlier bar
    cut: tuple[int, ...] = ()  # of each track the notes that sounded on past the last bar
    early: tuple[int, ...] = ()  # of each track the notes that began just before the first bar

    @property
    def count(self) -> int:
        """How many bars were taken."""
        return self.last - self.first + 1

    @property
    def is_whole(self) -> bool:
        """Whether no bar was left out."""
        return (self.first, self.last) == (1, self.num_bars)

    def of_tracks(self, tracks: Sequence[int]) -> "BarsTaken":
        """Return the same for some of the tracks."""
        of_all = (self.begun_before, self.cut, self.early)
        losses = ((counts[track] for track in tracks) for counts in of_all)
        before, cut, early = (() if self.is_whole else tuple(counts) for counts in losses)
        return replace(self, begun_before=before, cut=cut, early=early)

    def lines(self) -> list[str]:
        """Say it in plain words, nothing of a whole song."""
        if self.is_whole:
            return []
        before, cut, early = sum(self.begun_before), sum(self.cut), sum(self.early)
        span = f"bar {self.first}" if self.count == 1 else f"bars {self.first} to {self.last}"
        facts = [
            (before, f"{count_of(before, 'notes')} from before left out"),
            (early, f"{count_of(early, 'notes')} early for the first of them begun with it"),
            (cut, f"{count_of(cut, 'notes')} ended with the last of them"),
        ]
        return [", ".join([f"{span} of {self.num_bars} taken", *(words for count, words in facts if count)])]

    def as_dict(self) -> dict[str, int]:
        """Return every number under its name."""
        span = {"first": self.first, "last": self.last, "num_bars": self.num_bars}
        lost = {"notes_begun_before": sum(self.begun_before), "notes_cut": sum(self.cut)}
        return span | lost | {"notes_early": sum(self.early)}


class Piece(NamedTuple):
    """Some bars of a song, at two resolutions."""

    score: Score  # at 480 ticks per quarter
    exact: Score  # at a multiple of it
    taken: BarsTaken


def check_range(text: str) -> None:
    """Raise ConfigError for what is no range of bars."""
    _read_range(text)


def take_bars(score: Score, exact: Score, wish: str = WHOLE) -> Piece:
    """Cut these bars out of a song; ConfigError where they are not there.

    Every track stays, so that numbers of tracks mean what they meant.
    """
    first, last = _read_range(wish)
    bars = bars_of(score)
    last = len(bars) if last is None else last
    if wish == WHOLE:
        return Piece(score, exact, BarsTaken(1, len(bars), len(bars)))
    if not first <= last <= len(bars):
        raise ConfigError(f"bars {wish} are not there; it has {count_of(len(bars), 'bars')}")
    span = _Span(bars[first - 1].start_tick, _end_tick(bars, last), is_last=last == len(bars))
    metres = metres_of(bars[first - 1 : last])
    lost = [span.losses(track.notes) for track in score.tracks]
    losses = [tuple(counts) for counts in zip(*lost, strict=True)] or [(), (), ()]
    taken = BarsTaken(first, last, len(bars), *losses)
    return Piece(_cut(score, span, metres), _cut(exact, span, metres), taken)


class _Span(NamedTuple):
    """The ticks between two bar lines, at 480 per quarter."""

    start: int
    end: int
    is_last: bool  # nothing comes after it

    def scaled(self, scale: int) -> "_Span":
        return _Span(self.start * scale, self.end * scale, self.is_last)

    def holds(self, note: Note, half_step: int = HALF_STEP) -> bool:
        """Tell whether a note begins here."""
        begins = self.start - half_step <= note.start and note.end > self.start
        return begins and (self.is_last or note.start < self.end - half_step)

    def losses(self, notes: Sequence[Note]) -> tuple[int, int, int]:
        """Count the notes that sound on into the span, those that sound on beyond it, and the early ones."""
        before = sum(note.start < self.start < note.end and not self.holds(note) for note in notes)
        inside = [note for note in notes if self.holds(note)]
        late, early = (note.end > self.end for note in inside), (note.start < self.start for note in inside)
        return before, sum(late), sum(early)


def _cut(whole: Score, span: _Span, metres: Sequence[Metre]) -> Score:
    scale = whole.ticks_per_quarter // TICKS_PER_QUARTER
    span = span.scaled(scale)
    start, end, _ = span
    tracks = []
    for track in whole.tracks:
        inside = [note for note in track.notes if span.holds(note, HALF_STEP * scale)]
        notes = (n._replace(start=max(n.start, start) - start, end=min(n.end, end) - start) for n in inside)
        tracks.append(replace(track, notes=sort_notes(notes)))
    before = [tempo for tempo in whole.tempi if tempo.tick <= start][-1:]
    tempi = [*before, *(tempo for tempo in whole.tempi if start < tempo.tick < end)]
    return replace(
        whole,
        tracks=tuple(tracks),
        tempi=tuple(Tempo(max(0, tick - start), speed) for tick, speed in tempi),
        metres=tuple(Metre(tick * scale - start, *metre) for tick, *metre in metres),
        end_tick=end - start,
        markers=tuple((tick - start, text) for tick, text in whole.markers if start <= tick < end),
    )


def _end_tick(bars: Sequence[Bar], number: int) -> int:
    """Return the tick of the bar line after a bar counted from 1."""
    if number < len(bars):
        return bars[number].start_tick
    last = bars[-1]
    full = 4 * TICKS_PER_QUARTER * last.metre.numerator // last.metre.denominator
    return last.start_tick + (last.num_steps * 2 * HALF_STEP or full)


def _read_range(text: str) -> tuple[int, int | None]:
    """Return first and last bar, None for the end of the song."""
    if text == WHOLE:
        return 1, None
    found = re.fullmatch(rf"(\d{{1,{MOST_DIGITS}}})(-)?(\d{{1,{MOST_DIGITS}}})?", text, flags=re.ASCII)
    if not found or (found[3] and not found[2]):
        raise ConfigError(f"{text!r} are no bars; {HOW_TO_WRITE}")
    first, last = int(found[1]), int(found[3]) if found[3] else None if found[2] else int(found[1])
    if first < 1 or (last is not None and last < first):
        raise ConfigError(f"bars {text} are none; count from 1, the first before the last")
    return first, last
