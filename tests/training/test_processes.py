"""One process equals several, and equals itself in parts."""

import signal

import pytest
import torch

from seqvae.checkpoint import load_model
from seqvae.errors import ConfigError
from seqvae.presets import preset
from seqvae.training.parts import Part, check_parts
from seqvae.training.settings import override
from seqvae.training.trainer import Trainer, has_idle_weights
from tests.training.making import BARS, SHORT, Notebook, debug_preset, run, trainer_of
from tests.training.several import run_several
from tests.training.test_run import lines_of

TOLERANCE = 1e-5  # of weights and means after 12 steps: sums of parts are rounded otherwise
EVERYTHING = (
    *SHORT,
    *BARS,
    "train.bar_steps=3",
    "train.log_every=1",
    "train.ema_decay=0.9",
    "train.sampling_rate=3",
    "train.token_dropout=0.2",
    "objective.target_kl=5",
    "objective.free_bits=0.05",
)


def train_and_stop(shards, folder, step: int) -> None:
    """Train until a signal reaches the second of two processes."""
    advance = Trainer.advance

    def stopping(trainer):
        result = advance(trainer)
        if (trainer.processes.rank, trainer.counters.step) == (1, step):
            signal.raise_signal(signal.SIGTERM)
        return result

    Trainer.advance = stopping
    run(shards, folder, EVERYTHING)


def train_on(shards, folder) -> None:
    """Go on with a run."""
    run(shards, folder, EVERYTHING, resume=True)


def train_unevenly(shards, folder) -> None:
    """Divide a batch of 8 by 3."""
    run(shards, folder)


def lose_one(shards, folder) -> None:
    """End one of two processes in the middle."""
    advance = Trainer.advance

    def ending(trainer):
        if (trainer.processes.rank, trainer.counters.step) == (1, 6):
            raise SystemExit(9)
        return advance(trainer)

    Trainer.advance = ending
    run(shards, folder)


def close(first: dict[str, object], second: dict[str, object]) -> bool:
    """Compare two lines of metrics; accuracy is of what the first process saw."""
    exact = ("kind", "step", "active_units", "skipped")
    first, second = ({n: v for n, v in line.items() if n != "accuracy"} for line in (first, second))
    numbers = ({n: v for n, v in line.items() if n not in exact} for line in (first, second))
    return all(first.get(name) == second.get(name) for name in exact) and next(numbers) == pytest.approx(
        next(numbers), rel=TOLERANCE, abs=TOLERANCE
    )


@pytest.mark.slow
def test_two_processes_equal_one(shards, tmp_path):
    """Losses, KL, gradients and weights agree; a signal to one stops both, and one goes on after two."""
    run(shards, tmp_path / "one", EVERYTHING)
    stopped = run_several(2, train_and_stop, shards, tmp_path / "two", 5, log=tmp_path / "log")
    after = [place.name for place in (tmp_path / "two" / "states").iterdir()]
    resumed = run_several(2, train_on, shards, tmp_path / "two", log=tmp_path / "log")
    view = Notebook()
    run(shards, tmp_path / "two", EVERYTHING, resume=True, view=view)
    one, two = (lines_of(tmp_path / name) for name in ("one", "two"))
    weights = [load_model(tmp_path / name / "model").model.state_dict() for name in ("one", "two")]

    assert (stopped, resumed) == (["", ""], ["", ""])
    assert "step-000000005" in after
    assert view.sentences[0].startswith("processes was 2 and is now 1; the run goes on")
    assert len(one) == len(two)
    assert all(close(first, second) for first, second in zip(one, two, strict=True)), (one, two)
    for name, weight in weights[0].items():
        assert torch.allclose(weight, weights[1][name], rtol=TOLERANCE, atol=TOLERANCE), name


@pytest.mark.slow
def test_of_several_processes_one_tells_what_is_wrong(shards, tmp_path):
    """A refusal is told once, and nothing is written; one that is lost ends the others in one line."""
    refused = run_several(3, train_unevenly, shards, tmp_path / "uneven", log=tmp_path / "log")
    lost = run_several(2, lose_one, shards, tmp_path / "lost", log=tmp_path / "log")

    assert "train.batch_size is 8, which 3 processes of 1 part each cannot divide evenly" in refused[0]
    assert [text.splitlines()[-1] for text in refused[1:]] == ["SystemExit: 1"] * 2
    assert not (tmp_path / "uneven").exists()
    assert "process 0 of 2: another process of this run is gone" in lost[0]
    assert run(shards, tmp_path / "lost", resume=True).step == 12


@pytest.mark.parametrize(
    "assignments",
    [
        ("train.token_dropout=0.2", "train.sampling_rate=2", "train.ema_decay=0.9"),
        (*BARS, "train.bar_steps=2"),
        (*BARS, "model.lookback=[16]", "train.own_past=0.5"),
    ],
    ids=["flat", "hierarchical", "own past"],
)
def test_a_batch_in_parts_equals_a_batch(assignments):
    """Gradients of parts add up to that of the batch, whatever was drawn for it."""
    preset = debug_preset(*assignments)
    whole, parts = (trainer_of(preset, accumulation=count) for count in (1, 4))
    results = [(whole.advance(), parts.advance()) for _ in range(4)]
    weights = parts.model.state_dict()

    for one, four in results:
        assert four.terms.loss.item() == pytest.approx(one.terms.loss.item(), rel=1e-5)
        assert four.grad_norm == pytest.approx(one.grad_norm, rel=1e-4)
        if one.terms.mu is not None:
            assert four.terms.mu.shape == one.terms.mu.shape
    for name, weight in whole.model.state_dict().items():
        assert torch.allclose(weight, weights[name], rtol=TOLERANCE, atol=TOLERANCE), name


@pytest.mark.parametrize("count", [1, 2, 4])
def test_parts_draw_what_the_whole_would(count):
    """Put together in their places, the rows of all parts are the batch's."""
    whole = Part().draws(1, 2, 3).random((8, 5), dtype="float32")
    for index in range(count):
        part = Part(index, count)
        rows = part.draws(1, 2, 3).random((8 // count, 5), dtype="float32")

        assert (rows == whole[part.rows]).all()


@pytest.mark.parametrize(
    ("assignments", "parts", "message"),
    [
        ((), (3, 1), "train.batch_size is 8, which 3 processes of 1 part each cannot divide evenly"),
        ((), (2, 3), "choose a multiple of 6"),
        (
            ("train.batch_size=35", "train.bar_steps=2"),
            (1, 5),
            "choose a divisor of 96, or train.bar_steps=0",
        ),
        (("objective.free_bits=0.1",), (1, 2), "choose --accumulate 1 or objective.free_bits_mode=total"),
    ],
    ids=["processes", "parts", "bars", "free bits"],
)
def test_uneven_parts_are_refused(assignments, parts, message):
    """Each part has the same number of rows, or the run does not begin."""
    with pytest.raises(ConfigError, match=message):
        check_parts(debug_preset(*assignments), processes=parts[0], accumulation=parts[1])


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("debug", (), False),
        ("debug", ("model.prior=learned",), False),
        ("trio-16bar", (), True),
        ("trio-16bar", ("model.prior=normal",), True),
        ("trio-16bar", ("train.bar_steps=0",), False),
        ("melody-16bar-normal", ("model.latent_layout=dense", "train.bar_steps=0"), True),
    ],
)
def test_weights_are_idle_where_there_is_a_first_phase(name, changes, expected):
    """What single bars leave aside, or what only they need, gets no gradient: processes have to know."""
    assert has_idle_weights(override(preset(name), changes)) is expected
