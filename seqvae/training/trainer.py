"""The state of a run between two steps, and the step from one to the next."""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from seqvae.config import Preset, TrainConfig
from seqvae.dataset.batches import Batches
from seqvae.dataset.draws import Purpose, seed_of
from seqvae.errors import TrainingError
from seqvae.model.vae import SequenceVAE
from seqvae.training.objective import Objective, Terms, whole_terms
from seqvae.training.parts import Part
from seqvae.training.processes import ALONE, Processes
from seqvae.training.rate import RateState, adjust_rate, start_rate
from seqvae.training.schedules import beta_at, learning_rate_at

MAX_BAD_STEPS = 20  # in a row


@dataclass
class Counters:
    """How far a run is; plain numbers, saved with it."""

    step: int = 0  # steps taken, skipped ones among them
    skipped: int = 0  # steps whose loss or gradient was not finite
    skipped_in_a_row: int = 0


class StepResult(NamedTuple):
    """What one step saw."""

    terms: Terms
    beta: float
    learning_rate: float
    grad_norm: float
    skipped: bool


class Trainer:
    """A model on its way: weights, their average, optimiser, rate controller and counters."""

    def __init__(
        self,
        model: SequenceVAE,
        preset: Preset,
        batches: Batches,
        *,
        device: torch.device,
        processes: Processes = ALONE,
        accumulation: int = 1,
    ) -> None:
        """Begin at step 0; each process takes its share of a batch in `accumulation` parts, in turn."""
        self.model = model.to(device)
        self.processes = processes
        self._accumulation = accumulation
        self._objective = _over(processes, Objective(self.model, preset, processes), device)
        self.preset = preset
        self.batches = batches
        self.device = device
        self.optimizer = build_optimizer(model, preset.train)
        self.rate: RateState = start_rate(preset.objective.beta)
        self.counters = Counters()
        self.average = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        if not preset.train.ema_decay:
            self.average = {}

    @property
    def in_first_phase(self) -> bool:
        """Tell whether the next step is of the first phase, which has no z."""
        return self.counters.step < self.preset.train.first_steps

    @property
    def beta(self) -> float:
        """Return the weight of the KL at the next step."""
        if self.preset.objective.target_kl:
            return self.rate.beta
        return beta_at(self.counters.step - self.preset.train.first_steps, self.preset.objective)

    def advance(self) -> StepResult:
        """Take one step; TrainingError after too many in a row that were not finite."""
        step, train = self.counters.step, self.preset.train
        learning_rate = learning_rate_at(step, train)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        beta = 0.0 if self.in_first_phase else self.beta
        if train.reset_decoder_step and step == train.reset_decoder_step:
            self._reset_decoder()
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        terms = self._add_gradients(step, beta)
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), train.clip_norm))
        finite = isfinite(norm) and isfinite(float(terms.loss.detach()))
        if finite:
            self._update(terms)
        self._count(finite)
        return StepResult(terms, beta, learning_rate, norm, not finite)

    def autocast(self) -> AbstractContextManager[None]:
        """Return the context in which the model runs."""
        enabled = self.preset.train.precision == "bfloat16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=enabled)

    def leave(self) -> None:
        """Let go of the other processes; the group can then end without anything waiting for it."""
        if isinstance(self._objective, DistributedDataParallel):
            self._objective = self._objective.module

    @contextmanager
    def averaged_weights(self) -> Iterator[None]:
        """Let the model have the averaged weights for a while; its own where there is no average."""
        weights = {name: weight.detach() for name, weight in self.model.named_parameters()}
        own = {name: weights[name].clone() for name in self.average}
        for name, average in self.average.items():
            weights[name].copy_(average)
        try:
            yield
        finally:
            for name, weight in own.items():
                weights[name].copy_(weight)

    def _reset_decoder(self) -> None:
        """Let the decoder begin anew, and what the optimiser and the average know of it."""
        torch.manual_seed(seed_of(self.preset.train.seed, Purpose.RESET))
        self.model.reset_decoder()
        for name, weight in self.model.named_parameters():
            if name.startswith("decoder."):
                self.optimizer.state.pop(weight, None)
                if self.average:
                    self.average[name].copy_(weight.detach())

    def _add_gradients(self, step: int, beta: float) -> Terms:
        """Go forth and back over the parts of a batch; return the terms of all of it."""
        ids = torch.from_numpy(self.batches.batch(step)).to(self.device)
        count, rank = self.processes.count, self.processes.rank
        turns = range(self._accumulation)
        parts = [Part(turn * count + rank, self._accumulation * count) for turn in turns]
        seen = []
        for part in parts:
            torch.manual_seed(part.torch_seed(self.preset.train.seed, Purpose.DROPOUT, step))
            with self._exchange(part is parts[-1]):
                with self.autocast():
                    terms: Terms = self._objective(ids, part=part, step=step, beta=beta)
                (terms.loss * count).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            seen.append(terms)
        return whole_terms(seen, self.processes)

    def _exchange(self, due: bool) -> AbstractContextManager[None]:
        """Return the context of a part; after the last of its parts a process hears the others' gradients."""
        if due or not isinstance(self._objective, DistributedDataParallel):
            return nullcontext()
        waiting: AbstractContextManager[None] = self._objective.no_sync()
        return waiting

    def _update(self, terms: Terms) -> None:
        self.optimizer.step()
        if terms.kl is not None and self.preset.objective.target_kl:
            self.rate = adjust_rate(self.rate, float(terms.kl), self.preset.objective.target_kl)
        if self.average:
            weights: list[Tensor] = [weight.detach() for weight in self.model.parameters()]
            seen = self.counters.step - self.counters.skipped
            decay = min(
                self.preset.train.ema_decay, (1 + seen) / (10 + seen)
            )  # forgets the first weights soon
            torch._foreach_lerp_(list(self.average.values()), weights, 1 - decay)

    def _count(self, finite: bool) -> None:
        counters = self.counters
        counters.step += 1
        counters.skipped += not finite
        counters.skipped_in_a_row = 0 if finite else counters.skipped_in_a_row + 1
        if counters.skipped_in_a_row >= MAX_BAD_STEPS:
            raise TrainingError(
                f"loss or gradient was not finite for {MAX_BAD_STEPS} steps in a row, the last one step "
                f"{counters.step}; lower train.learning_rate or use --set train.precision=float32"
            )


def _over(processes: Processes, objective: Objective, device: torch.device) -> nn.Module:
    """Let the backward pass take the mean of the gradients of all processes, where there are several.

    Each has multiplied its own by their number, so that the mean is the sum over the batch.
    """
    if processes.count == 1:
        return objective
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "`broadcast_buffers` is deprecated"
        )  # torch before 2.13 has no other
        return DistributedDataParallel(
            objective,
            device_ids=None if device.type == "cpu" else [device],
            broadcast_buffers=False,  # they are constants, and who only sends does not notice who is gone
            find_unused_parameters=has_idle_weights(objective.preset),  # each phase leaves some aside
        )


def has_idle_weights(preset: Preset) -> bool:
    """Tell whether some steps leave weights aside: a first phase does, and what only it has is idle later."""
    return preset.train.first_steps > 0 or (
        preset.model.latent_layout == "dense" and preset.model.decoder == "hierarchical"
    )


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Make AdamW that decays matrices and leaves vectors alone."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, config.adam_beta2), fused=True)
