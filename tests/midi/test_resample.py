import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.midi.notes import Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.resample import at_one_resolution, exact_score, resample_score, scale_tick
from seqvae.midi.write import score_to_bytes
from tests.midi.building import scores

RESOLUTIONS = st.integers(24, 30720)


@given(st.integers(0, 10**7), RESOLUTIONS, RESOLUTIONS)
def test_a_tick_moves_by_at_most_half_a_new_tick(tick, source, target):
    """Between any two resolutions, in exact arithmetic."""
    assert 2 * abs(scale_tick(tick, source=source, target=target) * source - tick * target) <= source


@given(scores(), RESOLUTIONS)
def test_resampling_keeps_every_start_in_place(score, resolution):
    """Starts are scaled one by one, so that the last note has drifted no further than the first."""
    resampled = resample_score(score, resolution)

    for old, new in zip(score.tracks, resampled.tracks, strict=True):
        expected = {(scale_tick(note.start, source=480, target=resolution), note.pitch) for note in old.notes}
        assert {(note.start, note.pitch) for note in new.notes} == expected


@given(scores(), RESOLUTIONS)
def test_resampled_scores_can_be_written(score, resolution):
    """No resolution makes notes overlap, lose their length or leave the piece."""
    resampled = resample_score(score, resolution)

    assert read_score(score_to_bytes(resampled), ticks_per_quarter=480) == resample_score(resampled, 480)


@given(scores(), st.sampled_from([960, 1920, 30720]))
def test_a_finer_resolution_loses_nothing(score, resolution):
    """There and back is the same score at a multiple of 480."""
    assert read_score(read_score(score, ticks_per_quarter=resolution)) == score


@pytest.mark.parametrize("division", [24, 37, 89, 600, 15360, 30720])
def test_odd_resolutions_do_not_drift(division):
    """A thousand notes a quarter apart lie on the quarters, whatever the resolution of the file."""
    track = mido.MidiTrack()
    for _ in range(1000):
        track.append(mido.Message("note_on", note=60, time=0))
        track.append(mido.Message("note_off", note=60, time=division))
    buffer = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=division, tracks=[track]).save(file=buffer)

    notes = read_score(buffer.getvalue()).tracks[0].notes

    assert [note.start for note in notes] == [480 * index for index in range(1000)]


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


@given(scores(), st.sampled_from([1, 7, 96, 960, 10**15]))
def test_notes_are_scaled_one_by_one(score, target):
    """The plain rule, note by note, also where the numbers do not fit 64 bits."""
    for track, scaled in zip(score.tracks, resample_score(score, target).tracks, strict=True):
        moved = {}
        for note in track.notes:
            start, end = (scale_tick(tick, source=480, target=target) for tick in note[:2])
            moved[start, note.pitch] = Note(start, max(end, start + 1), note.pitch, note.velocity)
        assert scaled.notes == tuple(moved[place] for place in sorted(moved))


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
