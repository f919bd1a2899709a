from collections import Counter

import numpy as np
import pytest

from seqvae.evaluation import baseline
from seqvae.evaluation.accuracy import count_hits, count_targets
from seqvae.evaluation.baseline import fit_baseline
from tests.evaluation.making import MELODY, TRIO, random_ids, window_set


def plain_positions(ids) -> list[tuple[tuple[int, int, int], int]]:
    """List the position and the id of every step of `(windows, time, 1)` that is due."""
    found = []
    for window in ids[..., 0].tolist():
        for bar in range(len(window) // 16):
            steps = window[bar * 16 : bar * 16 + 16]
            length = sum(id_ != 0 for id_ in steps)
            found += [((bar, length, step), id_) for step, id_ in enumerate(steps) if id_ != 0]
    return found


def test_guesses_are_the_most_frequent_ids_of_a_plain_count(monkeypatch):
    """No other guess per position gets more steps of the train split right."""
    monkeypatch.setattr(baseline, "WINDOWS_AT_ONCE", 7)
    ids = random_ids(0, num_windows=40)
    fitted = fit_baseline(window_set(ids), MELODY, vocab_size=9)
    counts: dict[tuple[int, int, int], Counter[int]] = {}
    for position, id_ in plain_positions(ids):
        counts.setdefault(position, Counter())[id_] += 1
    hits = count_hits(fitted.guess_positions(ids), ids, MELODY)

    assert hits["right"].sum() == sum(max(counter.values()) for counter in counts.values())
    assert (
        fitted.constants.tolist()[0] == Counter(id_ for _, id_ in plain_positions(ids)).most_common(1)[0][0]
    )


def test_both_guesses_know_the_metre():
    """Where a bar ends is told, so that every padding is right and none is guessed elsewhere."""
    train, test = random_ids(1), random_ids(2)
    fitted = fit_baseline(window_set(train), MELODY, vocab_size=9)

    for guess in (fitted.guess_positions(test), fitted.guess_constant(test)):
        assert (
            count_hits(guess, test, MELODY)["bars_in_metre"].sum()
            == count_targets(test, MELODY)["bars"].sum()
        )


def test_unseen_positions_get_the_constant():
    """A bar length that the train split does not know is guessed by the constant."""
    train = np.full((2, 16, 1), 5, dtype=np.int16)
    test = np.full((1, 16, 1), 7, dtype=np.int16)
    test[0, 12:] = 0
    fitted = fit_baseline(window_set(train), MELODY, vocab_size=9)

    assert fitted.guess_positions(test)[0, :, 0].tolist() == [5] * 12 + [0] * 4


@pytest.mark.parametrize("voices", [2, 3])
def test_each_voice_has_its_own_guess(voices):
    """Voices are counted apart."""
    ids = np.broadcast_to(np.arange(3, 3 + voices, dtype=np.int16), (4, 16, voices)).copy()
    fitted = fit_baseline(window_set(ids), MELODY, vocab_size=9)

    np.testing.assert_array_equal(fitted.guess_positions(ids), ids)


def test_an_absent_voice_is_never_guessed():
    """The most frequent id of a voice that mostly is not there is one of when it is."""
    ids = np.broadcast_to(np.array([131, 131, 513], dtype=np.int16), (5, 16, 3)).copy()
    ids[0] = [60, 2, 9]
    fitted = fit_baseline(window_set(ids, num_corpora=1), TRIO, vocab_size=514)

    assert fitted.constants.tolist() == [60, 2, 9]
    np.testing.assert_array_equal(fitted.guess_positions(ids), np.broadcast_to(ids[:1], ids.shape))
