"""What resuming needs, in folders that are whole or not there: safetensors and JSON, nothing executable."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from seqvae.errors import TrainingError
from seqvae.training.files import whole_folder
from seqvae.training.metrics import Meter, Record
from seqvae.training.rate import RateState
from seqvae.training.trainer import Counters, Trainer

STATE_VERSION = 1
NUM_KEPT = 2  # the one before the last is there if the last cannot be read
TENSORS_NAME = "state.safetensors"
JSON_NAME = "state.json"
OPTIMIZER = "optimizer/"
LONGEST_RUN = 10**9  # seconds, thirty years
LARGEST_LOG = 100  # of beta and KL
FOLDER_NAME = re.compile(r"step-(\d{9})")


def save_state(folder: Path, trainer: Trainer, *, meter: Meter, seconds: float) -> Path:
    """Save under `folder` all that the next step depends on; keep the last two."""
    place = folder / f"step-{trainer.counters.step:09d}"
    values: Record = {
        "version": STATE_VERSION,
        "counters": asdict(trainer.counters),
        "rate": asdict(trainer.rate),
        "meter": meter.to_dict(),
        "seconds": seconds,
    }
    with whole_folder(place) as new:
        save_file(_tensors_of(trainer), new / TENSORS_NAME)
        values["tensors_sha256"] = _digest(new / TENSORS_NAME)
        values["sha256"] = _digest_of(values)
        (new / JSON_NAME).write_text(json.dumps(values), encoding="utf-8")
    states = saved_states(folder)
    now = states.index(place)
    for old in states[:now] + states[now + NUM_KEPT :]:  # later ones could not be read, or we would be there
        shutil.rmtree(old)
    return place


def saved_states(folder: Path) -> list[Path]:
    """List the saved states under a folder, the last one first."""
    found = folder.iterdir() if folder.is_dir() else []
    return sorted((path for path in found if FOLDER_NAME.fullmatch(path.name)), reverse=True)


def load_state(place: Path, trainer: Trainer) -> tuple[Meter, float]:
    """Put a saved state into a new trainer; return the meter and the seconds so far.

    TrainingError says what is broken; the trainer is then as it was.
    """
    values, tensors = _read(place)
    try:
        counters, rate = Counters(**values["counters"]), RateState(**values["rate"])
        meter, seconds = Meter.from_dict(values["meter"], device=trainer.device), float(values["seconds"])
        _check_numbers(counters, rate, seconds, num_steps=trainer.preset.train.num_steps)
        _check_names(trainer, tensors)
        _check_values(trainer, tensors)
        meter.check(trainer.preset.model.latent_size)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RuntimeError) as error:
        raise TrainingError(f"{place}: does not belong to this run ({error})") from error
    _put(trainer, tensors)
    trainer.counters, trainer.rate = counters, rate
    return meter, seconds


def _read(place: Path) -> tuple[Record, Mapping[str, Tensor]]:
    try:
        values = json.loads((place / JSON_NAME).read_text(encoding="utf-8"))
        said = values.pop("sha256")
        if _digest_of(values) != said or _digest(place / TENSORS_NAME) != values["tensors_sha256"]:
            raise TrainingError(f"{place}: the content is not what was saved")
        if values["version"] != STATE_VERSION:
            raise TrainingError(f"{place}: version {values['version']!r} where {STATE_VERSION} is read")
        return values, load_file(place / TENSORS_NAME)
    except (
        OSError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        RecursionError,
        SafetensorError,
    ) as error:
        raise TrainingError(f"{place}: cannot be read ({error})") from error


def _tensors_of(trainer: Trainer) -> dict[str, Tensor]:
    tensors = {f"model/{name}": tensor for name, tensor in trainer.model.state_dict().items()}
    tensors |= {f"average/{name}": tensor for name, tensor in trainer.average.items()}
    for name, weight in trainer.model.named_parameters():
        moments: Mapping[str, Any] = trainer.optimizer.state.get(weight, {})
        tensors |= {f"{OPTIMIZER}{key}/{name}": tensor for key, tensor in moments.items()}
    return {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}


def _check_numbers(counters: Counters, rate: RateState, seconds: float, *, num_steps: int) -> None:
    """Refuse what cannot be: checksums tell that it is as it was written, not by whom."""
    for name, count in asdict(counters).items():
        if type(count) is not int or not 0 <= count <= num_steps:
            raise TypeError(f"{name} is {str(count)[:40]}, no whole number in 0..{num_steps}")
    for name, value in {**asdict(rate), "seconds": seconds}.items():
        if (name, value) == ("log_kl", None):
            continue
        low, high = (0, LONGEST_RUN) if name == "seconds" else (-LARGEST_LOG, LARGEST_LOG)
        if type(value) not in (int, float) or not low <= value <= high:
            raise TypeError(f"{name} is {str(value)[:40]}")


def _check_names(trainer: Trainer, tensors: Mapping[str, Tensor]) -> None:
    """Compare names and shapes; a weight that was not used yet has no moments, others have all."""
    expected = {name: t.shape for name, t in _tensors_of(trainer).items() if not name.startswith(OPTIMIZER)}
    for name, weight in trainer.model.named_parameters():
        if f"{OPTIMIZER}step/{name}" in tensors:
            expected[f"{OPTIMIZER}step/{name}"] = torch.Size()
            expected |= {f"{OPTIMIZER}{key}/{name}": weight.shape for key in ("exp_avg", "exp_avg_sq")}
    found = {name: t.shape for name, t in tensors.items()}
    if expected != found:
        odd = min(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        raise KeyError(odd)


def _check_values(trainer: Trainer, tensors: Mapping[str, Tensor]) -> None:
    """Refuse what training never leaves: other kinds of numbers, infinite ones, squares below 0."""
    kinds = {name: tensor.dtype for name, tensor in _tensors_of(trainer).items()}
    for name, tensor in tensors.items():
        kind = kinds.get(name, torch.float32)
        is_count = name.startswith((f"{OPTIMIZER}step/", f"{OPTIMIZER}exp_avg_sq/"))
        if tensor.dtype != kind or not tensor.isfinite().all() or (is_count and bool((tensor < 0).any())):
            raise ValueError(f"{name} holds what no run leaves")


def _put(trainer: Trainer, tensors: Mapping[str, Tensor]) -> None:
    placed = {name: tensor.to(trainer.device) for name, tensor in tensors.items()}
    weights = dict(trainer.model.named_parameters())
    state = {name: placed[f"model/{name}"] for name in trainer.model.state_dict()}
    trainer.model.load_state_dict(state)
    trainer.average = {name: placed[f"average/{name}"] for name in trainer.average}
    for name, weight in weights.items():
        if f"{OPTIMIZER}step/{name}" in placed:
            moments = {key: placed[f"{OPTIMIZER}{key}/{name}"] for key in ("step", "exp_avg", "exp_avg_sq")}
            trainer.optimizer.state[weight] = moments


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _digest_of(values: Record) -> str:
    return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
