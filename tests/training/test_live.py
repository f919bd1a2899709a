import io

from rich.console import Console

from seqvae.training.live import LineView, TableView, clock, record_line

TRAIN = {
    "kind": "train",
    "step": 50,
    "loss": 12.345,
    "kl": 3.0,
    "kl_bits": 4.33,
    "active_units": 7,
    "skipped": 0,
}
VALID = {"kind": "valid", "step": 50, "teacher_forced": 0.91234, "free_running": 0.8}


def test_lines_are_plain_text():
    """Without a terminal each record is one line without escape codes."""
    out = io.StringIO()
    view = LineView(Console(file=out), 100)
    with view.open():
        view.show(TRAIN, seconds_left=125.2)
        view.show(VALID, seconds_left=None)
        view.say("going on [after] step 5")

    assert out.getvalue().splitlines() == [
        "step 50/100  loss 12.35  KL nats 3.00  bits 4.3  active units 7  2:05 left",
        "held out at step 50/100  teacher-forced 0.9123  free-running 0.8000",
        "going on [after] step 5",
    ]


def test_the_table_shows_training_beside_validation():
    """On a terminal both kinds of figures stand side by side."""
    out = io.StringIO()
    view = TableView(Console(file=out, force_terminal=True, width=120), 100)
    with view.open():
        view.show(VALID, seconds_left=None)
        view.show(TRAIN, seconds_left=3725.0)
    text = out.getvalue()

    for expected in ("step 50 of 100, 1:02:05 left", "held out", "training", "12.35", "0.9123", "bits"):
        assert expected in text


def test_voices_are_shown_apart():
    """Of several voices each has its share of steps and of onsets."""
    record = VALID | {"free_running_bass": 0.75, "free_running_onsets_bass": 0.5}

    assert record_line(record, 100).endswith("bass, free-running 0.7500  bass, onsets 0.5000")


def test_skipped_steps_are_shown_when_there_are_any():
    """A line grows by the count."""
    assert "skipped" not in record_line(TRAIN, 100)
    assert record_line(TRAIN | {"skipped": 3}, 100).endswith("skipped 3")


def test_times_read_like_a_clock():
    """Hours only where there are any."""
    assert [clock(seconds) for seconds in (0, 59.6, 3599, 3600)] == ["0:00", "1:00", "59:59", "1:00:00"]
