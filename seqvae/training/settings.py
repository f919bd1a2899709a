"""The settings of a run: a preset by name or that of a run to resume, with single settings changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqvae.config import Preset
from seqvae.errors import ConfigError
from seqvae.presets import PRESETS, preset
from seqvae.training.folder import read_preset


def choose_preset(name: str | None, resumed: Path | None, assignments: Sequence[str]) -> Preset:
    """Return a preset by name, else that of the run in `resumed`, with the assignments in place."""
    if name is None and resumed is None:
        raise ConfigError(f"no preset given; choose one with --preset: {', '.join(sorted(PRESETS))}")
    base = preset(name) if name is not None else read_preset(resumed or Path())
    return override(base, assignments)


def override(base: Preset, assignments: Sequence[str]) -> Preset:
    """Return the preset with each `GROUP.NAME=VALUE` in place; ConfigError names what is wrong."""
    values = base.to_dict()
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        group, dot, name = key.strip().partition(".")
        if not (equals and dot):
            raise ConfigError(
                f"cannot read the setting {assignment!r}; write for example train.batch_size=32"
            )
        if group not in values or name not in values[group]:
            known = [f"{group}.{name}" for group, settings in values.items() for name in settings]
            raise ConfigError(f"unknown setting {key!r}; choose from {', '.join(known)}")
        values[group][name] = _read_value(text.strip())
    return Preset.from_dict(values)


def _read_value(text: str) -> Any:
    """Read a number, true, false or a list as JSON; anything else is a word."""
    try:
        return json.loads(text)
    except ValueError:
        return text
