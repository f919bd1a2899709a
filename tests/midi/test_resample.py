from hypothesis import given
from hypothesis import strategies as st

from seqvae.midi.notes import Note, Score, Tempo, Track
from seqvae.midi.resample import at_one_resolution, exact_score, resample_score
from tests.midi.building import scores


@given(scores(), st.sampled_from([1, 96, 480, 1000]))
def test_exact_score_moves_nothing(score, base):
    """Brought back to its own resolution a score is what it was."""
    exact = exact_score(score, base)

    assert exact.ticks_per_quarter % base == 0
    assert resample_score(exact, score.ticks_per_quarter) == score


@given(scores(), st.sampled_from([1, 2, 3, 7]))
def test_exact_score_does_not_depend_on_the_resolution_it_came_in(score, factor):
    """Finer ticks that nothing stands on are let go."""
    finer = resample_score(score, score.ticks_per_quarter * factor)

    assert exact_score(finer, 480) == exact_score(score, 480)


def test_scores_share_the_least_resolution_that_keeps_all():
    """A score of 960 and one of 100 ticks meet at 4800, those of 480 stay as they are."""
    fine, odd = (
        Score((Track((Note(0, n, 60, 80),)),), end_tick=4 * n, ticks_per_quarter=n) for n in (960, 100)
    )

    assert [score.tracks[0].notes[0].end for score in at_one_resolution([fine, odd])] == [4800, 4800]
    assert at_one_resolution([Score(()), Score((), tempi=(Tempo(0, 1),))]) == (
        Score(()),
        Score((), tempi=(Tempo(0, 1),)),
    )
