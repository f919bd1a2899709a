import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqvae.expression.grid import Playing, perform, read_grid
from seqvae.expression.humanize import fine_enough, play_stiffly
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.read import read_score
from seqvae.midi.resample import resample_score
from seqvae.midi.write import score_to_bytes
from seqvae.tokens.drums import DrumTokenizer
from tests.tokens.drum_making import STEP, grooves

TOKENIZER = DrumTokenizer()
FLUTE = Track((Note(0, 90, 60, 50), Note(100, 700, 62, 60)), "Flute", 73)


def score_of(*notes: Note, end_tick: int = 1920, **fields) -> Score:
    """Write a score of a flute and one drum track."""
    return Score((FLUTE, Track(notes, "kit", is_drum=True)), end_tick=end_tick, **fields)


def wild(grid, seed):
    """Wish for any velocity and for times far beyond the step."""
    generator = np.random.default_rng(seed)
    shapes = [clip.velocities.shape for clip in grid.clips]
    return [
        Playing(generator.uniform(-50, 200, shape), generator.uniform(-150, 150, shape)) for shape in shapes
    ]


def starts_by_pitch(score):
    """Return the notes of the drums in order, pitch by pitch."""
    return [
        (note.pitch, note.start) for note in sorted(score.tracks[-1].notes, key=lambda n: (n.pitch, n.start))
    ]


@settings(max_examples=25, deadline=None)
@given(grooves(), st.integers(0, 99), st.sampled_from([480, 96, 89, 960, 37, 2048]))
def test_the_hits_stay_on_their_steps_at_any_resolution(score, seed, ticks_per_quarter):
    """Whatever is wished for, readers find the same hits on the same steps in what is written."""
    score = fine_enough(resample_score(score, ticks_per_quarter))
    grid = read_grid(score, TOKENIZER)
    change = perform(grid, wild(grid, seed), 1.0)
    written = read_score(score_to_bytes(change.score, ticks_per_quarter=score.ticks_per_quarter))

    assert np.array_equal(TOKENIZER.encode(written).ids, TOKENIZER.encode(score).ids)
    assert change.score.tempi == score.tempi
    assert (change.score.metres, change.score.end_tick) == (score.metres, score.end_tick)
    assert len(change.score.tracks[0].notes) == len(score.tracks[0].notes)


@settings(max_examples=25, deadline=None)
@given(grooves(), st.integers(0, 99))
def test_none_of_the_way_changes_nothing(score, seed):
    """At amount 0 every note is where it was, its end too."""
    grid = read_grid(score, TOKENIZER)
    change = perform(grid, wild(grid, seed), 0.0)

    assert change.score == score
    assert (change.num_moved, change.num_velocities, change.num_held) == (0, 0, 0)


@settings(max_examples=25, deadline=None)
@given(grooves(furthest=0))
def test_quantizing_takes_away_what_humanizing_gave(score):
    """Hits that stood on their steps stand there again."""
    humanized = perform(read_grid(score, TOKENIZER), wild(read_grid(score, TOKENIZER), 0), 1.0).score
    grid = read_grid(humanized, TOKENIZER)
    stiff = perform(grid, play_stiffly(grid), 1.0).score

    assert starts_by_pitch(stiff) == starts_by_pitch(score)


@settings(max_examples=25, deadline=None)
@given(grooves())
def test_quantized_hits_are_level_and_stay_so(score):
    """No hit is off its step, a class has one velocity, and a second time changes nothing."""
    grid = read_grid(score, TOKENIZER)
    stiff = perform(grid, play_stiffly(grid), 1.0).score
    again = read_grid(stiff, TOKENIZER)

    assert {note.start % STEP for note in stiff.tracks[0].notes} <= {0}
    assert all(
        len({n.velocity for n in stiff.tracks[0].notes if n.pitch == pitch}) == 1
        for pitch in {n.pitch for n in stiff.tracks[0].notes}
    )
    assert perform(again, play_stiffly(again), 1.0).score == stiff


def test_all_else_is_untouched_note_for_note():
    """Other tracks, notes of no class and bars of five quarters stay as they were; the bars are counted."""
    metres = (Metre(0, 4, 4), Metre(1920, 5, 4), Metre(1920 + 2400, 4, 4))
    hits = [Note(start, start + 50, 38, 90) for start in (0, 480, 2000, 4320, 4800)]
    clap = Note(17, 60, 54, 100)
    score = score_of(hits[0], clap, *hits[1:], metres=metres, end_tick=1920 + 2400 + 1920)
    grid = read_grid(score, TOKENIZER)
    change = perform(grid, wild(grid, 3), 1.0)
    drums = change.score.tracks[1].notes

    assert change.score.tracks[0] == FLUTE
    assert clap in drums
    assert hits[2] in drums
    assert {hit in drums for hit in (hits[1], hits[4])} == {False}
    assert (grid.num_left, grid.unfit_bars) == ({54: 1, 38: 1}, {"5/4": 1})


def test_a_flam_stays_a_flam():
    """Grace notes go with their hit, as far before it as they were, and as much softer."""
    score = score_of(Note(460, 475, 38, 40), Note(480, 500, 38, 90))
    grid = read_grid(score, TOKENIZER)
    playing = play_stiffly(grid)
    playing[0].offsets[4, 1] = 30
    playing[0].velocities[4, 1] = 80
    notes = perform(grid, playing, 1.0).score.tracks[1].notes

    assert notes == (Note(490, 505, 38, 30), Note(510, 530, 38, 80))


@pytest.mark.parametrize(("wish", "start"), [(100, 120 + 59), (-100, 60)], ids=["late", "early"])
def test_a_hit_is_held_on_its_step(wish, start):
    """What would leave its step stops at half a step, and is counted."""
    grid = read_grid(score_of(Note(120, 180, 42, 90)), TOKENIZER)
    playing = play_stiffly(grid)
    playing[0].offsets[1, 2] = wish
    change = perform(grid, playing, 1.0)

    assert change.score.tracks[1].notes[0].start == start
    assert (change.num_moved, change.num_held) == (1, 1)


def test_a_hit_ends_before_the_next_of_its_note():
    """Its end moves along, but not into the hit that follows, nor beyond the piece."""
    score = score_of(Note(0, 120, 42, 90), Note(120, 240, 42, 90), Note(1800, 1920, 42, 90))
    grid = read_grid(score, TOKENIZER)
    playing = play_stiffly(grid)
    playing[0].offsets[[0, 1, 15], 2] = 20, -20, 20
    notes = perform(grid, playing, 1.0).score.tracks[1].notes

    assert [note[:2] for note in notes] == [(20, 100), (100, 220), (1820, 1920)]


def test_half_of_the_way_is_half_the_change():
    """Velocity and time are blended by the amount."""
    grid = read_grid(score_of(Note(480, 520, 36, 60)), TOKENIZER)
    playing = play_stiffly(grid)
    playing[0].offsets[4, 0], playing[0].velocities[4, 0] = 40, 100
    note = perform(grid, playing, 0.5).score.tracks[1].notes[0]

    assert note == Note(500, 540, 36, 80)
