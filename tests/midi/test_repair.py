from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.midi.notes import Metre, Note, Tempo
from seqvae.midi.read import read_score
from seqvae.midi.repair import mend_notes, pair_notes
from tests.midi.building import END, MIDDLE_C, smf


def read_notes(*tracks: str, **header: int) -> list[tuple[Note, ...]]:
    """Read tracks given as hex, at the resolution of the file."""
    return [track.notes for track in read_score(smf(*tracks, **header), ticks_per_quarter=96).tracks]


def read_repairs(*tracks: str) -> dict[str, int]:
    """Read what had to be mended in tracks given as hex."""
    return dict(read_score(smf(*tracks)).repairs)


@pytest.mark.parametrize(
    ("track", "notes", "repairs"),
    [
        pytest.param(
            "00 90 3c 40  10 90 3c 41  10 80 3c 00  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 48, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="overlap",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 32, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="never-ended-before-another",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  00 80 3c 00  10 90 3c 42  00 80 3c 00  10 ff 2f 00",
            [(0, 16, 60, 64), (16, 32, 60, 65), (32, 48, 60, 66)],
            {"notes never ended": 1},
            id="on-before-off-and-the-last-off-missing",
        ),
        pytest.param(
            "00 80 3c 00  10 90 3c 40  10 80 3c 00  10 80 3c 00" + END,
            [(16, 32, 60, 64)],
            {"note-offs without a note": 2},
            id="stray-offs",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  00 80 3c 00  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 32, 60, 65)],
            {},
            id="on-before-off-in-one-tick",
        ),
        pytest.param(
            "00 90 3c 40  00 90 3c 41  10 80 3c 00  00 80 3c 00" + END,
            [(0, 16, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="twice-the-same",
        ),
        pytest.param(
            "00 90 3c 40  10 ff 2f 00", [(0, 16, 60, 64)], {"notes never ended": 1}, id="never-ended"
        ),
        pytest.param(
            "00 90 3e 40  10 80 3e 40  00 90 3c 40" + END,
            [(0, 16, 62, 64)],
            {"notes never ended": 1, "zero-length notes": 1},
            id="begins-at-the-end",
        ),
        pytest.param("00 90 3c 40  00 80 3c 00" + END, [], {"zero-length notes": 1}, id="zero-length"),
        pytest.param(
            "00 99 24 40  00 89 24 00" + END, [(0, 1, 36, 64)], {"zero-length notes": 1}, id="drum-hit"
        ),
        pytest.param("00 90 3c 40  10 90 3c 00" + END, [(0, 16, 60, 64)], {}, id="velocity-0-ends"),
        pytest.param(
            "00 80 3c 00  00 90 3c 40  10 3c 00" + END,
            [(0, 16, 60, 64)],
            {"note-offs without a note": 1},
            id="running-status",
        ),
        pytest.param(
            "00 90 3c 40  10 80 3c 40", [(0, 16, 60, 64)], {"tracks without an end mark": 1}, id="no-end"
        ),
        pytest.param(
            "00 90 3c 90  10 80 3c 00" + END, [(0, 16, 60, 127)], {"data bytes above 127": 1}, id="clipped"
        ),
        pytest.param(
            "00 ff 59 02 20 41  00 f0 02 01 f7  00 ff 08 01 41  00 b0 07 64  00 d0 01  00 e0 00 40  00 f8"
            "00 90 3c 40  10 80 3c 00" + END,
            [(0, 16, 60, 64)],
            {},
            id="bad-key-sysex-and-controllers",
        ),
        pytest.param(
            "10 ff 08 01 41  00 90 3c 40  10 80 3c 00" + END,
            [(16, 32, 60, 64)],
            {},
            id="time-before-unknown-meta",
        ),
        pytest.param(
            "00 90 3c 40  10 80 3c 00" + END + MIDDLE_C,
            [(0, 16, 60, 64)],
            {"tracks of another length than they say": 1},
            id="after-the-end",
        ),
    ],
)
def test_odd_notes_follow_the_rule_and_are_counted(track, notes, repairs):
    """The rules of repair.py, one by one."""
    assert [tuple(note) for part in read_notes(track) for note in part] == notes
    assert read_repairs(track) == repairs


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=12))
def test_each_end_stays_with_its_note(spans):
    """However notes of one pitch overlap, from files and from objects they are mended alike."""
    last = max(start + length for start, length in spans)
    starts = sorted({start for start, _ in spans})
    ends = sorted(start + length for start, length in dict(spans).items())  # a note for each start
    events = sorted([(tick, 1, 0x90, 60, 64) for tick in starts] + [(tick, 0, 0x80, 60, 0) for tick in ends])
    repairs, expected = Counter[str](), Counter[str]()

    notes = pair_notes(
        [(event[0], *event[2:]) for event in events], end_tick=last, is_drum=False, repairs=repairs
    )

    in_order = [Note(start, end, 60, 64) for start, end in zip(starts, ends, strict=True)]
    assert notes == mend_notes(in_order, is_drum=False, repairs=expected)
    assert +repairs == +expected


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=16))
def test_every_event_of_a_note_is_accounted_for(steps):
    """Ons and offs in any order: each on is a note, a repair or a double; no note overlaps the next."""
    events, tick = [], 0
    for rest, is_on in steps:
        tick += rest
        events.append((tick, 0x90 if is_on else 0x80, 60, 64))
    repairs = Counter[str]()

    notes = pair_notes(events, end_tick=tick + 1, is_drum=False, repairs=repairs)

    assert all(note.end <= following.start for note, following in pairwise(notes))
    assert min(repairs.values(), default=0) >= 0
    assert {note.start for note in notes} <= {tick for tick, status, *_ in events if status == 0x90}
    assert repairs["note-offs without a note"] <= sum(status == 0x80 for _, status, *_ in events)


def test_many_overlaps_are_all_counted():
    """Sixteen notes of one pitch, each almost three times as long as the way to the next."""
    events = [(240 * i, 0x90, 60, 80) for i in range(16)] + [(240 * i + 700, 0x80, 60, 0) for i in range(16)]
    repairs = Counter[str]()

    notes = pair_notes(sorted(events), end_tick=4300, is_drum=False, repairs=repairs)

    assert [note.end - note.start for note in notes] == [240] * 15 + [700]
    assert +repairs == {"overlapping notes of one pitch": 15}


def test_the_repairs_travel_between_processes():
    """A worker can hand a Score back: its counts are a plain dict."""
    assert type(read_score(smf(MIDDLE_C + END)).repairs) is dict


def test_impossible_tempi_and_metres_are_counted():
    """A tempo of 0, a tempo without a value, 0/4 and 4/128 leave the defaults."""
    track = "00 ff 51 03 00 00 00  00 ff 51 00  00 ff 58 04 00 02 18 08  00 ff 58 04 04 07 18 08" + END

    score = read_score(smf(track))

    assert (score.tempi, score.metres) == ((Tempo(0, 500_000),), (Metre(0, 4, 4),))
    assert score.repairs == {"impossible tempi": 2, "impossible metres": 2}
