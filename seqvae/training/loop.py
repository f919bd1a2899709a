"""The loop of a run: step after step, with metrics, validation and saved states at their times."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from seqvae.checkpoint import save_model
from seqvae.errors import TrainingError
from seqvae.evaluation.meaning import Meaning
from seqvae.tokens.base import Tokenizer
from seqvae.training.advice import collapse_warning
from seqvae.training.folder import MODEL_NAME, STATES_NAME, has_saved
from seqvae.training.live import View
from seqvae.training.metrics import Meter, MetricsFile, Record
from seqvae.training.signals import StopRequest
from seqvae.training.state import load_state, save_state, saved_states
from seqvae.training.trainer import StepResult, Trainer
from seqvae.training.validation import validate


@dataclass(frozen=True)
class HeldOut:
    """What a run is measured on."""

    ids: Tensor  # (windows, time, voices)
    meaning: Meaning


class Loop:
    """One run in one folder."""

    def __init__(
        self, trainer: Trainer, tokenizer: Tokenizer, held_out: HeldOut, *, folder: Path, view: View
    ) -> None:
        """Begin where the trainer is; `held_out` may have no windows."""
        self._trainer = trainer
        self._tokenizer = tokenizer
        self._held_out = held_out
        self._folder = folder
        self._view = view
        self._meter = Meter()
        self._seconds = 0.0  # of training, earlier sittings included
        self._latest: Record = {}
        self._saved_step = -1
        self._warned = False  # of a collapse, since the model last listened to z
        self._sitting = _Sitting(0)

    def resume(self) -> None:
        """Go back to the last saved state that can be read; TrainingError when there is none."""
        if not has_saved(self._folder):
            raise TrainingError(f"{self._folder}: ended before anything was saved; start it without --resume")
        for place in saved_states(self._folder / STATES_NAME):
            try:
                self._meter, self._seconds = load_state(place, self._trainer)
            except TrainingError as error:
                self._view.say(f"{error}; trying the one before")
                continue
            self._saved_step = self._trainer.counters.step
            self._view.say(f"going on after step {self._saved_step}")
            return
        raise TrainingError(f"{self._folder}: no saved state that can be read; begin anew with --force")

    def run(self, request: StopRequest) -> Record:
        """Train until the last step or until a signal asks for an end; return the last validation.

        Of several processes the first runs the loop, the others `follow`.
        """
        trainer, train = self._trainer, self._trainer.preset.train
        metrics = MetricsFile(self._folder, last_step=trainer.counters.step)
        self._latest, before = metrics.last("valid"), metrics.last("train")
        self._warned = bool(before) and collapse_warning(before, trainer.preset) is not None
        self._sitting = _Sitting(trainer.counters.step)
        self._save_state(metrics)  # the first weights too: they may come from another model
        while _goes_on(trainer, request):
            result = trainer.advance()
            self._meter.add(result)
            step = trainer.counters.step
            last = step == train.num_steps
            if step % train.log_every == 0 or last:
                self._log(metrics, result)
            if (step % train.evaluate_every == 0 or last) and len(self._held_out.ids):
                self._validate(metrics, result)
            if step % train.save_every == 0 or last:
                with self._sitting.paused():
                    self._save_state(metrics)
                    self._save_model()
        self._save_state(metrics)
        self._save_model()  # a run killed between state and model has an older model
        return self._latest

    def _log(self, metrics: MetricsFile, result: StepResult) -> None:
        step = self._trainer.counters.step
        record: Record = {"kind": "train", "step": step, **self._meter.record(), **_state_of(result)}
        record["skipped"] = self._trainer.counters.skipped
        record["accuracy"] = self._accuracy(result)
        record["sequences_per_second"] = (
            self._sitting.steps_per_second(step) * self._trainer.preset.train.batch_size
        )
        record["seconds"] = self._seconds + self._sitting.seconds()
        self._meter = Meter()
        metrics.write(record)
        self._view.show(record, seconds_left=self._seconds_left())
        warning = collapse_warning(record, self._trainer.preset)
        if warning and not self._warned:
            metrics.write({"kind": "warning", "step": step, "text": warning})
            self._view.say(warning)
        self._warned = warning is not None

    def _validate(self, metrics: MetricsFile, result: StepResult) -> None:
        with self._sitting.paused():
            measured = validate(self._trainer, self._held_out.ids, self._held_out.meaning)
        step = self._trainer.counters.step
        record: Record = {"kind": "valid", "step": step, **measured, "beta": result.beta}
        metrics.write(record)
        self._latest = record
        self._view.show(record, seconds_left=self._seconds_left())

    def _save_state(self, metrics: MetricsFile) -> None:
        metrics.flush()
        step = self._trainer.counters.step
        if step != self._saved_step:
            seconds = self._seconds + self._sitting.seconds()
            save_state(self._folder / STATES_NAME, self._trainer, meter=self._meter, seconds=seconds)
        self._saved_step = step

    def _save_model(self) -> None:
        """Write the averaged weights, where there are, else the weights, as a model folder."""
        trainer = self._trainer
        with trainer.averaged_weights():
            notes = {
                "preset": trainer.preset.to_dict(),
                "step": trainer.counters.step,
                "held_out": self._latest,
            }
            save_model(self._folder / MODEL_NAME, trainer.model, self._tokenizer, notes=notes)

    def _accuracy(self, result: StepResult) -> float:
        ids = result.terms.ids.cpu().numpy()
        counted = self._held_out.meaning.is_due(ids)
        right = (result.terms.logits.argmax(dim=-1).cpu().numpy() == ids) & counted
        return float(right.sum()) / max(float(counted.sum()), 1.0)

    def _seconds_left(self) -> float | None:
        step = self._trainer.counters.step
        speed = self._sitting.steps_per_second(step)
        return (self._trainer.preset.train.num_steps - step) / speed if speed else None


def follow(trainer: Trainer, request: StopRequest) -> Record:
    """Take the steps that the first process takes, which does all the rest."""
    while _goes_on(trainer, request):
        trainer.advance()
    return {}


def _goes_on(trainer: Trainer, request: StopRequest) -> bool:
    """Tell whether there is another step; a signal to one process ends the run of all after the same."""
    request.signal_number = trainer.processes.largest(request.signal_number or 0) or None
    return request.signal_number is None and trainer.counters.step < trainer.preset.train.num_steps


class _Sitting:
    """The time since the process began to train, pauses left out."""

    def __init__(self, first_step: int) -> None:
        self._first_step = first_step
        self._begin = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._begin

    def steps_per_second(self, step: int) -> float:
        return (step - self._first_step) / max(self.seconds(), 1e-9)

    @contextmanager
    def paused(self) -> Iterator[None]:
        before = time.perf_counter()
        yield
        self._begin += time.perf_counter() - before


def _state_of(result: StepResult) -> Record:
    return {"beta": result.beta, "learning_rate": result.learning_rate}
