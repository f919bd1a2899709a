"""Bars of a score that fit 16 sixteenths, as every tokenizer of music needs them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import TokenError
from seqvae.midi.notes import Score
from seqvae.midi.quantize import Bar, bars_of
from seqvae.tokens.melody_decode import STEPS_PER_BAR


def all_bars(score: Score) -> tuple[Bar, ...]:
    """List the bars of a score at 480 ticks per quarter; TokenError names the first that does not fit."""
    bars = bars_of(score)
    for number, bar in enumerate(bars, start=1):
        if not _fits(bar):
            raise TokenError(
                f"bar {number} of {len(bars)} is in {_metre_words(bar)}, which does not fit"
                f" {STEPS_PER_BAR} sixteenths; split such bars (5/4 as 3/4 and 2/4) or take others by --bars"
            )
    return bars


def runs_of_bars(bars: Iterable[Bar]) -> list[tuple[Bar, ...]]:
    """List every longest run of bars that fit."""
    return [tuple(run) for fits, run in groupby(bars, key=_fits) if fits]


def count_unfit_bars(bars: Iterable[Bar]) -> dict[str, int]:
    """Count by metre the bars that do not fit."""
    return dict(Counter(_metre_words(bar) for bar in bars if not _fits(bar)))


def steps_due(bars: Sequence[Bar]) -> NDArray[np.bool_]:
    """Tell which of the 16 steps of each bar are music, `(bars, 16)`; the others are padding."""
    lengths = np.array([bar.num_steps for bar in bars], dtype=int)
    return np.arange(STEPS_PER_BAR) < lengths[:, None]


def _fits(bar: Bar) -> bool:
    return 1 <= bar.num_steps <= STEPS_PER_BAR


def _metre_words(bar: Bar) -> str:
    return f"{bar.metre.numerator}/{bar.metre.denominator}"
