"""A model on disk: a folder with config.json and model.safetensors, never a pickle."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from seqvae.config import ModelConfig
from seqvae.errors import CheckpointError, SeqvaeError
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.base import Tokenizer, build_tokenizer, sizes_of
from seqvae.tokens.melody_decode import STEPS_PER_BAR
from seqvae.tokens.sentences import END
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import WordTokenizer

FORMAT_VERSION = 1
CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
STAGED = ".saving-"  # between the name of a folder and letters that no other process chose
EXPRESSION = "expression"  # in place of "model": how drums are played (seqvae/expression)
LARGEST_CONFIG = 1 << 22  # bytes
MOST_WEIGHTS = 10**9  # 4 GB in float32
FLOATS = {"F16", "BF16", "F32", "F64"}  # as safetensors calls them


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready for use, in evaluation mode and float32."""

    model: SequenceVAE
    tokenizer: Tokenizer
    folder: Path
    notes: Mapping[str, Any] = field(default_factory=dict)  # what training said of itself

    @property
    def config(self) -> ModelConfig:
        """Return the shape of the model."""
        return self.model.config


def hash_files(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the sha256 of those of these files that are there, as sha256sum does."""
    paths = [folder / name for name in names if (folder / name).is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def save_model(
    folder: str | Path,
    model: SequenceVAE,
    tokenizer: Tokenizer,
    *,
    notes: Mapping[str, Any] | None = None,
    half: bool = False,
) -> None:
    """Write a model folder whole or not at all; `half` stores float16, other files in the folder stay."""
    config = {
        "model": model.config.to_dict(),
        "tokenizer": tokenizer.to_config(),
        "notes": dict(notes or {}),
    }
    write_model_folder(Path(folder), config, model.state_dict(), half=half)


def write_model_folder(
    folder: Path, config: Mapping[str, Any], weights: Mapping[str, torch.Tensor], *, half: bool
) -> None:
    """Write weights and what config.json says beside them, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}{STAGED}", dir=folder.parent))
    try:
        dtype = torch.float16 if half else torch.float32
        stored = {name: tensor.detach().to("cpu", dtype) for name, tensor in weights.items()}
        _write(staged / WEIGHTS_NAME, save(stored))  # save_file would hide it from other users
        told = {"format_version": FORMAT_VERSION, **config}
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        _write(staged / CONFIG_NAME, text.encode())
        folder.mkdir(exist_ok=True)
        for name in (WEIGHTS_NAME, CONFIG_NAME):
            (staged / name).replace(folder / name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def staged_folders(folder: Path) -> list[Path]:
    """List what a killed `save_model` left beside a model folder."""
    return list(folder.parent.glob(f".{folder.name}{STAGED}*"))


def load_model(folder: str | Path, *, device: str | torch.device = "cpu") -> LoadedModel:
    """Read a model folder; CheckpointError says what is missing, broken or foreign."""
    folder = Path(folder)
    config = read_model_config(folder / CONFIG_NAME)
    if EXPRESSION in config:
        raise CheckpointError(f"{folder}: a model of expression, which seqvae humanize takes; choose another")
    try:
        model_config = ModelConfig.from_dict(config["model"])
        tokenizer = build_tokenizer(config["tokenizer"])
        _check_fit(model_config, tokenizer)
    except (SeqvaeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{folder / CONFIG_NAME}: not a model of this version ({error})") from error
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in SequenceVAE(model_config).state_dict().items()}
    num_weights = sum(shape.numel() for shape in shapes.values())
    if num_weights > MOST_WEIGHTS:
        raise CheckpointError(
            f"{folder / CONFIG_NAME}: {num_weights} weights, at most {MOST_WEIGHTS} are read"
        )
    weights = read_model_weights(folder / WEIGHTS_NAME, shapes)
    model = SequenceVAE(model_config)
    model.load_state_dict(weights)
    if model.prior is not None and not bool((model.prior.spread > 0).all()):
        raise CheckpointError(f"{folder / WEIGHTS_NAME}: a value of prior.spread is not above 0")
    notes = config.get("notes", {})
    return LoadedModel(model.to(device).eval(), tokenizer, folder, notes if isinstance(notes, dict) else {})


def _check_fit(config: ModelConfig, tokenizer: Tokenizer) -> None:
    """Refuse a model that reads and writes other ids than its tokenizer."""
    is_text = isinstance(tokenizer, TextTokenizer | WordTokenizer)
    sizes = config.voice_sizes or (config.vocab_size,) * config.voices
    if sizes != sizes_of(tokenizer):
        raise CheckpointError(f"{tokenizer.name} has {sizes_of(tokenizer)} ids, the model {sizes}")
    if (config.end_id >= 0) != is_text or (is_text and config.end_id != END):
        raise CheckpointError(f"{tokenizer.name} does not end with id {config.end_id}")
    if is_text and config.bars > 1 and "flat" in (config.encoder, config.decoder):
        raise CheckpointError(f"{config.bars} sentences at once take a hierarchical encoder and decoder")
    if not is_text and config.steps_per_bar != STEPS_PER_BAR:
        raise CheckpointError(
            f"{tokenizer.name} has {STEPS_PER_BAR} steps a bar, the model {config.steps_per_bar}"
        )


def _write(path: Path, content: bytes) -> None:
    """Write a file and wait for the disk: what is renamed before it is there may be empty after a crash."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_model_config(path: Path) -> dict[str, Any]:
    """Read config.json of any kind of model; CheckpointError where there is none of this format."""
    if not path.is_file():
        raise CheckpointError(f"{path.parent}: no model, {path.name} is missing")
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise CheckpointError(f"{path}: larger than {LARGEST_CONFIG} bytes")
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # RecursionError: brackets in brackets
        raise CheckpointError(f"{path}: cannot be read ({error})") from error
    if not isinstance(config, dict) or config.get("format_version") != FORMAT_VERSION:
        raise CheckpointError(f"{path}: not a model folder of format {FORMAT_VERSION}")
    return config


def read_model_weights(path: Path, shapes: Mapping[str, torch.Size]) -> dict[str, torch.Tensor]:
    """Read the tensors once names, kinds and shapes are known to be right, and refuse what is not finite."""
    try:
        with safe_open(path, framework="pt") as file:
            _check_tensors(path, file, shapes)
            weights = {name: file.get_tensor(name).float() for name in shapes}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: cannot be read ({error})") from error
    for name, tensor in weights.items():
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"{path}: {name} holds values that are not finite")
    return weights


def _check_tensors(path: Path, file: Any, shapes: Mapping[str, torch.Size]) -> None:
    """Compare what the head of the file says with what the model needs, before any memory is taken."""
    names = set(file.keys())
    if names != set(shapes):
        odd = min(names ^ set(shapes))
        raise CheckpointError(
            f"{path}: tensor {odd!r} is missing or unknown; it is of another shape or of another version of "
            "seqvae, make it again"
        )
    for name, shape in shapes.items():
        part = file.get_slice(name)
        found = part.get_dtype(), tuple(part.get_shape())
        if found[0] not in FLOATS or found[1] != tuple(shape):
            raise CheckpointError(f"{path}: {name} is {found[0]} {found[1]}, expected floats {tuple(shape)}")
