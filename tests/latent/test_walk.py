"""Walks with a model that forgets nothing, so that what comes out is known beforehand."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.export.formats import ExportOptions
from seqvae.latent.walk import WalkOptions
from seqvae.midi.notes import Note, Score, Tempo, Track
from seqvae.midi.read import read_original
from seqvae.midi.write import score_to_bytes
from tests.latent.making import echo_model, same_music, tune, tunes

LOW = tune(*[60] * 8, program=1, name="Low", bpm=60, velocity=40)
HIGH = tune(*[72] * 8, program=2, name="High", bpm=240, velocity=80)
FINE = Score(
    (Track((Note(0, 960, 60, 80), Note(960, 961, 62, 80), Note(962, 1920, 62, 80))),),
    end_tick=7680,
    ticks_per_quarter=960,
)
UNPINNED = WalkOptions(pin_ends=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Return a model that forgets nothing."""
    return echo_model(tmp_path_factory.mktemp("echo"))


@pytest.fixture(scope="module")
def walk(model):
    """Walk from a low tune to a high one in five steps."""
    return model.interpolate(LOW, HIGH, steps=5, options=WalkOptions(method="lerp", even=False))


@settings(max_examples=15)
@given(st.lists(tunes(), min_size=2, max_size=3), st.integers(2, 4), st.sampled_from(["loop", "pad"]))
def test_every_step_is_written_within_its_bars(tmp_path_factory, songs, steps, fit):
    """Whatever the inputs, all steps have one number of bars and notes inside the bar lines."""
    clips = echo_model(tmp_path_factory.getbasetemp()).interpolate(
        *songs, steps=steps, options=WalkOptions(fit=fit)
    )

    assert len(clips.scores) == (len(songs) - 1) * (steps - 1) + 1
    assert len({step.num_bars for step in clips.report.steps}) == 1
    for score in (*clips.scores, clips.arrangement):
        score_to_bytes(score)  # refuses notes that overlap or lie outside


@settings(max_examples=15)
@given(tunes(), tunes())
def test_perfect_model_reconstructs_its_ends(tmp_path_factory, start, end):
    """A model that forgets nothing gives back both ends, pinned or not."""
    clips = echo_model(tmp_path_factory.getbasetemp()).interpolate(start, end, steps=2, options=UNPINNED)

    assert all(report.reconstruction.bars_exact == 1 for report in clips.report.inputs)
    assert [step.distances[i].steps for i, step in enumerate(clips.report.steps)] == [0, 0]


def test_pinned_ends_are_the_inputs(walk):
    """The first and the last step are the user's own, tempo and program included."""
    first, last = walk.scores[0], walk.scores[-1]

    assert same_music(first, LOW)
    assert same_music(last, HIGH)
    assert (first.tempi, last.tempi) == (LOW.tempi, HIGH.tempi)
    assert [step.is_own for step in walk.report.steps] == [True, False, False, False, True]


def test_steps_between_are_blends(walk):
    """Pitch, loudness and tempo lie between; the instrument changes after the middle."""
    assert [score.tracks[0].notes[0].pitch for score in walk.scores] == [60, 63, 66, 69, 72]
    assert [score.tracks[0].notes[0].velocity for score in walk.scores] == [40, 50, 60, 70, 80]
    assert [round(step.tempo) for step in walk.report.steps] == [60, 85, 120, 170, 240]
    assert [score.tracks[0].program for score in walk.scores] == [1, 1, 1, 2, 2]
    assert [score.tracks[0].name for score in walk.scores] == ["Low", "Low", "Low", "High", "High"]


@pytest.mark.parametrize(
    ("one", "other"), [((3, 4), (6, 8)), ((2, 2), (4, 4))], ids=["3/4 to 6/8", "2/2 to 4/4"]
)
def test_nearer_input_decides_between_metres_of_one_length(model, one, other):
    """Bars of equal length change their metre after the middle, as name and program do."""
    songs = (tune(*[60] * 6, steps=2, metre=one), tune(*[67] * 6, steps=2, metre=other))
    walk = model.interpolate(*songs, steps=5, options=replace(UNPINNED, even=False))

    assert [score.metres[0][1:] for score in walk.scores] == [one, one, one, other, other]


def rounded_at(ticks_per_quarter: int, walk, folder):
    """Write a walk and return what its report says of rounding, in words and in numbers."""
    export = ExportOptions(ticks_per_quarter=ticks_per_quarter)
    told = walk.write(folder, export=export)
    return walk.rounding(export).lines(), told["rounding"]["losses"]


@pytest.mark.parametrize("resolution", [960, 1920, 30_720])
def test_ends_are_exact_at_multiples_of_their_resolution(model, tmp_path, resolution):
    """A song of 960 ticks a quarter comes back to the tick, in its step and in the arrangement."""
    walk = model.interpolate(FINE, LOW, steps=3)

    assert rounded_at(resolution, walk, tmp_path) == ([], {})
    for name in ("step-01", "arrangement"):
        track = read_original(tmp_path / f"{name}.mid").tracks[0]
        scale = resolution // 960
        assert [(note.start, note.end) for note in track.notes[:3]] == [
            (note.start * scale, note.end * scale) for note in FINE.tracks[0].notes
        ]


def test_rounded_notes_are_reported_at_the_resolution_written(model, tmp_path):
    """Notes off the ticks that are written are told of in words and in numbers, merged ones too."""
    walk = model.interpolate(FINE, LOW, steps=2)

    assert rounded_at(480, walk, tmp_path / "480") == (
        ["step-01.mid: 1 note rounded to 480 ticks per quarter"],
        {"step-01": {"notes_rounded": 1, "notes_merged": 0}},
    )
    assert rounded_at(24, walk, tmp_path / "24") == (
        ["step-01.mid: 2 notes rounded to 24 ticks per quarter, 1 of them merged into another"],
        {"step-01": {"notes_rounded": 2, "notes_merged": 1}},
    )


def test_ends_are_rounded_once(model, tmp_path):
    """From 960 ticks straight to 24, every note lies at the nearest tick."""
    starts = [20 + 41 * i for i in range(40)]  # 20 is half a tick of 24
    notes = tuple(Note(t, t + 40, 60 + i % 12, 80) for i, t in enumerate(starts))
    song = Score((Track(notes),), end_tick=7680, ticks_per_quarter=960)
    walk = model.interpolate(song, LOW, steps=2)
    rounded_at(24, walk, tmp_path)

    written = read_original(tmp_path / "step-01.mid").tracks[0].notes
    assert sorted(note.start for note in written) == [(t + 20) // 40 for t in starts]


def test_reconstruction_keeps_the_ticks_of_its_original(model, tmp_path):
    """The clip itself stands beside what came back of it as it is."""
    walk = model.reconstruct(FINE)

    assert rounded_at(960, walk, tmp_path) == ([], {})
    assert read_original(tmp_path / "original.mid").tracks[0].notes == FINE.tracks[0].notes


def test_bar_lines_between_ticks_are_refused(model, tmp_path):
    """Three bars of 3/8 are no whole number of ticks at 37 of a quarter; nothing is written."""
    walk = model.interpolate(*[tune(*[60] * 9, metre=(3, 8), steps=2)] * 2, steps=2)
    words = (
        "37 ticks per quarter put a bar line of 3/8 between ticks; choose a multiple of 2, such as 36 or 38"
    )

    with pytest.raises(ConfigError, match=words):
        walk.write(tmp_path / "out", export=ExportOptions(ticks_per_quarter=37))
    assert not (tmp_path / "out").exists()
    walk.write(tmp_path / "out", export=ExportOptions(ticks_per_quarter=38))


def test_tempo_is_that_of_the_first_tick(model):
    """A change inside the first bar is counted, not averaged."""
    song = replace(LOW, tempi=(Tempo(0, 500_000), Tempo(480, 400_000), Tempo(960, 400_000)))
    changing, steady = model.interpolate(song, LOW, steps=2).report.inputs

    assert "  4/4 at 120 quarters a minute, 1 tempo change between 120 and 150" in changing.lines()
    assert "  4/4 at 60 quarters a minute" in steady.lines()
    assert (changing.as_dict()["quarters_per_minute"], changing.as_dict()["tempo_changes"]) == (120, 1)


def test_labels_have_a_decimal_where_needed(model):
    """An eighth of the way is 12.5 %, not 12."""
    labels = model.interpolate(LOW, HIGH, steps=9, options=WalkOptions(even=False)).labels

    assert [label.split()[1] for label in labels[1:5]] == ["12.5%", "25%", "37.5%", "50%"]


def test_one_bar_is_told_in_the_singular(model):
    """The report of a clip of one bar says bar."""
    report, _ = model.interpolate(tune(60), LOW, steps=2).report.inputs

    assert any(line.endswith("1 of 1 bar exactly") for line in report.lines())


def test_distances_lead_from_one_end_to_the_other(walk):
    """The distance to A grows from 0, that to B falls to 0."""
    to_low, to_high = zip(*(step.distances for step in walk.report.steps), strict=True)

    assert all(a.steps <= b.steps for a, b in pairwise(to_low))
    assert all(a.steps >= b.steps for a, b in pairwise(to_high))
    assert to_low[0] == to_high[-1] == (0, 0)
    assert to_low[-1].onsets == 1


def test_arrangement_has_a_marker_per_step(walk):
    """One after the other, each step begins on a bar line with its marker, on one track per instrument."""
    arrangement = walk.arrangement

    assert [tick for tick, _ in arrangement.markers] == [0, 3840, 7680, 11520, 15360]
    assert arrangement.markers[1][1] == "2 25% High"
    assert [track.name for track in arrangement.tracks] == ["Low", "High"]
    assert arrangement.end_tick == 5 * 3840


def test_long_songs_are_walked_window_by_window(model):
    """Five bars through a model of two: a note over the join of two windows is one note."""
    song = Score((Track((Note(0, 3000, 60, 80), Note(3000, 9600, 62, 80))),), end_tick=9600)
    clips = model.interpolate(song, song, steps=3)

    assert same_music(clips.scores[1], song)
    assert clips.report.inputs[0].fit.as_dict() == {
        "rule": "loop", "own_bars": 5, "path_bars": 5, "window_bars": 2, "overlap_bars": 1,
        "num_windows": 4, "fill_bars": 0, "window_starts": [1, 2, 3, 4],
    }  # fmt: skip


def test_windows_may_share_nothing(model):
    """With no overlap the last window is filled."""
    song = tune(*[60, 62] * 10)
    fit = model.interpolate(song, song, steps=2, options=WalkOptions(overlap=0)).report.inputs[0].fit

    assert (fit.starts, fit.fill_bars) == ((0, 2, 4), 1)


def test_shorter_song_is_played_again(model):
    """Two bars beside three: the third is the first again, and the report says so."""
    three = tune(*[60] * 12)
    clips = model.interpolate(three, LOW, steps=2)

    assert len(clips.scores[1].tracks[0].notes) == 12
    assert "its 2 bars played again from the start up to 3 bars" in clips.report.inputs[1].fit.lines()


def test_shorter_song_is_padded_if_asked(model):
    """With silence instead, the own notes end and the piece does not."""
    clips = model.interpolate(tune(*[60] * 12), LOW, steps=2, options=WalkOptions(fit="pad"))

    assert len(clips.scores[1].tracks[0].notes) == 8
    assert clips.scores[1].end_tick == 3 * 1920


def test_metre_goes_over_from_one_input_to_the_other(model):
    """From 4/4 to 3/4 every step is in one of the two."""
    waltz = tune(*[60] * 6, metre=(3, 4))
    clips = model.interpolate(LOW, waltz, steps=5, options=UNPINNED)

    metres = [score.metres[0][1:] for score in clips.scores]
    assert (metres[0], metres[-1]) == ((4, 4), (3, 4))
    assert set(metres) == {(4, 4), (3, 4)}


def test_path_through_three_songs_passes_each(model):
    """Every input stands on the path."""
    middle = tune(*[48] * 8, name="Middle")
    clips = model.interpolate(LOW, middle, HIGH, steps=3)

    assert len(clips.scores) == 5
    assert same_music(clips.scores[2], middle)
    assert [len(step.distances) for step in clips.report.steps] == [3] * 5


def test_same_song_twice_stays_itself(model):
    """From a song to itself nothing changes."""
    clips = model.interpolate(LOW, LOW, steps=4)

    assert all(same_music(score, LOW) for score in clips.scores)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"method": "jump"}, "method is 'jump'; choose from slerp, lerp"), ({"refine": -1}, "refine is -1")],
    ids=["method", "refine"],
)
def test_options_are_checked(options, words):
    """An unknown way to walk is refused with the ways there are."""
    with pytest.raises(ConfigError, match=words):
        WalkOptions(**options)


@settings(max_examples=15)
@given(tunes(), tunes(), st.integers(2, 6))
def test_an_even_walk_turns_back_no_more_than_a_straight_one(tmp_path_factory, start, end, steps):
    """Distances to the start fall no more, and those to the end rise no more, than evenly apart in z."""
    model = echo_model(tmp_path_factory.getbasetemp())
    even, straight = (
        model.interpolate(start, end, steps=steps, options=WalkOptions(even=is_even))
        for is_even in (True, False)
    )

    assert turned_back(even) <= turned_back(straight) + 1e-9
    assert len(even.scores) == steps
    assert [step.place.fraction for step in even.report.steps][:: steps - 1] == [0.0, 1.0]


def turned_back(walk):
    """Sum by how much the distances of a walk turn back."""
    pairs = pairwise([[distance.steps for distance in step.distances] for step in walk.report.steps])
    return sum(max(a - c, 0) + max(d - b, 0) for (a, b), (c, d) in pairs)
