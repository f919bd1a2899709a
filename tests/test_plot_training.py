"""The script that draws curves over training."""

import json

import pytest

from scripts.plot_training import Curve, curve_of, main, read_records, smooth

RECORDS = [
    {"kind": "train", "step": 50, "accuracy": 0.3},  # a phase without z
    {"kind": "train", "step": 100, "kl_bits": 80.0, "beta": 0.01},
    {"kind": "valid", "step": 100, "teacher_forced": 0.7, "free_running": 0.6, "kl_bits": 79.0},
    {"kind": "train", "step": 150, "kl_bits": 60.0, "beta": 0.02},
]


@pytest.fixture
def run(tmp_path):
    """Write the metrics of a run that is still being trained."""
    (tmp_path / "run").mkdir()
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    (tmp_path / "run" / "metrics.jsonl").write_text(lines + '{"kind": "tr')
    return tmp_path / "run"


def test_line_being_written_is_left_out(run):
    """A run can be drawn while it is trained."""
    assert read_records(run) == RECORDS


def test_curve_holds_what_was_measured():
    """Kinds of records do not mix, and a number that a record lacks is no zero."""
    assert curve_of(RECORDS, "train", "kl_bits") == Curve([100, 150], [80.0, 60.0])
    assert curve_of(RECORDS, "valid", "kl_bits") == Curve([100], [79.0])


def test_smoothing_averages_what_came_before():
    """The first value stands as it is, the others are means of at most so many."""
    assert smooth(Curve([1, 2, 3], [1.0, 3.0, 7.0]), width=2) == Curve([1, 2, 3], [1.0, 2.0, 5.0])


def test_folder_that_is_no_run_is_refused(tmp_path):
    """The message says what is wanted."""
    with pytest.raises(SystemExit, match="give the folder of a run"):
        main([str(tmp_path), "-o", str(tmp_path / "curves.png")])


def test_png_is_written(run, tmp_path):
    """Two runs, one file."""
    pytest.importorskip("matplotlib")
    main([str(run), str(run), "-o", str(tmp_path / "curves.png")])

    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
