from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from seqvae.errors import ConfigError
from seqvae.evaluation.accuracy import accuracies, count_hits, count_targets, ratio
from seqvae.evaluation.meaning import meaning_of
from tests.evaluation.making import MELODY, random_ids, spoil


def plain_counts(predicted, targets) -> Counter[str]:
    """Count what the metrics count, one id after the other, for one window of one voice."""
    counts: Counter[str] = Counter(windows=1)
    for guess, target in zip(predicted.ravel().tolist(), targets.ravel().tolist(), strict=True):
        counts["steps"] += 1
        counts["due"] += target != 0
        counts["onsets"] += target >= 3
        counts["notes"] += target >= 3
        counts["right"] += target != 0 and guess == target
        counts["right_or_padding"] += guess == target
        counts["begun"] += guess >= 3
        counts["placed"] += guess >= 3 and target >= 3
        counts["notes_placed"] += guess >= 3 and target >= 3
        counts["matched"] += target >= 3 and guess == target
        counts["notes_matched"] += target >= 3 and guess == target
    for start in range(0, len(targets), 16):
        bar, written = (
            targets[start : start + 16].ravel().tolist(),
            predicted[start : start + 16].ravel().tolist(),
        )
        counts["bars"] += 1
        counts["bars_exact"] += bar == written
        counts["bars_in_metre"] += [i == 0 for i in bar] == [i == 0 for i in written]
    counts["windows_exact"] += predicted.tolist() == targets.tolist()
    return counts


def ratios(predicted, targets) -> dict[str, float]:
    """Compute the ratios over all windows."""
    hits = {name: values.sum() for name, values in count_hits(predicted, targets, MELODY).items()}
    totals = {name: values.sum() for name, values in count_targets(targets, MELODY).items()}
    return {name: float(value) for name, value in accuracies(hits, totals).items()}


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5])
def test_counts_are_those_of_a_plain_loop(share):
    """Counting all windows at once gives what counting id by id gives."""
    targets = random_ids(1)
    predicted = spoil(targets, 2, share=share)
    counted = count_targets(targets, MELODY) | count_hits(predicted, targets, MELODY)

    for window in range(len(targets)):
        plain = plain_counts(predicted[window], targets[window])
        assert {name: values[window] for name, values in counted.items()} == {
            name: plain[name] for name in counted
        }


def test_a_perfect_guess_scores_one():
    """Whoever gets every id right has 1 everywhere."""
    targets = random_ids(3)

    assert set(ratios(targets, targets).values()) == {1.0}


def test_order_of_windows_changes_nothing():
    """Sums do not know which window came first."""
    targets = random_ids(4)
    predicted = spoil(targets, 5)
    order = np.random.default_rng(6).permutation(len(targets))

    assert ratios(predicted[order], targets[order]) == ratios(predicted, targets)


def test_f1_is_the_harmonic_mean():
    """F1 follows from precision and recall."""
    found = ratios(spoil(random_ids(7), 8), random_ids(7))
    precision, recall = found["onset_precision"], found["onset_recall"]

    assert found["onset_f1"] == pytest.approx(2 * precision * recall / (precision + recall))


def test_padding_counts_only_where_it_is_said():
    """Wrong steps in a 3/4 bar weigh more once its padding is left out."""
    targets = np.full((1, 16, 1), 1)
    targets[0, 12:] = 0
    predicted = targets.copy()
    predicted[0, :3] = 2
    found = ratios(predicted, targets)

    assert found["accuracy"] == 9 / 12
    assert found["accuracy_with_padding"] == 13 / 16
    assert found["metre_accuracy"] == 1
    assert found["bars_exact"] == 0


def test_right_place_with_wrong_pitch_is_half_right():
    """A wrong pitch in the right place costs the onset, not the place."""
    targets = np.array([60, 1, 62, 1] * 4).reshape(1, 16, 1)
    predicted = np.where(targets == 62, 61, targets)
    found = ratios(predicted, targets)

    assert (found["onset_f1"], found["onset_place_f1"], found["pitch_accuracy"]) == (0.5, 1.0, 0.5)


def test_nothing_to_count_is_not_a_number():
    """Silence has no onset precision."""
    silence = np.full((1, 16, 1), 2)

    assert np.isnan(ratios(silence, silence)["onset_f1"])
    assert np.isnan(ratio(np.array([0.0, 1.0]), np.array([0.0, 2.0]))).tolist() == [True, False]


def test_unknown_ids_are_refused():
    """Metrics exist for tokenizers whose ids are known."""
    with pytest.raises(ConfigError, match="no metrics for tokenizer 'smoke'; there are for melody"):
        meaning_of(SimpleNamespace(name="smoke"))
