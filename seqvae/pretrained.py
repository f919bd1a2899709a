"""Find a model by name or folder; the bundled models lie in seqvae/pretrained_models/."""

from importlib.resources import files
from pathlib import Path

import torch

from seqvae.checkpoint import CONFIG_NAME, LoadedModel, load_model
from seqvae.errors import CheckpointError


def bundled_models() -> list[str]:
    """Return the names of the models that came with the package."""
    root = _root()
    if not root.is_dir():
        return []
    return sorted(folder.name for folder in root.iterdir() if (folder / CONFIG_NAME).is_file())


def model_folder(name_or_path: str | Path) -> Path:
    """Return the folder of a bundled model or of one on disk; CheckpointError lists the names there are."""
    if isinstance(name_or_path, str) and name_or_path in bundled_models():
        return _root() / name_or_path
    folder = Path(name_or_path)
    for candidate in (folder, folder / "model"):  # a run folder holds its model in model/
        if (candidate / CONFIG_NAME).is_file() and (candidate / "model.safetensors").is_file():
            return candidate
    names = ", ".join(bundled_models()) or "none"
    raise CheckpointError(f"no model {str(name_or_path)!r}; name a model folder or a bundled model ({names})")


def load_pretrained(name_or_path: str | Path, *, device: str | torch.device = "cpu") -> LoadedModel:
    """Load a model by name or folder."""
    return load_model(model_folder(name_or_path), device=device)


def _root() -> Path:
    return Path(str(files("seqvae"))) / "pretrained_models"
