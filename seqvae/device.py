"""Choose where to compute."""

import torch

from seqvae.errors import ConfigError

DEVICE_TYPES = ("cpu", "cuda")


def has_gpu() -> bool:
    """Tell whether there is a GPU that PyTorch can use."""
    return torch.cuda.is_available()


def choose_device(name: str) -> torch.device:
    """Return a device that is there, `cuda:1` too; `auto` takes a GPU before the CPU."""
    if name == "auto":
        return torch.device("cuda" if has_gpu() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # PyTorch without CUDA asserts
        raise _missing(name) from error
    if device.type not in DEVICE_TYPES:
        raise _missing(name)
    return device


def _missing(name: str) -> ConfigError:
    return ConfigError(f"no device {name!r} here; choose cpu, auto, or cuda where there is a GPU")
