import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.grid import cell_names, read_size
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.paths import Spot
from seqvae.latent.replay import replay
from seqvae.latent.walk import WalkOptions
from seqvae.midi.write import write_score
from tests.latent.making import same_music, save_debug_model, tune

CORNERS = [
    tune(*[60 + shift, 62 + shift] * 4, name=name, bpm=bpm, velocity=velocity, program=program)
    for shift, name, bpm, velocity, program in (
        (0, "A", 60, 40, 1),
        (12, "B", 90, 60, 2),
        (5, "C", 120, 80, 3),
        (7, "D", 240, 100, 4),
    )
]
STRAIGHT = WalkOptions(even=False)
EDGES = {
    "above": (0, 1, [0, 1, 2]),
    "below": (2, 3, [6, 7, 8]),
    "left": (0, 2, [0, 3, 6]),
    "right": (1, 3, [2, 5, 8]),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> MusicModel:
    """Load the smallest real model."""
    return load(save_debug_model(tmp_path_factory.mktemp("debug")))


@pytest.fixture(scope="module")
def grid(model):
    """Spread nine clips."""
    return model.grid(*CORNERS, size=3, temperature=0.5, seed=2)


def test_corners_are_the_inputs(grid):
    """A and B above, C and D below, to the note."""
    assert all(same_music(grid.scores[i], song) for i, song in zip((0, 2, 6, 8), CORNERS, strict=True))
    assert [step.is_own for step in grid.report.steps] == [i in {0, 2, 6, 8} for i in range(9)]


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_an_edge_is_the_walk_between_its_corners(model, grid, edge):
    """Notes, loudness, tempo, metre and instrument are those of interpolate, evenly apart in z."""
    start, end, cells = edge
    walk = model.interpolate(CORNERS[start], CORNERS[end], steps=3, temperature=0.5, seed=2, options=STRAIGHT)

    assert tuple(grid.scores[cell] for cell in cells) == walk.scores


def test_the_middle_is_of_all_four(grid):
    """Its tempo is the geometric mean of theirs, its looks those of the first of equals."""
    middle = grid.report.steps[4]

    assert middle.tempo == pytest.approx((60 * 90 * 120 * 240) ** 0.25, rel=1e-4)
    assert grid.scores[4].tracks[0].program == 1
    assert {note.velocity for note in grid.scores[4].tracks[0].notes} <= {70}
    assert middle.as_dict()["row"] == middle.as_dict()["column"] == 2


def test_cells_are_named_and_labelled_row_by_row(grid):
    """Files sort as rows do, markers tell the nearest corner."""
    assert grid.names[:4] == ("cell-1-1", "cell-1-2", "cell-1-3", "cell-2-1")
    assert grid.labels[:3] == ("1-1 A", "1-2 50% A", "1-3 B")
    assert grid.labels[4] == "2-2 25% A"
    assert len(grid.arrangement.markers) == 9


def test_locked_bars_and_scales_hold_in_a_grid(model):
    """The first corner's bar stands in every cell, the other corners too."""
    grid = model.grid(*CORNERS, size=(2, 3), options=WalkOptions(lock_bars="1", scale="auto"))
    bars = [[note for note in score.tracks[0].notes if note.start < 1920] for score in grid.scores]

    assert bars == [list(CORNERS[0].tracks[0].notes[:4])] * 6
    assert len(grid.report.bounds.outside) == 4


def test_replay_makes_a_cell_again(model, tmp_path):
    """The record holds the size."""
    for song in CORNERS:
        write_score(song, tmp_path / f"{song.tracks[0].name}.mid")
    songs = [tmp_path / f"{name}.mid" for name in "ABCD"]
    model.grid(*songs, size="2x3", temperature=0.5).write(tmp_path / "grid")

    assert replay(tmp_path / "grid" / "cell-2-2.mid", model=model.name).is_same


def test_sizes_are_read():
    """One number for both, or rows and columns."""
    assert read_size(4) == read_size("4") == read_size((4, 4)) == read_size("4x4") == (4, 4)
    assert read_size("3X5") == (3, 5)
    assert cell_names(read_size("2x10"))[9] == "cell-01-10"


@pytest.mark.parametrize("wish", [1, "1x3", "33", "axb", "3x", "2x2x2", (), (2, 2, 2), "-3"])
def test_what_is_no_size_is_refused(wish):
    """The message tells how to write it, or the range."""
    with pytest.raises(ConfigError, match=r"write it as 5|choose 2 to 32"):
        read_size(wish)


def test_a_grid_has_four_corners(model):
    """Three are not enough."""
    with pytest.raises(ConfigError, match="four corners, not 3"):
        model.grid(*CORNERS[:3])


@given(st.floats(0, 1), st.floats(0, 1))
def test_shares_of_the_corners_sum_to_one(down, across):
    """Each input has its share, and the nearest the largest."""
    spot = Spot(1, 1, down, across)

    assert sum(spot.weights) == pytest.approx(1)
    assert spot.weights[spot.nearest[0]] == max(spot.weights)
