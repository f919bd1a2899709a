import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from seqvae.export import picture
from seqvae.export.picture import LABEL_WIDTH, MARGIN, picture_bytes
from seqvae.midi.notes import Metre, Note, Score, Track
from tests.latent.making import tune, tunes

LEFT = MARGIN + LABEL_WIDTH  # where the rolls begin


def pixels(scores: list[Score], labels: list[str] | None = None) -> np.ndarray:
    """Draw and read back: `(height, width, 3)`."""
    data = picture_bytes(scores, labels or [f"{number}" for number in range(1, len(scores) + 1)])
    return np.asarray(Image.open(io.BytesIO(data))).astype(int)


def colourful(image: np.ndarray) -> np.ndarray:
    """Tell for each pixel whether it belongs to a note: the rest is grey, or nearly."""
    return image.max(axis=2) - image.min(axis=2) > 70


@settings(max_examples=10)  # pictures cost time
@given(tunes())
def test_every_melody_can_be_drawn(score):
    """Any range, metre and length gives a picture; its notes lie in the roll."""
    is_note = colourful(pixels([score, score]))

    assert is_note.any()
    assert not is_note[:, :LEFT].any()


def test_the_same_clips_give_the_same_bytes():
    """Nothing depends on the clock."""
    scores = [tune(60, 62), tune(64)]

    assert picture_bytes(scores, "ab") == picture_bytes(scores, "ab")


def test_higher_is_above_later_is_to_the_right():
    """Two notes, the second higher: its centre lies to the right of the first, and above."""
    low, high = (
        colourful(pixels([replace(tune(60, 72), tracks=(Track((note,)),))]))
        for note in tune(60, 72).tracks[0].notes
    )

    assert np.argwhere(low).mean(axis=0)[1] < np.argwhere(high).mean(axis=0)[1]
    both = colourful(pixels([tune(60, 72)]))
    left = both[:, : LEFT + 80]
    right = both[:, LEFT + 80 :]
    assert np.argwhere(left)[:, 0].mean() > np.argwhere(right)[:, 0].mean()


def test_a_row_per_clip():
    """Each clip adds its row, of one height."""
    heights = [len(pixels([tune(60, 67)] * count)) for count in (1, 2, 3)]

    assert heights[1] - heights[0] == heights[2] - heights[1] > 50


def test_colour_runs_from_the_first_clip_to_the_last():
    """The first row is blue, the last red."""
    image = pixels([tune(60), tune(60), tune(60)])
    rows = [image[row][colourful(image)[row]] for row in np.flatnonzero(colourful(image).any(axis=1))]

    assert rows[0][0, 2] > rows[0][0, 0]
    assert rows[-1][0, 0] > rows[-1][0, 2]


def test_repeated_notes_stay_apart():
    """Between two notes of one pitch there is a gap."""
    together = colourful(pixels([tune(60, 60)])).any(axis=0)

    assert np.count_nonzero(np.diff(together.astype(int)) == 1) == 2


def test_clips_of_other_metres_have_other_bars():
    """Bars are numbered again where their lines differ from those of the row above."""
    alike = pixels([tune(60), tune(62)])
    other = pixels([tune(60), replace(tune(62), metres=(Metre(0, 2, 4),))])

    assert len(other) == len(alike) + picture.NUMBER_HEIGHT


def test_long_walks_show_rows_evenly_spread():
    """A thousand steps would be no picture: both ends stay."""
    assert picture._spread(3) == [0, 1, 2]
    spread = picture._spread(1000)
    assert (len(spread), spread[0], spread[-1]) == (picture.MAX_ROWS, 0, 999)
    assert len(pixels([tune(60)] * 61)) < len(pixels([tune(60)] * 60)) + 2 * MARGIN


@pytest.mark.parametrize(
    "score",
    [
        Score(()),
        Score((Track(()),), end_tick=1920),
        Score((Track((Note(0, 1, 0, 1), Note(0, 1, 127, 1))),), end_tick=1),
    ],
    ids=["nothing", "silence", "a tick"],
)
def test_odd_clips_can_be_drawn(score):
    """Nothing at all is a picture too."""
    assert pixels([score]).shape[1] > LEFT


def test_long_names_are_cut():
    """A name never runs into the notes, whatever it is written in."""
    image = pixels([Score((), end_tick=1920)], ["Ünïcode ♯ 音楽 \x07 " * 20])

    assert (image[:, LEFT - 40 : LEFT - 30] == 255).all()
