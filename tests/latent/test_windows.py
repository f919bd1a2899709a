from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.latent.windows import Fit, fit_clip, join_windows, repetitions, split_windows
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.melody import MelodyTokenizer
from tests.latent.making import tune, tunes

TOKENIZER = MelodyTokenizer()


def fit_of(clip, path_bars: int, window_bars: int, rule: str = "loop", overlap_bars: int = 0) -> Fit:
    """Fit a clip to a walk."""
    return Fit(rule, len(clip.bars), max(path_bars, len(clip.bars)), window_bars, overlap_bars)


@given(tunes(), st.integers(1, 9), st.integers(1, 4), st.sampled_from(["loop", "pad"]), st.integers(0, 4))
def test_join_inverts_split(score, path_bars, window_bars, rule, overlap_bars):
    """Windows joined again are the clip at the length of the walk, whatever they share."""
    clip = TOKENIZER.encode(score)
    fit = fit_of(clip, path_bars, window_bars, rule, overlap_bars)

    joined = join_windows(split_windows(clip, fit), fit, MEANINGS["melody"])
    assert np.array_equal(joined, fit_clip(clip, fit, fit.path_bars).ids)


@given(st.integers(1, 200), st.integers(1, 16), st.integers(0, 20))
def test_windows_cover_every_bar(path_bars, window_bars, overlap_bars):
    """The first begins with the song, each shares enough with the next, and the last ends with the song."""
    fit = Fit("loop", path_bars, path_bars, window_bars, overlap_bars)
    shared = [start + window_bars - after for start, after in pairwise(fit.starts)]

    assert fit.starts[0] == 0
    assert all(min(overlap_bars, window_bars - 1) <= bars < window_bars for bars in shared)
    assert 0 <= fit.fill_bars < window_bars
    assert not fit.fill_bars or not overlap_bars or path_bars < window_bars or window_bars == 1


@given(tunes(), st.integers(1, 9), st.sampled_from(["loop", "pad"]))
def test_own_bars_come_first_and_whole(score, path_bars, rule):
    """Nothing of a clip is ever trimmed: its own bars stand at the beginning of the walk."""
    clip = TOKENIZER.encode(score)
    fitted = fit_clip(clip, fit_of(clip, path_bars, 2, rule), max(path_bars, len(clip.bars)))

    assert np.array_equal(fitted.ids[: len(clip.ids)], clip.ids)
    assert fitted.bars[: len(clip.bars)] == clip.bars


def test_loop_plays_again_from_the_start():
    """A clip of two bars fills five bars as 1 2 1 2 1."""
    clip = TOKENIZER.encode(tune(60, 62, steps=16))
    fit = fit_of(clip, 5, 2)

    assert fit_clip(clip, fit, 5).ids.reshape(5, 16)[:, 0].tolist() == [63, 65, 63, 65, 63]
    assert repetitions(fit) == [(0, 2), (2, 2), (4, 1)]


def test_pad_adds_silent_bars_of_the_last_metre():
    """A waltz is followed by silent bars of three quarters."""
    clip = TOKENIZER.encode(tune(60, 62, 64, metre=(3, 4)))
    fit = fit_of(clip, 2, 2, "pad")

    assert fit_clip(clip, fit, 2).ids.reshape(2, 16)[1].tolist() == [2] * 12 + [0] * 4
    assert repetitions(fit) == [(0, 1)]


@pytest.mark.parametrize(
    ("fit", "lines"),
    [
        pytest.param(Fit("loop", 2, 2, 2), [], id="fits"),
        pytest.param(Fit("loop", 4, 4, 2), ["walked in 2 windows of 2 bars"], id="windows"),
        pytest.param(
            Fit("loop", 4, 4, 2, 1), ["walked in 3 windows of 2 bars that share 1 bar"], id="1 bar shared"
        ),
        pytest.param(
            Fit("loop", 31, 31, 16, 4), ["walked in 3 windows of 16 bars that share 8 to 9 bars"], id="8 to 9"
        ),
        pytest.param(
            Fit("loop", 1, 2, 2), ["its 1 bar played again from the start up to 2 bars"], id="looped"
        ),
        pytest.param(
            Fit("pad", 1, 1, 2),
            ["followed by silence for the last 1 bar of the model's window, cut off afterwards"],
            id="filled",
        ),
    ],
)
def test_report_says_what_happened_to_the_length(fit, lines):
    """Whatever is repeated, added or cut off is said in words."""
    assert fit.lines() == lines
