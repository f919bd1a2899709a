import pytest

from seqvae.midi.chunks import CLIPPED, NO_END, SHORTENED, WRONG_COUNT, WRONG_LENGTH
from seqvae.midi.counts import count_of, counted, plain
from seqvae.midi.repair import BAD_METRE, BAD_TEMPO, NEVER_ENDED, OVERLAPPING, STRAY_OFF, ZERO_LENGTH
from seqvae.midi.resample import MERGED

ONE = {
    NEVER_ENDED: "1 note never ended",
    OVERLAPPING: "1 overlapping note of one pitch",
    ZERO_LENGTH: "1 zero-length note",
    BAD_TEMPO: "1 impossible tempo",
    BAD_METRE: "1 impossible metre",
    MERGED: "1 note merged by a coarser resolution",
    NO_END: "1 track without an end mark",
    CLIPPED: "1 data byte above 127",
    WRONG_COUNT: "1 track more or fewer than the header counts",
    WRONG_LENGTH: "1 track of another length than it says",
    SHORTENED: SHORTENED.replace("names and markers", "1 name or marker"),
    STRAY_OFF: "1 note-off without a note",
    "bars": "1 bar",
    "tempo changes": "1 tempo change",
    "files": "1 file",
    "fitted Gaussians": "1 fitted Gaussian",
}


@pytest.mark.parametrize(("things", "one"), ONE.items(), ids=ONE)
def test_one_is_told_in_the_singular(things, one):
    """Every reason of mending has a singular; of 0 and of 2 it stays as it is."""
    assert count_of(1, things) == one
    assert [count_of(0, things), count_of(2, things)] == [f"0 {things}", f"2 {things}"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(120.0, "120"), (59.94006, "59.9401"), (119.999999, "120"), (6e7, "60000000"), (1e-7, "0.0000001")],
)
def test_numbers_have_no_exponent(number, words):
    """Six digits are told, and every place before the point."""
    assert plain(number) == words


def test_things_take_an_s_unless_their_plural_is_given():
    """One of them never does."""
    assert [counted(n, "hit") for n in range(3)] == ["0 hits", "1 hit", "2 hits"]
    assert [counted(n, "process", "processes") for n in (1, 2)] == ["1 process", "2 processes"]
