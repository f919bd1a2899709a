import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from seqvae.checkpoint import load_model
from seqvae.dataset.shards import open_shards
from seqvae.errors import CheckpointError, ConfigError, DataError, OutputError, TrainingError
from seqvae.evaluation.evaluate import evaluate_model
from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.metrics import TOGETHER
from seqvae.latent.codec import encode_windows
from seqvae.latent.fitted import fitted_to
from seqvae.latent.posterior import load_posterior
from seqvae.model.prior import AutoregressivePrior
from seqvae.model.vae import SequenceVAE
from seqvae.training import loop
from seqvae.training.run import RunSettings, default_threads, run_training
from seqvae.training.trainer import Trainer
from tests.training.making import BARS, SHORT, Notebook, debug_preset, run

EVERYTHING = (
    *SHORT,
    "train.ema_decay=0.9",
    "train.sampling_rate=3",
    "train.token_dropout=0.2",
    "objective.target_kl=5",
    "train.precision=bfloat16",
)


def tensors_of(folder: Path) -> dict[str, bytes]:
    """Read model and last state of a run."""
    last = max((folder / "states").iterdir())
    files = [folder / "model" / "model.safetensors", last / "state.safetensors"]
    return {path.name: path.read_bytes() for path in files}


def lines_of(folder: Path) -> list[dict[str, object]]:
    """Read the metrics, without what depends on the clock."""
    clock = ("seconds", "sequences_per_second")
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in clock} for line in lines]


def stop_after(monkeypatch, step: int) -> None:
    """Let a signal arrive during a step."""
    advance = Trainer.advance

    def stopping(trainer):
        result = advance(trainer)
        if trainer.counters.step == step:
            signal.raise_signal(signal.SIGTERM)
        return result

    monkeypatch.setattr(Trainer, "advance", stopping)


@pytest.mark.parametrize(
    ("assignments", "step"),
    [(SHORT, 7), (SHORT, 8), (EVERYTHING, 7), ((*SHORT, *BARS, "train.bar_steps=5"), 3)],
    ids=["between saves", "at a save", "every option", "first phase"],
)
def test_a_resumed_run_equals_one_never_stopped(shards, tmp_path, monkeypatch, assignments, step):
    """Weights, moments and metrics are equal to the bit after a stop and a resume."""
    run(shards, tmp_path / "whole", assignments)
    with monkeypatch.context() as patch:
        stop_after(patch, step)
        stopped = run(shards, tmp_path / "parts", assignments)
    finished = run(shards, tmp_path / "parts", assignments, resume=True)

    assert (stopped.step, stopped.signal_number) == (step, signal.SIGTERM)
    assert (finished.step, finished.signal_number) == (12, None)
    assert tensors_of(tmp_path / "parts") == tensors_of(tmp_path / "whole")
    assert lines_of(tmp_path / "parts") == lines_of(tmp_path / "whole")


def test_a_killed_run_goes_on_from_its_last_state(shards, tmp_path, monkeypatch):
    """After a crash at step 7 the run is taken up at step 4 and ends as if nothing had happened."""

    def crashing(trainer):
        if trainer.counters.step == 7:
            raise MemoryError
        return advance(trainer)

    run(shards, tmp_path / "whole")
    advance = Trainer.advance
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", crashing)
        with pytest.raises(MemoryError):
            run(shards, tmp_path / "parts")
    view = Notebook()
    run(shards, tmp_path / "parts", resume=True, view=view)

    assert view.sentences[0] == "going on after step 4"
    assert tensors_of(tmp_path / "parts") == tensors_of(tmp_path / "whole")
    assert lines_of(tmp_path / "parts") == lines_of(tmp_path / "whole")


def test_a_broken_state_gives_way_to_the_one_before(shards, tmp_path):
    """The last state cannot be read: the run says so, goes on from the one before and ends the same."""
    run(shards, tmp_path / "run")
    whole = tensors_of(tmp_path / "run")
    (tmp_path / "run" / "states" / "step-000000012" / "state.safetensors").write_bytes(b"")
    view = Notebook()

    run(shards, tmp_path / "run", resume=True, view=view)

    assert "step-000000012: the content is not what was saved; trying the one before" in view.sentences[0]
    assert view.sentences[1] == "going on after step 8"
    assert tensors_of(tmp_path / "run") == whole


def test_a_run_without_a_readable_state_is_not_resumed(shards, tmp_path):
    """With every state broken there is nothing to go on from."""
    run(shards, tmp_path / "run")
    for path in (tmp_path / "run" / "states").iterdir():
        (path / "state.json").unlink()

    with pytest.raises(TrainingError, match="no saved state that can be read; begin anew with --force"):
        run(shards, tmp_path / "run", resume=True)


def test_resuming_a_finished_run_changes_nothing(shards, tmp_path):
    """There is no step left to take."""
    finished = run(shards, tmp_path / "run")
    before = tensors_of(tmp_path / "run")

    again = run(shards, tmp_path / "run", resume=True)

    assert again == finished
    assert tensors_of(tmp_path / "run") == before


def test_a_run_leaves_a_model_and_its_figures(shards, tmp_path):
    """The model folder can be loaded and knows the step and the validation it came from."""
    outcome = run(shards, tmp_path / "run", (*SHORT, "train.ema_decay=0.5"))
    loaded = load_model(tmp_path / "run" / "model")

    assert loaded.notes["step"] == 12
    assert loaded.notes["held_out"] == outcome.held_out
    assert 0 <= outcome.held_out["free_running"] <= 1
    assert outcome.held_out["kl_bits"] > outcome.held_out["kl"] > 0
    assert {line["kind"] for line in lines_of(tmp_path / "run")} == {"train", "valid"}


def test_validation_does_not_touch_the_path(shards, tmp_path):
    """How often a run is measured, logged and saved changes no weight."""
    run(
        shards,
        tmp_path / "often",
        (*SHORT, "train.evaluate_every=1", "train.log_every=1", "train.save_every=1"),
    )
    run(shards, tmp_path / "seldom")

    assert (
        tensors_of(tmp_path / "often")["model.safetensors"]
        == tensors_of(tmp_path / "seldom")["model.safetensors"]
    )


def test_weights_of_another_model_are_taken_over(shards, tmp_path):
    """With --init the weights that fit are taken, the others are said to be new."""
    run(shards, tmp_path / "first")
    view = Notebook()
    run(
        shards,
        tmp_path / "second",
        (*SHORT, "train.num_steps=1", "train.learning_rate=1e-9", "model.head_size=17"),
        view=view,
        init=str(tmp_path / "first"),
    )
    first, second = (load_model(tmp_path / name / "model").model for name in ("first", "second"))

    assert "decoder.head.0.bias" in view.sentences[0]
    assert torch.allclose(first.encoder.posterior.weight, second.encoder.posterior.weight, atol=1e-6)


def test_weights_that_are_named_begin_anew(shards, tmp_path):
    """With --fresh they are those of a new model although they would fit; a name that nothing has is told."""
    run(shards, tmp_path / "first")
    view, still = Notebook(), (*SHORT, "train.num_steps=1", "train.learning_rate=1e-9")
    first = str(tmp_path / "first")
    run(shards, tmp_path / "second", still, view=view, init=first, fresh=("encoder.", "decoder.head"))
    names = view.sentences[0].split("; new: ")[1].split(", ")

    assert {name.split(".")[0] for name in names} == {"encoder", "decoder"}
    assert all(name.startswith(("encoder.", "decoder.head")) for name in names)
    with pytest.raises(ConfigError, match=r"--fresh 'encode\.': no weight of this model .* such as encoder"):
        run(shards, tmp_path / "third", still, init=first, fresh=("encode.",))
    with pytest.raises(ConfigError, match=r"--fresh '': no weight"):
        run(shards, tmp_path / "third", still, init=first, fresh=("",))
    with pytest.raises(ConfigError, match="nothing is left to take from"):
        run(shards, tmp_path / "third", still, init=first, fresh=("encoder", "decoder"))
    with pytest.raises(ConfigError, match="choose one with --init"):
        run(shards, tmp_path / "third", still, fresh=("encoder",))
    assert not (tmp_path / "third").exists()


def test_a_prior_is_learned_with_the_model(shards, tmp_path):
    """It is saved, evaluated and drawn from as the model's own, without a mixture; free bits are refused."""
    learned = (*SHORT, "model.prior=learned", "objective.beta=0.2")
    run(shards, tmp_path / "run", learned)
    loaded = load_model(tmp_path / "run" / "model")
    begun = SequenceVAE(loaded.config).state_dict()
    moved = [name for name, own in loaded.model.state_dict().items() if not torch.equal(own, begun[name])]
    evaluation = evaluate_model(loaded, open_shards(shards), MeasureSettings(bound_samples=2), limit=4)
    values = evaluation.metrics.values[TOGETHER]

    assert any(name.startswith("prior.write") for name in moved)
    assert not list((tmp_path / "run" / "model").glob("p*.safetensors"))
    assert isinstance(fitted_to(loaded), AutoregressivePrior)
    assert "fitted_kl_nats" not in values
    assert values["normal_kl_nats"] != pytest.approx(values["kl_nats"])
    assert "prior that was learned with the model" in " ".join(evaluation.lines()).replace("\n", " ")
    assert values["elbo_nats"] == pytest.approx(-values["reconstruction_nats"] - values["kl_nats"])
    assert values["bound_nats"] >= values["bound_elbo_nats"] - 1e-4
    with pytest.raises(ConfigError, match="a learned prior does not tell apart, choose 0"):
        run(shards, tmp_path / "free", (*learned, "objective.free_bits=1"))


@pytest.mark.parametrize(
    ("assignments", "error", "message"),
    [
        (["model.bars=4"], DataError, "2 bars in a window, but the preset is made for 4"),
        (["model.vocab_size=140"], DataError, "131 ids in the vocabulary, but the preset is made for 140"),
        (["train.batch_size=5000"], DataError, r"\d+ windows to train on, fewer than a batch of 5000"),
        (["train.bar_steps=5"], ConfigError, "a flat model knows no bars"),
    ],
    ids=["bars", "vocabulary", "too little data", "no bars"],
)
def test_shards_that_do_not_fit_are_refused(shards, tmp_path, assignments, error, message):
    """Nothing is written where data and preset do not belong together."""
    with pytest.raises(error, match=message):
        run(shards, tmp_path / "run", assignments)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("melody-3bar", CheckpointError, "no model 'melody-3bar'"),
        ("drums-expression", CheckpointError, "a model of expression"),
        ("text-en", ConfigError, "text-en: no weight has the name and shape of one of this model"),
    ],
    ids=["misspelt", "of another kind", "of other shapes"],
)
def test_a_model_to_begin_with_that_does_not_fit_leaves_no_run(shards, tmp_path, name, error, message):
    """A wrong --init can be mended without --force."""
    with pytest.raises(error, match=message):
        run(shards, tmp_path / "run", init=name)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("other", [{"force": True}, {"init": "model"}], ids=["force", "init"])
def test_resuming_goes_with_neither_force_nor_init(shards, tmp_path, other):
    """Both would throw away what is to be resumed."""
    with pytest.raises(ConfigError, match=f"leave out --{next(iter(other))}"):
        run(shards, tmp_path / "run", resume=True, **other)


def test_negative_threads_are_refused(tmp_path):
    """A run has no fewer threads than none, which means as many as it may have."""
    with pytest.raises(
        ConfigError, match="threads -1 is negative; choose 0 for as many as there are, or more"
    ):
        RunSettings(folder=tmp_path, num_threads=-1)


@pytest.mark.parametrize(
    ("variable", "expected"),
    [("3", 3), (" 2,1", 2), ("", 5), ("0", 5), ("many", 5), (None, 5)],
    ids=["a number", "nested", "empty", "none", "a word", "not set"],
)
def test_threads_are_as_many_as_the_process_may_have(monkeypatch, variable, expected):
    """OMP_NUM_THREADS is obeyed; without it the cores count that the process is bound to."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(5)), raising=False)

    assert default_threads() == expected


def test_a_full_disk_is_told_in_one_line(shards, tmp_path, monkeypatch):
    """What was saved before is whole, and the run can be resumed."""

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_model", full)
        with pytest.raises(OutputError, match=r"No space left on device.*go on with --resume"):
            run(shards, tmp_path / "run")
    assert run(shards, tmp_path / "run", resume=True).step == 12


def test_an_unknown_device_is_refused(shards, tmp_path):
    """A device that is not there is told before anything is written."""
    settings = RunSettings(folder=tmp_path / "run", device="quantum")

    with pytest.raises(ConfigError, match="no device 'quantum' here"):
        run_training(shards, debug_preset(*SHORT), settings, Notebook())
    assert not (tmp_path / "run").exists()


def test_an_idle_gpu_is_pointed_out(shards, tmp_path, monkeypatch):
    """The CPU is the default everywhere; who trains on it beside a GPU is told."""
    monkeypatch.setattr("seqvae.training.run.has_gpu", lambda: True)  # torch itself must not believe it
    view = Notebook()
    run(shards, tmp_path / "run", (*SHORT, "train.num_steps=1"), view=view)

    assert view.sentences[0] == "training on the CPU; --device auto takes the GPU that is here"


def test_resuming_with_other_threads_is_pointed_out(shards, tmp_path):
    """Sums of other threads round otherwise; the run goes on and says so."""
    run(shards, tmp_path / "run")
    view = Notebook()
    settings = RunSettings(folder=tmp_path / "run", resume=True, num_threads=2)
    try:
        run_training(shards, debug_preset(*SHORT), settings, view)
    finally:
        torch.set_num_threads(1)

    assert view.sentences[:-1] == [
        "threads was 1 and is now 2; the run goes on, but not bit for bit as it would have without a break",
        "going on after step 12",
    ]


def test_a_run_without_any_state_begins_again(shards, tmp_path):
    """Killed before its first state a run has lost nothing: it is started again, not resumed."""
    run(shards, tmp_path / "run")
    whole = tensors_of(tmp_path / "run")
    for name in ("states", "model"):
        shutil.rmtree(tmp_path / "run" / name)
    (tmp_path / "run" / "metrics.jsonl").unlink()

    with pytest.raises(TrainingError, match="ended before anything was saved; start it without --resume"):
        run(shards, tmp_path / "run", resume=True)
    run(shards, tmp_path / "run")
    assert tensors_of(tmp_path / "run") == whole


def test_what_sample_draws_from_is_fitted_at_the_end(shards, tmp_path):
    """Below a price of 1 a finished run knows where its training windows lie; one cut short, or at 1, not."""
    view = Notebook()
    run(shards, tmp_path / "cheap", (*SHORT, "objective.beta=0.2"), view=view)
    run(shards, tmp_path / "dear", (*SHORT, "objective.beta=1.0"))
    fitted = load_posterior(tmp_path / "cheap" / "model", debug_preset().model.latent_size)

    assert fitted is not None
    assert view.sentences[-1].endswith("training windows, for seqvae sample")
    assert load_posterior(tmp_path / "dear" / "model", debug_preset().model.latent_size) is None
    windows = open_shards(shards).split("train")
    ids = windows.windows(np.arange(len(windows)))
    mu = encode_windows(load_model(tmp_path / "cheap" / "model").model, ids).mu
    assert torch.allclose(fitted.means.mean(dim=0), mu.mean(dim=0), atol=0.05)
