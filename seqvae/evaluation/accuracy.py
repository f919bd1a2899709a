"""How well ids were rebuilt, counted window by window; every accuracy is a ratio of sums of these counts."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqvae.evaluation.meaning import Flags, Ids, Meaning

Floats = NDArray[np.float64]
Counts = Mapping[str, Floats]  # name -> (windows,), or any other leading axes once summed


def count_targets(targets: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count in `(windows, time, voices)` what there was to get right, each `(windows,)`.

    Of several voices each is counted apart too, with its name before that of the count.
    """
    per_bar, begun = _bars(targets, meaning), meaning.begun(targets)
    counts = {
        "windows": np.ones(len(targets)),
        "bars": np.full(len(targets), float(per_bar.shape[1])),
        "steps": _total(np.ones_like(targets)),
        "due": _total(meaning.is_due(targets)),
        "onsets": _total(begun),
    }
    if meaning.has_pitches:
        counts["notes"] = _total(begun * meaning.is_pitch(targets))
    if meaning.may_be_absent:
        counts["music"] = _total(targets != meaning.pad)
    return counts | _count_parts(lambda voice, part: count_targets(targets[..., voice], part), meaning)


def count_hits(predicted: Ids, targets: Ids, meaning: Meaning) -> dict[str, Floats]:
    """Count in `(windows, time, voices)` what was got right, each `(windows,)`; voices as `count_targets`.

    Steps whose target is padding or an absent voice are left out of `right`; bars and windows are exact both
    included, and what begins where nothing should is wrong there too.
    """
    equal: Flags = np.equal(predicted, targets)
    is_music: Flags = np.not_equal(targets, meaning.pad)
    begun = meaning.begun(predicted)
    placed = np.minimum(begun, meaning.begun(targets))
    matched = meaning.begun_alike(predicted, targets)
    padded_alike: Flags = np.equal(predicted == meaning.pad, ~is_music)
    counts = {
        "right": _total(equal & meaning.is_due(targets)),
        "right_or_padding": _total(equal),
        "begun": _total(begun),
        "placed": _total(placed),
        "matched": _total(matched),
        "bars_exact": _total(np.all(_bars(equal, meaning), axis=2)),
        "bars_in_metre": _total(np.all(_bars(padded_alike, meaning), axis=2)),
        "windows_exact": np.all(equal, axis=(1, 2)).astype(np.float64),
    }
    if meaning.has_pitches:
        notes = meaning.is_pitch(targets)
        counts |= {"notes_placed": _total(placed * notes), "notes_matched": _total(matched * notes)}
    if meaning.may_be_absent:
        there = np.equal(meaning.is_absent(predicted), meaning.is_absent(targets))
        counts["rightly_there"] = _total(there & is_music)
    return counts | _count_parts(
        lambda voice, part: count_hits(predicted[..., voice], targets[..., voice], part), meaning
    )


def accuracies(hits: Counts, totals: Counts) -> dict[str, Floats]:
    """Turn counts with any leading axes into ratios; NaN where there was nothing to count."""
    ratios = {
        "accuracy": ratio(hits["right"], totals["due"]),
        "accuracy_with_padding": ratio(hits["right_or_padding"], totals["steps"]),
        "onset_precision": ratio(hits["matched"], hits["begun"]),
        "onset_recall": ratio(hits["matched"], totals["onsets"]),
        "onset_f1": ratio(2 * hits["matched"], hits["begun"] + totals["onsets"]),
        "onset_place_f1": ratio(2 * hits["placed"], hits["begun"] + totals["onsets"]),
    }
    if "notes_placed" in hits:
        ratios["pitch_accuracy"] = ratio(hits["notes_matched"], hits["notes_placed"])
    if "rightly_there" in hits:
        ratios["presence_accuracy"] = ratio(hits["rightly_there"], totals["music"])
    return ratios | {
        "bars_exact": ratio(hits["bars_exact"], totals["bars"]),
        "windows_exact": ratio(hits["windows_exact"], totals["windows"]),
        "metre_accuracy": ratio(hits["bars_in_metre"], totals["bars"]),
    }


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where the whole is zero."""
    divisor = np.where(whole == 0, np.nan, whole)
    quotient: Floats = part / divisor
    return quotient


def _count_parts(count: Callable[[slice, Meaning], dict[str, Floats]], meaning: Meaning) -> dict[str, Floats]:
    """Count each of several voices for itself."""
    counts: dict[str, Floats] = {}
    for name, (place, part) in meaning.parts.items():
        counted = count(slice(place, place + 1), part)
        counts |= {f"{name}.{key}": values for key, values in counted.items()}
    return counts


def _bars(values: Flags | Ids, meaning: Meaning) -> NDArray[Any]:
    """View `(windows, time, voices)` as `(windows, bars, ids of a bar)`."""
    num_windows, time, voices = values.shape
    num_bars = time // meaning.steps_per_bar
    return values.reshape(num_windows, num_bars, meaning.steps_per_bar * voices)


def _total(values: Flags | Ids) -> Floats:
    """Sum all but the first axis."""
    total: Floats = values.reshape(len(values), -1).sum(axis=1, dtype=np.float64)
    return total
