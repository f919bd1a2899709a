"""The script that times models of text."""

import pytest
import torch

from scripts import bench_text
from scripts.bench_text import BOUND, NUM_SAMPLES, TRAINING, Rate, main, per_second, read_windows, sized
from seqvae.presets import preset


def test_table_has_every_rate_beside_the_best_of_others(monkeypatch, capsys):
    """Three rates of each preset stand beside a reference, with their ratio."""
    monkeypatch.setattr(bench_text, "NUM_SAMPLES", 3)
    monkeypatch.setattr(torch, "set_num_threads", lambda number: None)
    main(["--presets", "debug-text", "--repetitions", "1"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:5]]

    assert [row[2] for row in rows] == ["tokens trained on", "tokens written", "samples of the IW bound"]
    assert all(float(row[3].replace(",", "")) > 0 for row in rows)
    assert "plain sketch" in rows[0][4]


def test_ratio_is_to_the_best_of_others():
    """The fastest code is what ours is measured by; the bound's reference is samples over seconds."""
    assert Rate("x", 5042.0, TRAINING).cells()[1:] == ["5,042", "2,521 (plain sketch, 4.9 M)", "2.00"]
    assert BOUND["lagging encoder, 8.8 M"] == pytest.approx(NUM_SAMPLES / 1.61)


def test_rate_is_work_over_seconds_of_the_processor(monkeypatch):
    """Ten tokens in two seconds are five a second, whatever the clock on the wall says."""
    monkeypatch.setattr(bench_text, "process_time", iter([0.0, 2.0, 10.0, 11.0, 20.0, 30.0]).__next__)

    assert per_second(lambda: 10.0, 3) == 5.0


def test_vocabulary_is_not_made_smaller(tmp_path):
    """The few sentences of data/ do not make a softmax cheaper than that of the preset."""
    windows, vocab_size = read_windows(None, tmp_path)
    recipe = sized(preset("lm"), windows, vocab_size)

    assert vocab_size < recipe.model.vocab_size == 4000
    assert len(windows) >= recipe.train.batch_size
