"""Model folders from anywhere: data that is checked before memory is taken, and never code."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqvae.checkpoint import load_model
from seqvae.dataset.shards import open_shards
from seqvae.errors import CheckpointError, SeqvaeError
from seqvae.export.files import write_files
from seqvae.latent.describe import describe_model
from seqvae.latent.posterior import load_posterior
from seqvae.training.folder import read_preset
from seqvae.training.state import load_state
from tests.latent.making import save_debug_model

SIZES = ("latent_size", "embedding_size", "encoder_size", "decoder_size", "summary_size", "condition_size")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a small model."""
    return save_debug_model(tmp_path / "model")


def change_config(folder: Path, change: Callable[[dict], object]) -> None:
    """Change what config.json says."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    change(config)
    path.write_text(json.dumps(config), encoding="utf-8")


def declare(folder: Path, header: dict, *, size: int) -> None:
    """Write a file of weights that declares tensors and is as long as that, but holds nothing."""
    text = json.dumps(header).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + size)


CONFIGS = {
    "brackets in brackets": (lambda f: (f / "config.json").write_text("[" * 200_000), "cannot be read"),
    "a number of 100,000 digits": (
        lambda f: (f / "config.json").write_text('{"model": ' + "9" * 100_000 + "}"),
        "cannot be read",
    ),
    "UTF-16": (lambda f: (f / "config.json").write_bytes(b"\xff\xfe{}"), "cannot be read"),
    "5 MB": (lambda f: (f / "config.json").write_text("[" + " " * 5_000_000 + "]"), "larger than 4194304"),
    "a list for a model": (lambda f: change_config(f, lambda c: c.update(model=[1])), "not a model of this"),
    "a list for a tokenizer": (lambda f: change_config(f, lambda c: c.update(tokenizer=[1])), "not a model"),
    "an unknown tokenizer": (
        lambda f: change_config(f, lambda c: c.update(tokenizer={"name": "os.system"})),
        "unknown tokenizer 'os.system'; choose from",
    ),
    "fractions for ids": (
        lambda f: change_config(f, lambda c: c["model"].update(ordered_ids=[0, 1.5])),
        "ordered_ids is \\[0, 1.5\\], not two whole numbers",
    ),
    "true for a size": (
        lambda f: change_config(f, lambda c: c["model"].update(latent_size=True)),
        "latent_size is True, not of type int",
    ),
    "other ids than its tokenizer": (
        lambda f: change_config(f, lambda c: c["model"].update(vocab_size=140)),
        r"melody has \(131,\) ids, the model \(140,\)",
    ),
    "more voices than its tokenizer": (
        lambda f: change_config(f, lambda c: c["model"].update(voices=2, voice_sizes=[131, 131])),
        r"melody has \(131,\) ids, the model \(131, 131\)",
    ),
    "bars of 24 steps": (
        lambda f: change_config(f, lambda c: c["model"].update(steps_per_bar=24)),
        "melody has 16 steps a bar, the model 24",
    ),
    "an end where there is none": (
        lambda f: change_config(f, lambda c: c["model"].update(end_id=1)),
        "melody does not end with id 1",
    ),
    "more scores than fit": (
        lambda f: change_config(f, lambda c: c["model"].update(bars=1024, steps_per_bar=4096)),
        "scores of a sequence are over",
    ),
    "a drum map of a long number": (
        lambda f: change_config(
            f, lambda c: c.update(tokenizer={"name": "drums", "map": {"9" * 5000: "kick"}})
        ),
        "is no number in 0..127",
    ),
    "every size at its bound": (
        lambda f: change_config(f, lambda c: c["model"].update(dict.fromkeys(SIZES, 8192))),
        "weights, at most 1000000000 are read",
    ),
}
WEIGHTS = {
    "a pickle": (
        lambda f: (f / "model.safetensors").write_bytes(
            b"\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\5posix\x94." * 9
        ),
        "cannot be read",
    ),
    "a header of 2^63 bytes": (
        lambda f: (f / "model.safetensors").write_bytes(struct.pack("<Q", 2**63) + b"{}"),
        "cannot be read",
    ),
    "a header of brackets": (
        lambda f: (f / "model.safetensors").write_bytes(struct.pack("<Q", 200_000) + b"[" * 200_000),
        "cannot be read",
    ),
    "a tensor of 4 TB": (
        lambda f: declare(
            f, {"x": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}, size=9
        ),
        "cannot be read",
    ),
    "a foreign tensor of 16 GB": (
        lambda f: declare(
            f, {"x": {"dtype": "F32", "shape": [4 * 10**9], "data_offsets": [0, 16 * 10**9]}}, size=16 * 10**9
        ),
        "is missing or unknown",
    ),
    "tensors that overlap": (
        lambda f: declare(
            f,
            {
                name: {"dtype": "F32", "shape": [2], "data_offsets": [start, start + 8]}
                for name, start in (("a", 0), ("b", 4))
            },
            size=12,
        ),
        "cannot be read",
    ),
    "whole numbers": (
        lambda f: save_file(
            {name: tensor.to(torch.int32) for name, tensor in load_file(f / "model.safetensors").items()},
            f / "model.safetensors",
        ),
        "is I32 .*, expected floats",
    ),
    "a folder": (
        lambda f: [(f / "model.safetensors").unlink(), (f / "model.safetensors").mkdir()],
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("damage", "words"), {**CONFIGS, **WEIGHTS}.values(), ids={**CONFIGS, **WEIGHTS})
def test_a_hostile_model_is_refused_in_one_line(folder, damage, words):
    """The file is named, and nothing of the size it claims is allocated."""
    damage(folder)

    with pytest.raises(CheckpointError, match=words) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


POSTERIORS = {
    "no mixture": ({name: torch.ones(()) for name in ("weights", "means", "roots")}, "not of latent size 3"),
    "another size": (
        {"weights": torch.ones(1), "means": torch.ones(1, 4), "roots": torch.ones(1, 4, 4)},
        "not of latent size 3",
    ),
    "no roots": ({"weights": torch.ones(1), "means": torch.ones(1, 3)}, "is damaged"),
    "not finite": (
        {"weights": torch.ones(1), "means": torch.full((1, 3), torch.nan), "roots": torch.ones(1, 3, 3)},
        "not finite",
    ),
}


@pytest.mark.parametrize(("tensors", "words"), POSTERIORS.values(), ids=POSTERIORS)
def test_a_hostile_posterior_is_refused(tensors, words, tmp_path):
    """What sample draws from is checked like weights."""
    save_file(tensors, tmp_path / "posterior.safetensors")

    with pytest.raises(CheckpointError, match=words):
        load_posterior(tmp_path, 3)


def test_a_card_of_any_bytes_is_shown(folder):
    """A model's card is text, whatever its encoding."""
    (folder / "README.md").write_bytes(b"\xff\xfe card")

    assert describe_model(str(folder)).texts[1].endswith(" card")


BRACKETS = "[" * 200_000
READERS = {
    "manifest of shards": ("manifest.json", open_shards, "not JSON"),
    "settings of a run": ("config.json", read_preset, "cannot be read"),
    "state of a run": ("state.json", lambda place: load_state(place, trainer=None), "cannot be read"),
}


@pytest.mark.parametrize(("name", "read", "words"), READERS.values(), ids=READERS)
def test_brackets_in_brackets_are_refused(name, read, words, tmp_path):
    """JSON nested beyond measure is a broken file like any other."""
    (tmp_path / name).write_text(BRACKETS)

    with pytest.raises(SeqvaeError, match=words):
        read(tmp_path)


def test_a_broken_report_is_nobody_s(tmp_path):
    """A report.json that cannot be read lists no files of an earlier run."""
    (tmp_path / "report.json").write_text(BRACKETS)
    (tmp_path / "mine.mid").write_text("mine")

    write_files(tmp_path, {"report.json": b"{}"}, force=True)
    assert (tmp_path / "mine.mid").read_text() == "mine"
