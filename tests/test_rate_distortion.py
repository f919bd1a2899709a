"""The script that tabulates accuracy beside bits."""

from scripts.rate_distortion import table_lines

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
    lines = table_lines([made_up("ours", 58.3), made_up("magenta", 40.1)])

    assert lines[0].startswith("| model | parameters | windows | bits |")
    assert lines[2] == "| magenta | 1,000,000 | 6243 | 40.1 | 0.9900 | 0.9700 | 0.9000 | 0.8000 | -60.0 |"
    assert lines[3].startswith("| ours |")
