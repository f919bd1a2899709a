"""A model of expression on disk: a model folder like any other, with `expression` in place of `model`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from seqvae.checkpoint import (
    CONFIG_NAME,
    EXPRESSION,
    WEIGHTS_NAME,
    read_model_config,
    read_model_weights,
    write_model_folder,
)
from seqvae.errors import CheckpointError, SeqvaeError
from seqvae.expression.model import ExpressionModel
from seqvae.expression.settings import ExpressionConfig
from seqvae.pretrained import model_folder
from seqvae.tokens.drums import DrumTokenizer


@dataclass(frozen=True, eq=False)
class LoadedExpression:
    """A model of expression ready for use."""

    model: ExpressionModel
    folder: Path
    notes: Mapping[str, Any] = field(default_factory=dict)  # what training said of itself


def save_expression(
    folder: str | Path, model: ExpressionModel, *, notes: Mapping[str, Any] | None = None, half: bool = False
) -> None:
    """Write a model folder whole or not at all; `half` stores float16."""
    config = {
        EXPRESSION: model.config.to_dict(),
        "tokenizer": {"name": DrumTokenizer.name},
        "notes": dict(notes or {}),
    }
    write_model_folder(Path(folder), config, model.state_dict(), half=half)


def load_expression(name_or_path: str | Path) -> LoadedExpression:
    """Load a model by name or folder; CheckpointError says what is missing, broken or of another kind."""
    folder = model_folder(name_or_path)
    path = folder / CONFIG_NAME
    config = read_model_config(path)
    if EXPRESSION not in config:
        raise CheckpointError(f"{folder}: no model of expression; choose drums-expression")
    try:
        shape = ExpressionConfig.from_dict(config[EXPRESSION])
    except (SeqvaeError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: not a model of this version ({error})") from error
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in ExpressionModel(shape).state_dict().items()}
    weights = read_model_weights(folder / WEIGHTS_NAME, shapes)
    model = ExpressionModel(shape)
    model.load_state_dict(weights)
    notes = config.get("notes", {})
    return LoadedExpression(model.eval(), folder, notes if isinstance(notes, dict) else {})


def is_expression(folder: Path) -> bool:
    """Tell whether a model folder holds a model of expression."""
    return EXPRESSION in read_model_config(folder / CONFIG_NAME)
