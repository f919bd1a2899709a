"""How well ids were rebuilt, counted window by window; every accuracy is a ratio of sums of these counts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import ConfigError
from seqvae.tokens.base import Tokenizer
from seqvae.tokens.melody_decode import FIRST_NOTE, PAD, STEPS_PER_BAR

Ids = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = Mapping[str, Floats]  # name -> (windows,), or any other leading axes once summed


class Meaning(NamedTuple):
    """What ids mean to a metric."""

    pad: int  # a step beyond the end of a short bar: no accuracy counts it
    first_onset: int  # every id from here on starts a note
    steps_per_bar: int


NO_ONSETS = 1 << 16  # beyond every id: words do not begin as notes do

MEANINGS: Mapping[str, Meaning] = {
    "melody": Meaning(PAD, FIRST_NOTE, STEPS_PER_BAR),
    "text": Meaning(PAD, NO_ONSETS, 1),
    "words": Meaning(PAD, NO_ONSETS, 1),
}


def meaning_of(tokenizer: Tokenizer) -> Meaning:
    """Look up what the ids of a tokenizer mean; ConfigError where no metric is defined for it."""
    if tokenizer.name not in MEANINGS:
        raise ConfigError(f"no metrics for tokenizer {tokenizer.name!r}; there are for {', '.join(MEANINGS)}")
    return MEANINGS[tokenizer.name]


def count_targets(targets: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count in `(windows, time, voices)` what there was to get right, each `(windows,)`."""
    per_bar = _bars(targets, meaning)
    return {
        "windows": np.ones(len(targets)),
        "bars": np.full(len(targets), float(per_bar.shape[1])),
        "steps": _total(np.ones_like(targets)),
        "due": _total(targets != meaning.pad),
        "onsets": _total(targets >= meaning.first_onset),
    }


def count_hits(predicted: Ids, targets: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count in `(windows, time, voices)` what was got right, each `(windows,)`.

    Steps whose target is padding are left out of `right`; bars and windows are exact padding included.
    """
    equal: Flags = np.equal(predicted, targets)
    due: Flags = np.not_equal(targets, meaning.pad)
    begins: Flags = np.greater_equal(predicted, meaning.first_onset)
    should: Flags = np.greater_equal(targets, meaning.first_onset)
    padded_alike: Flags = np.equal(predicted == meaning.pad, ~due)
    return {
        "right": _total(equal & due),
        "right_or_padding": _total(equal),
        "begun": _total(begins),
        "placed": _total(begins & should),
        "pitched": _total(should & equal),
        "bars_exact": _total(np.all(_bars(equal, meaning), axis=2)),
        "bars_in_metre": _total(np.all(_bars(padded_alike, meaning), axis=2)),
        "windows_exact": np.all(equal, axis=(1, 2)).astype(np.float64),
    }


def accuracies(hits: Counts, totals: Counts) -> dict[str, Floats]:
    """Turn counts with any leading axes into ratios; NaN where there was nothing to count."""
    return {
        "accuracy": ratio(hits["right"], totals["due"]),
        "accuracy_with_padding": ratio(hits["right_or_padding"], totals["steps"]),
        "onset_precision": ratio(hits["pitched"], hits["begun"]),
        "onset_recall": ratio(hits["pitched"], totals["onsets"]),
        "onset_f1": ratio(2 * hits["pitched"], hits["begun"] + totals["onsets"]),
        "onset_place_f1": ratio(2 * hits["placed"], hits["begun"] + totals["onsets"]),
        "pitch_accuracy": ratio(hits["pitched"], hits["placed"]),
        "bars_exact": ratio(hits["bars_exact"], totals["bars"]),
        "windows_exact": ratio(hits["windows_exact"], totals["windows"]),
        "metre_accuracy": ratio(hits["bars_in_metre"], totals["bars"]),
    }


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where the whole is zero."""
    divisor = np.where(whole == 0, np.nan, whole)
    quotient: Floats = part / divisor
    return quotient


def _bars(values: Flags | Ids, meaning: Meaning) -> NDArray[Any]:
    """View `(windows, time, voices)` as `(windows, bars, ids of a bar)`."""
    num_windows, time, voices = values.shape
    num_bars = time // meaning.steps_per_bar
    return values.reshape(num_windows, num_bars, meaning.steps_per_bar * voices)


def _total(values: Flags | Ids) -> Floats:
    """Sum all but the first axis."""
    total: Floats = values.reshape(len(values), -1).sum(axis=1, dtype=np.float64)
    return total
