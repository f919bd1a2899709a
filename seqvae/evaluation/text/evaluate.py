"""Evaluate a loaded model of text on a split of shards, from sentences to report."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import Shards, WindowSet
from seqvae.errors import ConfigError, DataError
from seqvae.evaluation.measure import MeasureSettings, OnProgress, choose_windows
from seqvae.evaluation.metrics import TOGETHER
from seqvae.evaluation.text.judge import check_judge, judge_texts
from seqvae.evaluation.text.measure import measure_sentences
from seqvae.evaluation.text.metrics import compute_text_metrics
from seqvae.evaluation.text.report import TextEvaluation
from seqvae.evaluation.text.samples import describe_texts, sample_source, sample_texts
from seqvae.evaluation.text.sentences import texts_of
from seqvae.evaluation.text.walks import can_walk, describe_walks, of_corpus, walk_between
from seqvae.evaluation.text.writing import BATCH_SIZE
from seqvae.latent.decoding.rules import GREEDY, SAMPLING, Decoding

WAYS = {"greedy": GREEDY, "usual": SAMPLING, "sampled": Decoding(temperature=1.0)}


class Teaching(Protocol):
    """What trains a language model on texts."""

    @property
    def num_steps(self) -> int:
        """Return how long each is trained."""

    def __call__(self, texts: Sequence[str]) -> LoadedModel:
        """Return a language model that has learned from these texts alone."""


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """What is written to judge a model by, beside reconstructions."""

    num_samples: int = 1000  # 0 leaves samples out
    num_pairs: int = 200  # of sentences to walk between; 0 leaves walks out
    num_steps: int = 9  # of a walk, both ends counted
    judge: LoadedModel | None = None  # a language model, for forward perplexities
    teach: Teaching | None = None  # for reverse ones

    def __post_init__(self) -> None:
        """Refuse what cannot be written."""
        for name, least in (("num_samples", 0), ("num_pairs", 0), ("num_steps", 2)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose {least} or more")
        if self.judge is not None:
            check_judge(self.judge)


@dataclass(frozen=True, kw_only=True)
class TextTask:
    """Which sentences of which shards."""

    shards: Shards
    split: str
    limit: int | None  # random sentences, not all


def evaluate_text(
    loaded: LoadedModel,
    task: TextTask,
    settings: MeasureSettings,
    text: TextSettings,
    *,
    on_progress: OnProgress | None = None,
) -> TextEvaluation:
    """Measure a split, samples and walks."""
    sentences = task.shards.split(task.split)
    indices = choose_windows(np.arange(len(sentences)), task.limit or len(sentences), seed=settings.seed)
    measured = measure_sentences(loaded, sentences, indices, settings=settings, on_progress=on_progress)
    facts = {
        "model": name_of(loaded),
        "parameters": loaded.model.num_parameters,
        "latent_size": loaded.config.latent_size,
        "tokenizer": loaded.tokenizer.name,
        "vocabulary": loaded.config.vocab_size,
        "split": task.split,
        "windows": len(indices),
        "windows_in_split": len(sentences),
        "seed": settings.seed,
        "bound_samples": settings.bound_samples,
        "sample_source": sample_source(loaded).name,
        "language_model": name_of(text.judge) if text.judge else None,
        "reverse_steps": text.teach.num_steps if text.teach else 0,
    }
    metrics = compute_text_metrics(measured, sentences.corpora, seed=settings.seed)
    samples = _samples(loaded, task, text, seed=settings.seed) if text.num_samples else {}
    return TextEvaluation(facts, metrics, samples, _walks(loaded, sentences, text, seed=settings.seed))


def _samples(
    loaded: LoadedModel, task: TextTask, text: TextSettings, *, seed: int
) -> dict[str, dict[str, float]]:
    """Describe samples of each way of writing, and as many held-out sentences."""
    train, held_out = task.shards.split("train"), task.shards.split(task.split)
    chosen = choose_windows(np.arange(len(held_out)), text.num_samples, seed=seed)
    written = {
        name: sample_texts(loaded, text.num_samples, decoding=decoding, seed=seed)
        for name, decoding in WAYS.items()
    } | {
        "held_out": [texts_of(loaded, held_out.window(index)[None])[0] for index in chosen.tolist()],
    }
    described = {name: describe_texts(loaded, texts, train, text.judge) for name, texts in written.items()}
    if text.teach:
        chosen = choose_windows(np.arange(len(train)), text.num_samples, seed=seed)
        known = [texts_of(loaded, train.window(index)[None])[0] for index in chosen.tolist()]
        for name, texts in (written | {"held_out": known}).items():
            described[name]["reverse_perplexity"] = _taught_by(texts, written["held_out"], text.teach)
    return described


def _taught_by(texts: Sequence[str], held_out: Sequence[str], teach: Teaching) -> float:
    """Return the perplexity of held-out texts after learning from others; infinite if these are too long."""
    try:
        judge = teach(texts)
    except DataError:
        return inf
    return judge_texts(judge, held_out, batch_size=BATCH_SIZE).perplexity


def _walks(
    loaded: LoadedModel, sentences: WindowSet, text: TextSettings, *, seed: int
) -> dict[str, dict[str, float]]:
    """Describe walks among all sentences and inside each corpus of several; none where z says nothing."""
    if not text.num_pairs or loaded.config.encoder == "none":
        return {}
    corpora = sentences.corpora if len(sentences.corpora) > 1 else ()
    groups = {TOGETHER: sentences} | {corpus: of_corpus(sentences, corpus) for corpus in corpora}
    return {
        name: describe_walks(
            loaded,
            walk_between(loaded, group, num_pairs=text.num_pairs, num_steps=text.num_steps, seed=seed),
            text.judge,
        )
        for name, group in groups.items()
        if can_walk(group)
    }


def name_of(loaded: LoadedModel) -> str:
    """Name a model after its folder, or its run, whose folder holds it in model/."""
    folder = loaded.folder.resolve()
    return folder.parent.name if folder.name == "model" else folder.name
