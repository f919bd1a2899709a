"""Evaluate a loaded model on a split of shards, from windows to report."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, get_args

import numpy as np

from seqvae.checkpoint import LoadedModel
from seqvae.config import ModelConfig
from seqvae.dataset.shards import Shards
from seqvae.dataset.text.settings import TextKind
from seqvae.errors import ConfigError, DataError
from seqvae.evaluation.baseline import fit_baseline
from seqvae.evaluation.meaning import meaning_of
from seqvae.evaluation.measure import MeasureSettings, OnProgress, choose_windows, measure_windows
from seqvae.evaluation.metrics import compute_metrics
from seqvae.evaluation.report import Evaluation
from seqvae.evaluation.text.evaluate import TextSettings, TextTask, evaluate_text, name_of
from seqvae.evaluation.text.report import TextEvaluation
from seqvae.latent.fitted import load_fitted


def evaluate_model(
    loaded: LoadedModel,
    shards: Shards,
    settings: MeasureSettings,
    *,
    text: TextSettings | None = None,
    split: str = "test",
    limit: int | None = None,
    on_progress: OnProgress | None = None,
) -> Evaluation | TextEvaluation:
    """Measure a split, or `limit` random windows of it; DataError where shards and model do not fit.

    Of `text` only a model of sentences takes notice.
    """
    check_fit(loaded, shards)
    windows, train = shards.split(split), shards.split("train")
    if not len(windows):
        raise DataError(
            f"{shards.folder}: no windows in {split}; choose another split or prepare a larger corpus"
        )
    if shards.manifest.kind == "text":
        if settings.refine_steps:
            raise ConfigError("refining is for models of music; leave refine_steps at 0 for sentences")
        task = TextTask(shards=shards, split=split, limit=limit)
        return evaluate_text(loaded, task, settings, text or TextSettings(), on_progress=on_progress)
    config = loaded.model.config
    prior = None if config.prior == "learned" else load_fitted(loaded.folder, config.latent_size)
    if settings.refine_steps and settings.refine_prior == "fitted" and prior is None:
        remedy = (
            "learned its own; choose own" if config.prior == "learned" else "has none; choose own or fit one"
        )
        raise ConfigError(f"refine_prior is 'fitted' to a prior fitted later, and {name_of(loaded)} {remedy}")
    baseline = fit_baseline(train, meaning_of(loaded.tokenizer), vocab_size=config.vocab_size)
    indices = choose_windows(np.arange(len(windows)), limit or len(windows), seed=settings.seed)
    measurements = measure_windows(
        loaded.model,
        windows,
        indices,
        baseline=baseline,
        settings=settings,
        prior=prior,
        on_progress=on_progress,
    )
    facts = {
        "model": name_of(loaded),
        "parameters": loaded.model.num_parameters,
        "latent_size": config.latent_size,
        "bars": config.bars,
        "split": split,
        "windows": len(indices),
        "windows_in_split": len(windows),
        "seed": settings.seed,
        "bound_samples": settings.bound_samples,
        **_refining(settings),
    }
    return Evaluation(facts, compute_metrics(measurements, windows.corpora, seed=settings.seed))


def _refining(settings: MeasureSettings) -> dict[str, Any]:
    """Tell of refining where there was any."""
    names = ("refine_steps", "refine_beta", "refine_prior")
    return {name: getattr(settings, name) for name in names} if settings.refine_steps else {}


def check_fit(loaded: LoadedModel, shards: Shards) -> None:
    """Compare kind, ids and length of a model with those of shards."""
    manifest, config = shards.manifest, loaded.model.config
    kind = "text" if loaded.tokenizer.name in get_args(TextKind) else "music"
    if manifest.kind != kind:
        raise DataError(f"{shards.folder}: shards of {manifest.kind}, but the model is one of {kind}")
    own = loaded.tokenizer.to_config()
    if dict(manifest.tokenizer) != own:
        raise DataError(
            f"{shards.folder}: made with tokenizer {name_tokenizer(manifest.tokenizer)}, the model reads "
            f"{name_tokenizer(own)}; choose the shards that the model was trained on"
        )
    if kind == "text":
        _check_lengths(shards, config)
    if kind == "music" and (manifest.steps_per_window, manifest.voices) != (config.time, config.voices):
        raise DataError(
            f"{shards.folder}: windows of {manifest.bars} bars, the model reads {config.bars}; "
            f"prepare the corpus with --bars {config.bars}"
        )


def _check_lengths(shards: Shards, config: ModelConfig) -> None:
    """Compare the longest text of shards with what a model reads; sentences may be shorter."""
    bars, pieces = shards.manifest.bars, shards.manifest.steps_per_window // shards.manifest.bars - 1
    if bars != config.bars:
        raise DataError(
            f"{shards.folder}: texts of {bars} sentences, the model reads {config.bars}; "
            f"prepare the corpus with {config.bars} in a window"
        )
    own = config.steps_per_bar - 1
    if pieces > own or (bars > 1 and pieces != own):
        raise DataError(
            f"{shards.folder}: sentences of up to {pieces} pieces, the model reads {own}; "
            f"prepare the corpus with --max-pieces {own}"
        )


def name_tokenizer(config: Mapping[str, Any]) -> str:
    """Tell a tokenizer from others in a few words; its configuration may be long."""
    written = json.dumps(dict(config), sort_keys=True, ensure_ascii=False).encode()
    digest = str(config.get("sha256") or sha256(written).hexdigest())
    return f"{config.get('name')!r} ({digest[:12]})"
