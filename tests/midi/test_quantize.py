import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.quantize import (
    Bar,
    SnapReport,
    bars_of,
    lay_bars,
    metre_of_steps,
    metres_of,
    quantize_track,
    steps_of_metre,
)

STEP = 120
ONE_BAR = (Bar(0, 16, Metre(0, 4, 4)),)
TWO_BARS = lay_bars(ONE_BAR * 2)


def score(*metres: tuple[int, int, int], end: int, notes: tuple[Note, ...] = ()) -> Score:
    """Return a score of one track at 480 ticks per quarter."""
    return Score((Track(notes),), metres=tuple(Metre(*metre) for metre in metres), end_tick=end)


def lengths(music: Score) -> list[int]:
    """Return the steps of every bar."""
    return [bar.num_steps for bar in bars_of(music)]


def snap(*notes: tuple[int, int, int], bars: tuple[Bar, ...] = ONE_BAR) -> tuple[list[list[int]], SnapReport]:
    """Return the kept `[onset, end, pitch]` and the report."""
    line, report = quantize_track([Note(*note, 80) for note in sorted(notes)], bars)
    columns = (column.tolist() for column in line[:3])
    return [list(row) for row in zip(*columns, strict=True)], report


@pytest.mark.parametrize(
    ("metre", "steps"),
    [
        ((4, 4), 16),
        ((2, 2), 16),
        ((3, 4), 12),
        ((6, 8), 12),
        ((2, 4), 8),
        ((7, 8), 14),
        ((9, 16), 9),
        ((5, 4), 20),
        ((3, 32), 0),
    ],
)
def test_bar_length_follows_the_metre(metre, steps):
    """A bar has the sixteenths of its metre, and 0 stands for a broken number of them."""
    assert steps_of_metre(Metre(0, *metre)) == steps


@given(st.integers(1, 16))
def test_plain_metre_has_the_length_asked_for(num_steps):
    """Every length up to 16 has a metre of that length."""
    assert steps_of_metre(metre_of_steps(num_steps)) == num_steps


@given(
    st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(1, 9), st.sampled_from([1, 2, 4, 8, 16, 32, 64])),
        max_size=6,
    ),
    st.integers(0, 20_000),
)
def test_bars_adjoin_and_reach_the_end(changes, end):
    """Whatever the metres, bars follow one another without a gap and the last one holds the end."""
    music = score((0, 4, 4), *sorted(changes), end=end)
    bars = bars_of(music)

    ticks = [bar.num_steps * STEP or bar.metre.numerator * 1920 // bar.metre.denominator for bar in bars]
    starts = [sum(ticks[:i]) for i in range(len(bars))]
    assert [bar.start_tick for bar in bars] == starts
    assert sum(ticks) >= end - STEP
    assert not bars or starts[-1] < end


@pytest.mark.parametrize(
    ("end", "num_bars"), [(0, 0), (1, 0), (121, 1), (1920, 1), (2040, 1), (2041, 2), (3840, 2)]
)
def test_sliver_of_silence_opens_no_bar(end, num_bars):
    """Silence of at most one step after a bar line is let go."""
    assert len(bars_of(score((0, 4, 4), end=end))) == num_bars


@pytest.mark.parametrize(
    ("note", "num_bars"),
    [((0, 60), 1), ((0, 2039), 1), ((0, 2040), 2), ((1920, 1950), 2)],
    ids=["short", "tail", "tail of a step", "onset"],
)
def test_notes_open_the_bars_they_need(note, num_bars):
    """A bar opens for an onset, or for a held note of at least a step."""
    assert len(bars_of(score((0, 4, 4), end=0, notes=(Note(*note, 60, 80),)))) == num_bars


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((1920, 3, 4), [16, 12, 12]),
        ((1921, 3, 4), [16, 12, 12]),
        ((1900, 3, 4), [16, 12, 12]),
        ((2900, 3, 4), [16, 8, 12]),
        ((2880, 4, 4), [16, 16, 16]),
        ((2880, 5, 4), [16, 8, 20]),
    ],
    ids=["on the line", "late", "early", "cuts", "repeat", "long"],
)
def test_metre_change_moves_to_a_step_and_cuts_the_bar(change, expected):
    """A metre change away from a bar line shortens the bar it falls in; a repeated metre does nothing."""
    assert lengths(score((0, 4, 4), change, end=4320)) == expected


def test_cut_bar_is_written_in_its_own_metre():
    """The metre map of cut bars leads to the same bar lines when it is read again."""
    bars = bars_of(score((0, 4, 4), (2640, 3, 4), end=4080))

    assert [bar.is_cut_short for bar in bars] == [False, True, False]
    assert metres_of(bars) == (Metre(0, 4, 4), Metre(1920, 3, 8), Metre(2640, 3, 4))
    assert lengths(Score((), metres=metres_of(bars), end_tick=4080)) == [16, 6, 12]


def test_endless_piece_is_refused():
    """A broken delta time ends in one line, not in a full memory."""
    with pytest.raises(MidiError, match="more than 20000 bars"):
        bars_of(score((0, 4, 4), end=1920 * 20_001))


def test_odd_resolution_is_refused():
    """Ticks that do not divide into sixteenths are named with the remedy."""
    with pytest.raises(MidiError, match="37 ticks per quarter are no multiple of 4; read the file at 480"):
        bars_of(Score((), ticks_per_quarter=37))


@given(st.integers(-59, 60), st.integers(-59, 60))
def test_loose_note_goes_to_its_nearest_steps(early, late):
    """An onset and an end each go to the nearest step, and only what is heard counts as moved."""
    rows, report = snap((4 * STEP - early, 8 * STEP - late, 60))

    assert rows == [[4, 8, 60]]
    assert report.num_moved == (abs(early) > 7.5)
    assert report.mean_move == pytest.approx(abs(early) / STEP if abs(early) > 7.5 else 0)
    assert report.largest_move == report.mean_move


def test_half_a_step_goes_up():
    """An onset between two steps goes to the later, an end likewise."""
    assert snap((60, 540, 60))[0] == [[1, 5, 60]]


def test_short_note_keeps_a_step():
    """A note shorter than half a step lasts one."""
    assert snap((0, 10, 60))[0] == [[0, 1, 60]]


def test_onset_before_the_last_bar_line_stays_inside():
    """An onset that rounding would carry over the end takes the last step."""
    assert snap((1910, 2000, 60))[0] == [[15, 16, 60]]


def test_chord_keeps_its_highest_note():
    """Notes that start together are a chord; a longer note below does not win."""
    rows, report = snap((0, 960, 60), (5, 480, 67), (10, 480, 64))

    assert rows == [[0, 4, 67]]
    assert (report.num_notes, report.num_kept, report.num_dropped, report.num_merged) == (3, 1, 2, 0)


def test_grace_note_gives_way_to_the_longer_note():
    """Of onsets on one step that do not start together the longest stays, even if lower."""
    rows, report = snap((0, 30, 72), (30, 480, 60))

    assert rows == [[0, 4, 60]]
    assert (report.num_dropped, report.num_merged, report.num_moved) == (0, 1, 1)


def test_triplet_of_sixteenths_keeps_the_later_of_equals():
    """Three equal notes in two steps become the first and the last but one."""
    rows, report = snap((0, 80, 60), (80, 160, 62), (160, 240, 64))

    assert rows == [[0, 1, 60], [1, 2, 64]]
    assert report.num_merged == 1


def test_triplet_of_eighths_keeps_three_notes():
    """Three equal notes in four steps take the steps 0, 1 and 3."""
    rows, report = snap((0, 160, 60), (160, 320, 62), (320, 480, 64))

    assert rows == [[0, 1, 60], [1, 3, 62], [3, 4, 64]]
    assert (report.num_moved, report.largest_move) == (2, pytest.approx(1 / 3))


def test_later_note_cuts_the_earlier():
    """A melody has one note at a time."""
    rows, report = snap((0, 960, 60), (480, 720, 55))

    assert rows == [[0, 4, 60], [4, 6, 55]]
    assert report.num_cut == 1


def test_only_notes_that_start_in_the_bars_count():
    """A note from before is not carried in, and one that goes on is cut at the end."""
    rows, report = snap((0, 2400, 60), (1930, 9000, 62), bars=TWO_BARS[1:])

    assert rows == [[0, 16, 62]]
    assert (report.num_notes, report.num_cut) == (1, 1)


def test_track_without_notes_is_silence():
    """No notes are no error."""
    assert snap() == ([], SnapReport())


def test_reports_add_up():
    """Counts and moves add; the largest move stays the largest."""
    total = SnapReport(num_moved=1, total_move=0.5, largest_move=0.5) + SnapReport(
        num_moved=1, total_move=0.25, largest_move=0.25
    )

    assert (total.num_moved, total.mean_move, total.largest_move) == (2, 0.375, 0.5)


@given(
    st.lists(
        st.tuples(st.integers(-200, 4000), st.integers(1, 900), st.integers(0, 127)).map(
            lambda note: (note[0], note[0] + note[1], note[2])
        ),
        max_size=40,
    )
)
def test_any_notes_become_one_line(notes):
    """One note sounds at a time, every note is accounted for, and a second snap changes nothing."""
    rows, report = snap(*notes, bars=TWO_BARS)
    again, second = snap(*((onset * STEP, end * STEP, pitch) for onset, end, pitch in rows), bars=TWO_BARS)

    edges = [edge for row in rows for edge in row[:2]]
    assert edges == sorted(edges)
    assert all(0 <= onset < end <= 32 for onset, end, _ in rows)
    assert report.num_notes == report.num_kept + report.num_dropped + report.num_merged
    assert again == rows
    assert second == SnapReport(num_notes=len(rows), num_kept=len(rows))
