import numpy as np
import pytest

from seqvae.latent.bands.base import Written
from seqvae.latent.splice import with_own_notes
from seqvae.midi.check import check_score
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.quantize import bars_of
from seqvae.tokens.melody_report import DecodeReport

BAR = 1920


def written(*notes: tuple[int, int, int], bars: int = 3, scale: int = 1, is_drum: bool = False) -> Written:
    """Return bars of 4/4 with notes (start, end, pitch) on one track."""
    track = Track(tuple(Note(*note, 80) for note in notes), name="Line", is_drum=is_drum)
    score = Score((track,), end_tick=bars * BAR * scale, ticks_per_quarter=480 * scale)
    return Written(score, bars_of(Score((), end_tick=bars * BAR)), DecodeReport())


def splice(theirs: Written, ours: Written, *locked: int) -> tuple[list[tuple[int, int, int]], int]:
    """Lock bars, from 1, and return notes as (start, end, pitch), and how many were cut."""
    cells = np.zeros((3, 1), dtype=bool)
    cells[[bar - 1 for bar in locked]] = True
    score, voices, num_cut = with_own_notes(theirs, ours, cells)
    check_score(score)
    assert voices == (0,)
    return [note[:3] for note in score.tracks[0].notes], num_cut


def test_own_notes_stand_in_locked_bars_alone():
    """Chords stay chords; outside is what was written."""
    theirs = written((0, 960, 50), (BAR, 2400, 51), (2 * BAR, 2 * BAR + 480, 52))
    ours = written((0, 480, 60), (BAR, 2400, 61), (BAR, 2400, 65), (2 * BAR, 4000, 62))

    assert splice(theirs, ours, 2) == (
        [(0, 960, 50), (BAR, 2400, 61), (BAR, 2400, 65), (2 * BAR, 2 * BAR + 480, 52)],
        0,
    )


def test_early_note_belongs_to_the_bar_it_means():
    """Five ticks before the bar line is the first beat of the bar behind it."""
    ours = written((BAR - 5, 2400, 60), (2 * BAR - 5, 4000, 61))

    assert splice(written((BAR - 120, BAR, 60)), ours, 2) == (
        [(BAR - 120, BAR - 5, 60), (BAR - 5, 2400, 60)],
        0,
    )


def test_note_over_the_edge_ends_there():
    """What goes on beyond a locked bar is cut, unless the model lets it go on."""
    ours = written((BAR, 2 * BAR + 480, 60))

    assert splice(written(), ours, 2) == ([(BAR, 2 * BAR, 60)], 1)
    assert splice(written((BAR, 2 * BAR + 240, 60)), ours, 2) == ([(BAR, 2 * BAR + 240, 60)], 1)
    assert splice(written((BAR, 2 * BAR + 960, 60)), ours, 2) == ([(BAR, 2 * BAR + 960, 60)], 0)


def test_note_into_a_locked_bar_begins_there_anew():
    """And what was written before it ends there."""
    assert splice(written((0, 3000, 50)), written((480, 2400, 60)), 2) == ([(0, BAR, 50), (BAR, 2400, 60)], 2)


def test_legato_over_the_bar_line_is_no_note_of_the_next_bar():
    """A note that ends some ticks behind the bar line is not heard there."""
    assert splice(written(), written((480, BAR + 10, 60), (BAR, 2400, 62)), 2) == ([(BAR, 2400, 62)], 0)


def test_resolutions_meet_where_no_tick_moves():
    """Own notes at 960 ticks a quarter beside written ones at 480."""
    ours = written((2 * BAR + 1, 4801, 60), scale=2)

    assert splice(written((0, 480, 50)), ours, 2) == ([(0, 960, 50), (2 * BAR + 1, 4801, 60)], 0)


@pytest.mark.parametrize("locked", [(1,), (2, 3), (1, 3)])
def test_drums_are_never_cut(locked):
    """Hits belong to a bar by their onsets, and are as long as they were."""
    hits = [(bar * BAR - 10 * (bar > 0), bar * BAR + 2000, 36 + bar) for bar in range(3)]
    theirs = [(bar * BAR, bar * BAR + 60, 40) for bar in range(3)]
    found, num_cut = splice(written(*theirs, is_drum=True), written(*hits, is_drum=True), *locked)

    assert num_cut == 0
    assert found == [(hits if bar + 1 in locked else theirs)[bar] for bar in range(3)]
