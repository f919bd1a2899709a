"""Evaluate a loaded model on a split of shards, from windows to report."""

import numpy as np

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import Shards
from seqvae.errors import DataError
from seqvae.evaluation.accuracy import meaning_of
from seqvae.evaluation.baseline import fit_baseline
from seqvae.evaluation.measure import MeasureSettings, OnProgress, choose_windows, measure_windows
from seqvae.evaluation.metrics import compute_metrics
from seqvae.evaluation.report import Evaluation


def evaluate_model(
    loaded: LoadedModel,
    shards: Shards,
    settings: MeasureSettings,
    *,
    split: str = "test",
    limit: int | None = None,
    on_progress: OnProgress | None = None,
) -> Evaluation:
    """Measure a split, or `limit` random windows of it; DataError where shards and model do not fit."""
    check_fit(loaded, shards)
    windows, train = shards.split(split), shards.split("train")
    if not len(windows):
        raise DataError(
            f"{shards.folder}: no windows in {split}; choose another split or prepare a larger corpus"
        )
    config = loaded.model.config
    baseline = fit_baseline(train, meaning_of(loaded.tokenizer), vocab_size=config.vocab_size)
    indices = choose_windows(np.arange(len(windows)), limit or len(windows), seed=settings.seed)
    measurements = measure_windows(
        loaded.model, windows, indices, baseline=baseline, settings=settings, on_progress=on_progress
    )
    facts = {
        "model": _name_of(loaded),
        "parameters": loaded.model.num_parameters,
        "latent_size": config.latent_size,
        "bars": config.bars,
        "split": split,
        "windows": len(indices),
        "windows_in_split": len(windows),
        "seed": settings.seed,
        "bound_samples": settings.bound_samples,
    }
    return Evaluation(facts, compute_metrics(measurements, windows.corpora, seed=settings.seed))


def check_fit(loaded: LoadedModel, shards: Shards) -> None:
    """Compare ids and length of a model with those of shards."""
    manifest, config = shards.manifest, loaded.model.config
    if dict(manifest.tokenizer) != loaded.tokenizer.to_config():
        raise DataError(
            f"{shards.folder}: made with tokenizer {manifest.tokenizer}, "
            f"the model reads {loaded.tokenizer.to_config()}"
        )
    if (manifest.steps_per_window, manifest.voices) != (config.time, config.voices):
        raise DataError(
            f"{shards.folder}: windows of {manifest.bars} bars, the model reads {config.bars}; "
            f"prepare the corpus with --bars {config.bars}"
        )


def _name_of(loaded: LoadedModel) -> str:
    """Name a model after its folder, or its run, whose folder holds it in model/."""
    folder = loaded.folder.resolve()
    return folder.parent.name if folder.name == "model" else folder.name
