"""The folder of a run: who may write in it, and which settings it belongs to."""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqvae.checkpoint import WEIGHTS_NAME, staged_folders
from seqvae.config import Preset
from seqvae.errors import ConfigError, OutputError, TrainingError
from seqvae.latent.fitted import FITTED_NAMES
from seqvae.training.files import TEMPORARY, write_whole
from seqvae.training.metrics import METRICS_NAME

CONFIG_NAME = "config.json"
LOCK_NAME = "lock"
MODEL_NAME = "model"
STATES_NAME = "states"
RUN_VERSION = 1
BEFORE_A_RUN = {LOCK_NAME, f"{CONFIG_NAME}{TEMPORARY}"}  # left by one that ended before it began
MODEL_FILES = {CONFIG_NAME, WEIGHTS_NAME, *FITTED_NAMES, "README.md"}
STATE = re.compile(rf"step-\d{{9}}({re.escape(TEMPORARY)})?$")
STATE_FILES = {"state.json", "state.safetensors"}
ALONE_BEFORE = {"processes": 1, "accumulate": 1}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it when the process ends in any way."""
    import fcntl  # not on Windows

    try:
        if not _is_run(folder):
            _refuse(folder, _names_in(folder) - BEFORE_A_RUN)
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written in ({error.strerror})") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingError(
                f"{folder}: another process is training here; choose another folder"
            ) from error
        yield
    finally:
        os.close(handle)


def begin_run(
    folder: Path, preset: Preset, data: Mapping[str, Any], *, computing: Mapping[str, Any], force: bool
) -> None:
    """Write down the settings of a new run; OutputError where one has saved something, unless forced."""
    if (folder / CONFIG_NAME).exists():
        if not force and (has_saved(folder) or not _is_run(folder, if_unreadable=False)):
            raise OutputError(
                f"{folder}: holds a run already; go on with --resume or replace it with --force"
            )
        _refuse(folder, foreign_names(folder))
        clear_run(folder)
    _refuse(folder, _names_in(folder) - BEFORE_A_RUN)
    values = {"run_version": RUN_VERSION, "preset": preset.to_dict(), "data": dict(data)}
    values["computing"] = dict(computing)
    write_whole(folder / CONFIG_NAME, (json.dumps(values, indent=1) + "\n").encode())


def has_states(folder: Path) -> bool:
    """Tell whether a run came as far as to save its first state, which it does before its first step."""
    return any((folder / STATES_NAME).glob("step-*"))


def has_saved(folder: Path) -> bool:
    """Tell whether a run left anything that is worth keeping: a state, a model, or a line of metrics."""
    metrics = folder / METRICS_NAME
    has_lines = metrics.is_file() and metrics.stat().st_size > 0
    return has_states(folder) or (folder / MODEL_NAME).exists() or has_lines


def foreign_names(folder: Path) -> set[str]:
    """Return what lies in the folder of a run, or of its model or states, and was written by none."""
    others = _names_in(folder) - BEFORE_A_RUN - {CONFIG_NAME, METRICS_NAME, MODEL_NAME, STATES_NAME}
    in_model = {f"{MODEL_NAME}/{name}" for name in _names_in(folder / MODEL_NAME) - MODEL_FILES}
    states = folder / STATES_NAME
    in_states = {
        f"{STATES_NAME}/{name}"
        for name in _names_in(states)
        if not (STATE.match(name) and (states / name).is_dir())
    }
    inside = {
        f"{STATES_NAME}/{state}/{name}"
        for state in _names_in(folder / STATES_NAME)
        for name in _names_in(folder / STATES_NAME / state) - STATE_FILES
    }
    return others | in_model | in_states | inside


def _is_run(folder: Path, *, if_unreadable: bool = True) -> bool:
    """Tell whether the settings of a run lie here; `if_unreadable` says it of what cannot be read."""
    try:
        values = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return if_unreadable
    return isinstance(values, dict) and "run_version" in values


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _refuse(folder: Path, others: Collection[str]) -> None:
    if others:
        raise OutputError(
            f"{folder}: holds {min(others)!r}, which is no part of a run; choose another folder"
        )


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written; only whoever holds the lock may do so."""
    for name in (CONFIG_NAME, METRICS_NAME):
        (folder / f"{name}{TEMPORARY}").unlink(missing_ok=True)
    torn = [path for path in folder.glob(f"{STATES_NAME}/step-*{TEMPORARY}") if STATE.match(path.name)]
    own = [path for path in torn if path.is_dir() and not _names_in(path) - STATE_FILES]
    for path in [*own, *staged_folders(folder / MODEL_NAME)]:
        shutil.rmtree(path)


def clear_run(folder: Path) -> None:
    """Remove what a run writes and nothing else; a clearing that was cut short can be begun again."""
    for name in (MODEL_NAME, STATES_NAME):
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    (folder / METRICS_NAME).unlink(missing_ok=True)
    (folder / CONFIG_NAME).unlink(missing_ok=True)  # the last: by it a run is known


def read_preset(folder: Path) -> Preset:
    """Return the settings that the run in a folder began with."""
    return Preset.from_dict(_read_config(folder)["preset"])


def continue_run(folder: Path, preset: Preset, data: Mapping[str, Any]) -> None:
    """Check that a run began with these settings and data; TrainingError shows the differences."""
    values = _read_config(folder)
    began = Preset.from_dict(values["preset"])  # with the defaults of settings that are younger than the run
    before = _flat(began.to_dict()) | _flat({"data": values["data"]})
    now = _flat(preset.to_dict()) | _flat({"data": dict(data)})
    changes = [
        f"{name} was {before.get(name)!r} and is now {now.get(name)!r}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    if changes:
        raise TrainingError(
            f"{folder}: a resumed run keeps its settings, but {'; '.join(changes)}; "
            "leave them as they were, or begin a new run with --init"
        )


def computing_changes(folder: Path, computing: Mapping[str, Any]) -> list[str]:
    """Say what a run began to compute with and no longer does; its settings stay, its last bits may not."""
    before = ALONE_BEFORE | _read_config(folder).get("computing", {})  # which older runs did not write down
    return [
        f"{name} was {before[name]} and is now {now}"
        for name, now in computing.items()
        if before.get(name, now) != now
    ]


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        version = values["run_version"]
        Preset.from_dict(values["preset"])
        dict(values["data"])
        values["computing"] = dict(values.get("computing", {}))
    except FileNotFoundError as error:
        raise TrainingError(f"{folder}: no run to resume, {CONFIG_NAME} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ConfigError) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from error
    if version != RUN_VERSION:
        raise TrainingError(f"{path}: version {version!r} where {RUN_VERSION} is read")
    found: dict[str, Any] = values
    return found


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
