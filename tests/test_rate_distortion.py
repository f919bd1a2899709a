"""The script that tabulates accuracy beside bits."""

import json
from argparse import Namespace

from scripts.rate_distortion import read_evaluation, table_lines

TOGETHER = {
    "teacher_forced.accuracy": 0.99,
    "free_running.accuracy": 0.97,
    "free_running.onset_f1": 0.9,
    "free_running.bars_exact": 0.8,
    "elbo_bits": -60.0,
}


def made_up(name: str, bits: float) -> dict:
    """Make up an evaluation."""
    metrics = {"together": TOGETHER | {"kl_bits": bits}}
    return {"model": name, "parameters": 1000000, "windows": 6243, "metrics": metrics}


def test_rows_stand_in_the_order_of_bits():
    """The model that spends fewest bits comes first, whatever the order of the arguments."""
    lines = table_lines([made_up("ours", 58.3), made_up("magenta", 40.1) | {"training_seconds": 75.2}])

    assert lines[0].startswith("| model | parameters | training s | windows | bits |")
    assert (
        lines[2] == "| magenta | 1,000,000 | 75 | 6243 | 40.1 | 0.9900 | 0.9700 | 0.9000 | 0.8000 | -60.0 |"
    )
    assert lines[3].startswith("| ours | 1,000,000 | - |")


def test_evaluation_in_a_run_knows_its_training(tmp_path):
    """The seconds are those of the last line of metrics that has any, validations have none."""
    (tmp_path / "evaluation.json").write_text(json.dumps(made_up("ours", 58.3)))
    metrics = [{"kind": "train", "seconds": 9.5}, {"kind": "train", "seconds": 19.5}, {"kind": "valid"}]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in metrics))
    read = read_evaluation(str(tmp_path / "evaluation.json"), Namespace())

    assert read["model"] == "ours"
    assert read["training_seconds"] == 19.5
