import json

import pytest

from seqvae.evaluation.metrics import compute_metrics
from seqvae.evaluation.report import Evaluation, align
from tests.evaluation.test_metrics import CORPORA, measured


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """Evaluate what was made up; no bound was computed."""
    measurements = measured()
    measurements.columns["bound_windows"][:] = 0
    metrics = compute_metrics(measurements, CORPORA, seed=0)
    return Evaluation({"model": "toy", "split": "test", "windows": 60}, metrics)


def test_json_holds_every_number(evaluation):
    """Facts, metrics and intervals survive JSON; what could not be measured is null."""
    read = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))

    assert read["model"] == "toy"
    assert read["metrics"]["together"]["bound_nats"] is None
    assert read["intervals"]["together"]["bound_nats"] == [None, None]
    assert read["metrics"]["corpus1"]["gap"] == evaluation.metrics.values["corpus1"]["gap"]


def test_tables_are_aligned(evaluation):
    """All rows of a table are of one length, and the headline numbers stand in them."""
    lines = evaluation.lines()
    tables = "\n".join(lines).split("\n\n")[1:3]
    accuracy = evaluation.metrics.values["together"]["free_running.accuracy"]

    assert all(len({len(line) for line in table.splitlines()}) == 1 for table in tables)
    assert f"{accuracy:.4f}" in tables[0]
    assert "free-running accuracy" in tables[1]
    assert "nan" not in "\n".join(lines)


def test_words_are_explained(evaluation):
    """The tables say which z, which padding and which baselines are meant."""
    text = " ".join(evaluation.lines())

    assert "z is drawn from the posterior" in text
    assert "No accuracy counts a step whose target is padding" in text


def test_align_pads_to_the_widest():
    """The first column leans left, the others right."""
    assert align([["a", "10"], ["bcd", "2"]]) == ["a    10", "bcd   2"]
