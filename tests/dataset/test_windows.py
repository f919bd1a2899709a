from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.windows import (
    NO_RANGE,
    Keys,
    borders_of,
    cut,
    describe,
    grams_of,
    identities_of,
    keys_of,
    playing_voices,
    relative_to_first_onset,
    window_starts,
)
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import melody_ids

MEANING = PrepareSettings().meaning
TOKENIZER = MelodyTokenizer()
seeds = st.integers(0, 2**32 - 1)
HOLD, REST = 1, 2


def identity_of(ids: NDArray[np.int16]) -> int:
    """Return the identity of one piece."""
    return identities_of(ids, borders_of([len(ids)]), MEANING, steps_per_bar=16)[0]


def grams(ids: NDArray[np.int16], span_steps: list[int]) -> Keys:
    """Return the grams of one piece."""
    return grams_of(ids, span_steps, borders_of([len(ids)]), MEANING, steps_per_bar=16)[0]


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 5))
def test_window_starts_agree_with_counting(span_bars, bars):
    """Every run of whole bars inside one span is a window, and no other."""
    expected, bar_of_span = [], 0
    for num_bars in span_bars:
        expected += [16 * (bar_of_span + bar) for bar in range(num_bars) if bar + bars <= num_bars]
        bar_of_span += num_bars

    starts = window_starts([16 * num_bars for num_bars in span_bars], length=16 * bars, hop=16)

    assert starts.tolist() == expected


@given(seeds, st.integers(-12, 12))
def test_relative_ids_are_the_same_in_every_key(seed, semitones):
    """Transposing a window does not change what it is compared by."""
    windows = melody_ids(seed, 4).reshape(2, 32, 1)

    moved = TOKENIZER.transpose(windows, semitones)

    assert np.array_equal(relative_to_first_onset(windows, MEANING), relative_to_first_onset(moved, MEANING))


@given(seeds, st.integers(1, 31), st.integers(3, 130))
def test_relative_ids_tell_other_music_apart(seed, step, note):
    """One changed pitch after the first onset changes what a window is compared by."""
    window = melody_ids(seed, 2)[None]
    changed = window.copy()
    changed[0, step] = note

    same = np.array_equal(*(relative_to_first_onset(ids, MEANING) for ids in (window, changed)))

    assert same == (note == window[0, step, 0])


def test_a_hold_before_the_first_onset_compares_as_rest():
    """The tail of a note from the window before is silence when the window is played alone."""
    held = np.array([HOLD, HOLD, 63, HOLD], dtype=np.int16).reshape(1, 4, 1)
    silent = np.array([REST, REST, 70, HOLD], dtype=np.int16).reshape(1, 4, 1)

    assert np.array_equal(relative_to_first_onset(held, MEANING), relative_to_first_onset(silent, MEANING))
    assert keys_of(held) != keys_of(silent)


@given(seeds)
def test_ranges_agree_with_the_tokenizer(seed):
    """The bounds of transposition are those that the tokenizer finds window by window."""
    ids = melody_ids(seed, 6)
    ids[32:64] = REST

    facts = describe(ids, np.arange(0, 80, 16), 32, MEANING, bars=2)

    expected = [TOKENIZER.pitch_range(window) or NO_RANGE for window in cut(ids, facts.starts, 32)]
    assert facts.ranges.tolist() == [list(bounds) for bounds in expected]


@pytest.mark.parametrize(
    ("onset_steps", "expected"),
    [
        pytest.param([], 1, id="silent"),
        pytest.param([0], 0, id="one note in four bars"),
        pytest.param([0, 1, 2, 3], 0, id="all in one bar"),
        pytest.param([0, 1, 2, 16], 1, id="in half the bars"),
    ],
)
def test_near_empty_windows_have_few_notes_or_few_bars_with_notes(onset_steps, expected):
    """Four bars need four onsets in two bars; silence is another matter."""
    windows = np.full((1, 64, 1), REST, dtype=np.int16)
    windows[0, onset_steps] = 63

    assert playing_voices(windows, MEANING, bars=4).tolist() == [expected]


def test_a_window_of_one_held_note_is_near_empty():
    """Nothing but the tail of a note is no silence, and there is nothing to learn from it."""
    assert playing_voices(np.full((1, 32, 1), HOLD, dtype=np.int16), MEANING, bars=2).tolist() == [0]


@given(seeds, st.integers(-12, 12), st.integers(0, 3), st.integers(0, 3))
def test_identity_ignores_key_and_empty_bars_around(seed, semitones, bars_before, bars_after):
    """A copy in another key, with rests before and after, is the same piece."""
    ids = melody_ids(seed, 5)
    rests = (np.full((16 * bars, 1), REST, dtype=np.int16) for bars in (bars_before, bars_after))
    copy = np.concatenate([next(rests), TOKENIZER.transpose(ids, semitones), next(rests)])

    assert identity_of(copy) == identity_of(ids)


@given(seeds)
def test_identities_are_hashes_of_the_relative_ids(seed):
    """The numbers decide the splits: they are those of a piece alone, by the plain rule."""
    pieces = [melody_ids(seed + number, num_bars) for number, num_bars in enumerate((3, 1, 4))]
    pieces[1][:] = REST

    found = identities_of(
        np.concatenate(pieces), borders_of([len(ids) for ids in pieces]), MEANING, steps_per_bar=16
    )

    expected = [relative_to_first_onset(ids[None], MEANING).astype("<i2").tobytes() for ids in pieces]
    digests = [int.from_bytes(blake2b(data, digest_size=8).digest(), "little") for data in expected]
    assert found == [digests[0], 0, digests[2]]


@given(seeds, st.integers(0, 63), st.integers(1, 512))
def test_keys_tell_ids_apart(seed, place, change):
    """Equal rows have equal keys, and one other id makes another key."""
    rows = np.random.default_rng(seed).integers(-600, 600, size=(2, 64), dtype=np.int16)
    changed = np.concatenate([rows, rows])
    changed[2:, place] += change

    keys = keys_of(changed).tolist()

    assert keys[:2] == keys_of(rows).tolist()
    assert len(set(keys)) == 4


def test_grams_do_not_cross_spans():
    """Two bars on both sides of a gap are no music of the piece."""
    ids = melody_ids(1, 4)

    assert len(grams(ids, [64])) == 3
    assert len(grams(ids, [32, 32])) == 2
    assert len(grams(ids, [16, 48])) == 2
