import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.scales import MODES, TONICS, find_scale, read_scale
from seqvae.midi.notes import Note
from seqvae.midi.read import read_score
from tests.latent.making import CLIPS


def notes_of(*pitches: int) -> list[Note]:
    """Return notes of one length in a row."""
    return [Note(480 * i, 480 * i + 480, pitch, 80) for i, pitch in enumerate(pitches)]


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("C major", {0, 2, 4, 5, 7, 9, 11}),
        ("a minor", {0, 2, 4, 5, 7, 9, 11}),
        ("  Bb   Dorian ", {10, 0, 1, 3, 5, 7, 8}),
        ("F♯ minor pentatonic", {6, 9, 11, 1, 4}),
        ("Cb lydian", {11, 1, 3, 5, 6, 8, 10}),
    ],
)
def test_scales_are_read(name, classes):
    """A note with or without accidental, and a mode, in any case."""
    assert read_scale(name).classes == classes


@pytest.mark.parametrize("name", ["", "C", "H major", "C dur", "major C", "C major major", "Cbb major"])
def test_what_is_no_scale_is_refused(name):
    """The message shows how to write one and which modes there are."""
    with pytest.raises(ConfigError, match=r"write a note and a mode, as in 'C major' .* or auto"):
        read_scale(name)


@pytest.mark.parametrize("mode", MODES)
def test_modes_begin_on_their_tonic(mode):
    """Every mode is a rising line within an octave."""
    assert MODES[mode][0] == 0
    assert list(MODES[mode]) == sorted(set(MODES[mode]))
    assert MODES[mode][-1] < 12


@given(st.sampled_from(TONICS), st.sampled_from(["major", "minor"]))
def test_scale_of_a_scale_is_found(tonic, mode):
    """A scale played up and down, from tonic to tonic by way of the fifth, is that scale."""
    scale = read_scale(f"{tonic} {mode}")
    start = 60 + TONICS.index(tonic)
    up = [start + step for step in MODES[mode]]

    assert find_scale(notes_of(*up, start + 12, *up[::-1], start + 7, start)) == scale


@given(st.lists(st.integers(0, 127), min_size=1, max_size=20))
def test_found_scale_holds_as_much_as_any(pitches):
    """No scale that could have been found leaves fewer notes out."""
    notes = notes_of(*pitches)
    found = find_scale(notes)
    others = [read_scale(f"{tonic} {mode}") for tonic in TONICS for mode in ("major", "harmonic minor")]

    def held(scale):
        return sum(scale.holds(pitch) for pitch in pitches)

    assert all(held(found) >= held(other) for other in others)


@pytest.mark.parametrize(
    ("clip", "name"),
    [("twinkle", "C major"), ("frere-jacques", "F major"), ("greensleeves", "A dorian")],
)
def test_scales_of_the_clips(clip, name):
    """Known tunes are in their keys."""
    assert find_scale(read_score(CLIPS / f"{clip}.mid").tracks[0].notes).name == name
