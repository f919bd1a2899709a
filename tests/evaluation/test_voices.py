"""Metrics of drums and of trios."""

from itertools import product

import numpy as np
import pytest
import torch

from seqvae.evaluation.accuracy import accuracies, count_hits, count_targets
from seqvae.evaluation.baseline import fit_baseline
from seqvae.evaluation.measure import MeasureSettings, measure_windows
from seqvae.evaluation.metrics import TOGETHER, Metrics, compute_metrics
from seqvae.evaluation.report import Evaluation
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.training.validation import _count
from tests.evaluation.making import DRUMS, MELODY, TRIO, spoil, window_set


def trio_ids(seed: int, *, num_windows: int = 8, time: int = 32) -> np.ndarray:
    """Draw `(windows, time, 3)` ids in 4/4; in some windows a voice is absent."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, [9, 9, 6], size=(num_windows, time, 3)).astype(np.int16)
    for voice, absent in enumerate((131, 131, 513)):
        ids[generator.random(num_windows) < 0.3, :, voice] = absent
    return ids


def ratios(predicted, targets, meaning) -> dict[str, float]:
    """Compute the ratios over all windows."""
    hits = {name: values.sum() for name, values in count_hits(predicted, targets, meaning).items()}
    totals = {name: values.sum() for name, values in count_targets(targets, meaning).items()}
    return {name: float(value) for name, value in accuracies(hits, totals).items()}


def test_hits_of_drums_are_pairs_of_step_and_class():
    """F1 is that of plain sets of (window, step, class), while the accuracy of a step asks for all of it."""
    generator = np.random.default_rng(0)
    targets = generator.integers(1, 513, size=(6, 32, 1))
    predicted = np.where(
        generator.random(targets.shape) < 0.5, targets, generator.integers(1, 513, targets.shape)
    )
    there, found = (
        {(w, t, c) for w, t, c in product(range(6), range(32), range(9)) if ids[w, t, 0] - 1 >> c & 1}
        for ids in (targets, predicted)
    )
    got = ratios(predicted, targets, DRUMS)

    assert got["onset_precision"] == len(there & found) / len(found)
    assert got["onset_recall"] == len(there & found) / len(there)
    assert got["onset_f1"] == 2 * len(there & found) / (len(there) + len(found))
    assert got["accuracy"] == (predicted == targets).mean()
    assert "pitch_accuracy" not in got


def test_each_voice_is_counted_as_if_alone():
    """The counts of a trio's melody are those of a melody, and the total is the sum of the three."""
    targets = trio_ids(1)
    targets[..., 0] = np.where(targets[..., 0] == 131, 2, targets[..., 0])  # a melody alone is never absent
    predicted = spoil(targets, 2, vocab_size=6)
    together = count_targets(targets, TRIO) | count_hits(predicted, targets, TRIO)
    alone = [
        count_targets(targets[..., :1], MELODY) | count_hits(predicted[..., :1], targets[..., :1], MELODY),
        {name.removeprefix("drums."): v for name, v in together.items() if name.startswith("drums.")},
    ]

    for name, values in alone[0].items():
        np.testing.assert_array_equal(together[f"melody.{name}"], values, err_msg=name)
    for name in ("right", "due", "begun", "onsets", "matched", "placed"):
        voices = [together[f"{voice}.{name}"] for voice in ("melody", "bass", "drums")]
        np.testing.assert_array_equal(together[name], sum(voices), err_msg=name)
    assert "notes" not in alone[1]


def test_absent_steps_count_in_no_accuracy():
    """Whatever is guessed where a voice is absent, its accuracy stays; presence and precision tell."""
    targets = np.full((1, 16, 3), [60, 131, 2], dtype=np.int16)
    wrong = targets.copy()
    wrong[..., 1] = 40
    good, bad = ratios(targets, targets, TRIO), ratios(wrong, targets, TRIO)

    assert good["accuracy"] == bad["accuracy"] == 1
    assert (good["presence_accuracy"], bad["presence_accuracy"]) == (1, pytest.approx(2 / 3))
    assert bad["onset_precision"] == pytest.approx(2 / 3)
    assert bad["onset_recall"] == 1


def test_validation_counts_as_the_evaluation_does():
    """What training shows of each voice is what evaluating would."""
    targets = trio_ids(3)
    predicted = spoil(targets, 4, vocab_size=6)
    shown = _count({"guess": predicted.reshape(-1, 3)}, targets.reshape(-1, 3), TRIO)
    counted = {**count_targets(targets, TRIO), **count_hits(predicted, targets, TRIO)}

    for ending, voice in (("", ""), ("_bass", "bass."), ("_drums", "drums.")):
        assert shown[f"steps{ending}"] == counted[f"{voice}due"].sum()
        assert shown[f"onsets{ending}"] == counted[f"{voice}onsets"].sum()
        assert shown[f"guess/steps{ending}"] == counted[f"{voice}right"].sum()
        assert shown[f"guess/onsets{ending}"] == counted[f"{voice}matched"].sum()


@pytest.fixture(scope="module")
def measured() -> Metrics:
    """Measure a small untrained trio model."""
    torch.manual_seed(0)
    windows = window_set(trio_ids(5), windows_per_piece=2, num_corpora=1)
    model = SequenceVAE(preset("debug-trio").model)
    baseline = fit_baseline(windows, TRIO, vocab_size=514)
    settings = MeasureSettings(bound_samples=0)
    columns = measure_windows(model, windows, np.arange(8), baseline=baseline, settings=settings)
    return compute_metrics(columns, ("songs",), seed=0)


def test_report_shows_voices_apart(measured):
    """Each voice has its accuracy, majority and onset F1 in both tables, beside the total."""
    values = measured.values[TOGETHER]
    tables = "\n".join(Evaluation({"model": "toy"}, measured).lines()).split("\n\n")

    for voice in ("melody", "bass", "drums"):
        assert 0 <= values[f"{voice}.free_running.accuracy"] < values[f"{voice}.majority.accuracy"] <= 1
        assert f"{voice}: accuracy, padding left out" in tables[1]
        assert f"{voice}: free-running onset F1" in tables[2]
    assert "drums: pitch" not in tables[1]
    assert "pair of step and class" in " ".join(tables[3].split())
