"""Joins of overlapping windows: laws over any ids, and examples of each kind of step."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqvae.latent.songs.join import join_overlapping, join_two
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.melody_decode import FIRST_NOTE, HOLD, REST

MELODY, TRIO = MEANINGS["melody"], MEANINGS["trio"]
C, D, E, F = (FIRST_NOTE + pitch for pitch in (60, 62, 64, 65))
IDS = st.sampled_from([HOLD, HOLD, HOLD, REST, C, D])


class Sound(NamedTuple):
    """A note in a line of ids, in steps."""

    start: int
    end: int
    pitch: int


class Overlap(NamedTuple):
    """Two lines, the second beginning at a step of the first."""

    first: list[int]
    second: list[int]
    start: int

    @property
    def joined(self) -> list[int]:
        """Join them."""
        lines = (np.array(line)[:, None] for line in self[:2])
        return join_two(*lines, self.start, MELODY)[:, 0].tolist()


@st.composite
def overlaps(draw: st.DrawFn) -> Overlap:
    """Draw two lines of up to three bars that share a step or more, and end one after the other."""
    first = draw(st.lists(IDS, min_size=2, max_size=48))
    start = draw(st.integers(1, len(first) - 1))
    length = len(first) - start
    return Overlap(first, draw(st.lists(IDS, min_size=length + 1, max_size=length + 24)), start)


def sounds(line: list[int], start: int = 0) -> list[Sound]:
    """List the notes of a line, step by step; a hold of nothing is silence."""
    found: list[Sound] = []
    is_sounding = False
    for step, one in enumerate(line, start):
        if one >= FIRST_NOTE:
            found.append(Sound(step, step + 1, one))
        elif one == HOLD and is_sounding:
            found[-1] = found[-1]._replace(end=step + 1)
        is_sounding = one >= FIRST_NOTE or (one == HOLD and is_sounding)
    return found


def both(case: Overlap) -> tuple[list[Sound], list[Sound]]:
    """List the notes of both lines, the second in steps of the first."""
    return sounds(case.first), sounds(case.second, case.start)


@given(overlaps())
def test_every_note_is_begun_by_a_window(case):
    """No onset is made up, and none of the second line's is moved."""
    first, second = both(case)
    begun = {(note.start, note.pitch) for note in first + second}

    assert {(note.start, note.pitch) for note in sounds(case.joined)} <= begun


@given(overlaps())
@example(Overlap([C, HOLD, HOLD, REST], [D, HOLD, HOLD, HOLD], 1))
@example(Overlap([C, HOLD, HOLD, HOLD], [REST, REST, REST, C], 1))
@example(Overlap([C, HOLD], [REST, HOLD], 1))
@example(Overlap([C, REST, HOLD], [REST, HOLD, HOLD], 1))
def test_no_note_is_cut_that_the_ids_do_not_cut(case):
    """A note ends where a window ends it, or where the next note begins as in any melody."""
    first, second = both(case)
    notes = sounds(case.joined)
    ends = {(note.end, note.pitch) for note in first + second}
    held = next((i for i, one in enumerate(case.second) if one != HOLD), len(case.second))  # from before
    onsets = {note.start for note in notes}

    assert all(
        (note.end, note.pitch) in ends or note.end in onsets or note.end == case.start + held
        for note in notes
    )


@given(overlaps())
@example(Overlap([C, HOLD, HOLD, HOLD], [REST, C, HOLD, HOLD], 1))
def test_no_note_sounds_twice(case):
    """What sounds on in the first line is not begun again by the second, unless there it is a new note."""
    first, second = both(case)
    notes = sounds(case.joined)
    repeated = [b for a, b in pairwise(notes) if a.pitch == b.pitch and a.end == b.start]

    for note in repeated:
        sounds_on = any(n.start < note.start < n.end and n.pitch == note.pitch for n in first)
        before = any(n.end == note.start and n.pitch == note.pitch for n in second)
        assert not sounds_on or before or case.second[note.start - case.start - 1] == HOLD


@given(overlaps())
def test_both_ends_are_kept(case):
    """Before the overlap stands the first line, behind it the second."""
    length = len(case.first) - case.start

    assert case.joined[: case.start] == case.first[: case.start]
    assert case.joined[len(case.first) + 1 :] == case.second[length + 1 :]
    assert len(case.joined) == case.start + len(case.second)


@given(st.lists(IDS, min_size=48, max_size=48), st.integers(1, 4), st.data())
def test_windows_of_one_line_become_that_line(line, window_bars, data):
    """Cut and joined again nothing changes, however much is shared."""
    bars = np.array(line).reshape(3, 16)
    bars = np.concatenate([bars, bars[::-1], bars])
    starts = [0]
    while starts[-1] + window_bars < len(bars):
        hop = data.draw(st.integers(1, window_bars))
        starts.append(min(starts[-1] + hop, len(bars) - window_bars))
    windows = np.stack([bars[start : start + window_bars].reshape(-1, 1) for start in starts])

    assert join_overlapping(windows, starts, MELODY)[:, 0].tolist() == bars.reshape(-1).tolist()


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        pytest.param(
            [C, HOLD, HOLD, HOLD], [C, HOLD, REST, REST], [C, HOLD, HOLD, REST, REST], id="one note"
        ),
        pytest.param(
            [C, HOLD, HOLD, HOLD], [HOLD, HOLD, HOLD, D], [C, HOLD, HOLD, HOLD, D], id="from before"
        ),
        pytest.param([C, HOLD, HOLD, HOLD], [REST, E, HOLD, HOLD], [C, HOLD, E, HOLD, HOLD], id="yielding"),
        pytest.param([C, HOLD, HOLD, HOLD], [E, C, HOLD, HOLD], [C, HOLD, HOLD, HOLD, HOLD], id="goes on"),
        pytest.param([C, D, C, D], [E, F, E, F], [C, E, F, E, F], id="nothing held"),
    ],
)
def test_examples(first, second, joined):
    """Four steps each, three of them shared."""
    assert Overlap(first, second, 1).joined == joined


def test_voices_turn_together_at_the_bar_line_in_the_middle():
    """Two bars shared, nothing held over: melody, bass and drums all change to the second after the first."""
    first = np.full((48, 3), REST)
    second = np.full((48, 3), REST)
    first[::4], second[::4] = C, D

    joined = join_two(first, second, 16, TRIO)
    assert (joined[:32] == first[:32]).all()
    assert (joined[32:] == second[16:]).all()


def test_a_voice_that_holds_turns_by_itself():
    """A bass that can only change where the melody cannot does so alone; the others meet at the bar line."""
    first, second = np.full((48, 3), REST), np.full((48, 3), REST)
    first[:, 2], second[:, 2] = C, D  # of drums, sets of classes
    first[22:27, 0] = [C, *[HOLD] * 4]
    first[12:47, 1], second[8:, 1] = [C, *[HOLD] * 34], [D, *[HOLD] * 39]

    melody, bass, drums = join_two(first, second, 16, TRIO).T.tolist()
    assert drums == [C] * 32 + [D] * 32
    assert melody == first[:32, 0].tolist() + [REST] * 32
    assert bass == first[:24, 1].tolist() + second[8:, 1].tolist()
