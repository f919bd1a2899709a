#!/usr/bin/env python3
"""Print how many tokens a second text models train on and write, and score for the bound, as a table.

    scripts/bench_text.py [SHARDS] [--presets text-en lm] [--model RUN]

All on one thread, in its own CPU seconds, with the weights that training begins with; speed depends on
shapes alone, but for where sentences end: random weights write up to the longest sentence. Without SHARDS the
sentences of data/ are read. The vocabulary is that of the preset, 4,000 pieces, or that of larger shards.
Tokens are pieces and ends, never padding. What ours are compared with was measured by others' code on another
machine of the same kind, and its sentences may be of another length, so ratios below 1.5 say little.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

import numpy as np
import torch

from seqvae.config import Preset
from seqvae.dataset.batches import Batches
from seqvae.dataset.shards import WindowSet, open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings
from seqvae.evaluation.bounds import sample_bounds
from seqvae.evaluation.measure import evaluating
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.text.codec import BATCH_SIZE, write_sentences
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained
from seqvae.training.trainer import Trainer

SENTENCES = Path(__file__).parent.parent / "data" / "sentences"
NUM_SAMPLES = 500  # of the importance-weighted bound, as the reference takes
SAMPLES_AT_ONCE = 250
NUM_SENTENCES = 2  # that the bound is computed of
NUM_WRITTEN = BATCH_SIZE  # sentences at once

# Tokens per CPU second on two cores, and 500 samples in 1.61 s for a sentence.
TRAINING = {"Sentence-VAE, 6.4 M": 1104, "lagging encoder, 8.8 M": 2157, "plain sketch, 4.9 M": 2521}
WRITING = {"Sentence-VAE, 6.4 M": 5599, "lagging encoder, 8.8 M": 2043, "plain sketch, 4.9 M": 3852}
BOUND = {"lagging encoder, 8.8 M": NUM_SAMPLES / 1.61}


class Rate(NamedTuple):
    """How much was done in how many seconds."""

    what: str
    per_second: float
    references: dict[str, float]

    def cells(self) -> list[str]:
        """Write it beside the best figure of others."""
        name, best = max(self.references.items(), key=lambda item: item[1])
        return [
            self.what,
            f"{self.per_second:,.0f}",
            f"{best:,.0f} ({name})",
            f"{self.per_second / best:.2f}",
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = read_options(arguments)
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        windows, vocab_size = read_windows(options.shards, Path(folder))
        rows = [["preset", "parameters", "a CPU second", "ours", "best of others", "ratio"]]
        for name in options.presets:
            recipe = sized(preset(name), windows, vocab_size)
            torch.manual_seed(0)
            model = SequenceVAE(recipe.model)
            rates = measure(model, recipe, windows, repetitions=options.repetitions)
            rows += [[name, f"{model.num_parameters:,}", *rate.cells()] for rate in rates]
        if options.model:
            loaded = load_pretrained(options.model).model
            rates = [
                writing_rate(loaded, options.repetitions),
                bound_rate(loaded, windows, options.repetitions),
            ]
            rows += [[options.model, f"{loaded.num_parameters:,}", *rate.cells()] for rate in rates]
    ruled = [rows[0], ["---", "--:", "---", "--:", "--:", "--:"], *rows[1:]]
    print("\n".join(f"| {' | '.join(row)} |" for row in ruled))
    print(
        f"\n{windows.lengths.mean():.1f} tokens in a sentence, medians of {options.repetitions} repetitions."
    )


def measure(model: SequenceVAE, recipe: Preset, windows: WindowSet, *, repetitions: int) -> list[Rate]:
    """Measure training, writing and the bound of one model."""
    return [
        training_rate(model, recipe, windows, repetitions),
        writing_rate(model, repetitions),
        bound_rate(model, windows, repetitions),
    ]


def training_rate(model: SequenceVAE, recipe: Preset, windows: WindowSet, repetitions: int) -> Rate:
    """Count the tokens of whole training steps: reading, both passes, the optimiser."""
    batches = Batches(windows, size=recipe.train.batch_size, seed=0)
    trainer = Trainer(model, recipe, batches, device=torch.device("cpu"))
    trainer.advance()  # warms up

    def advance() -> float:
        ids = torch.from_numpy(batches.batch(trainer.counters.step))
        trainer.advance()
        return float(model.real_steps(ids).sum())

    return Rate("tokens trained on", per_second(advance, repetitions), TRAINING)


def writing_rate(model: SequenceVAE, repetitions: int) -> Rate:
    """Count the tokens of sentences written greedily, as many at once as the commands do."""
    generator = torch.Generator().manual_seed(0)
    rules, draws = Decoding(temperature=0), Draws(0, range(NUM_WRITTEN))

    def write() -> float:
        z = torch.randn(NUM_WRITTEN, model.config.latent_size, generator=generator)
        return float(sum(map(len, write_sentences(model, z, rules, draws))))

    with evaluating(model):
        write()
        return Rate("tokens written", per_second(write, repetitions), WRITING)


def bound_rate(model: SequenceVAE, windows: WindowSet, repetitions: int) -> Rate:
    """Count the samples of the importance-weighted bound, each a sentence scored."""
    chosen = np.random.default_rng(0).integers(len(windows), size=(repetitions + 1, NUM_SENTENCES))
    remaining = iter(chosen)
    shape = (NUM_SAMPLES, NUM_SENTENCES, model.config.latent_size)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0))

    def bound() -> float:
        ids = torch.from_numpy(windows.windows(next(remaining)).astype(np.int64))
        sample_bounds(model, ids, noise, batch_size=SAMPLES_AT_ONCE)
        return float(NUM_SAMPLES * NUM_SENTENCES)

    with evaluating(model):
        bound()
        return Rate("samples of the IW bound", per_second(bound, repetitions), BOUND)


def per_second(work: Callable[[], float], repetitions: int) -> float:
    """Return the median of what is done in a second of the processor."""
    rates = []
    for _ in range(repetitions):
        start = process_time()
        done = work()
        rates.append(done / (process_time() - start))
    return median(rates)


def sized(recipe: Preset, windows: WindowSet, vocab_size: int) -> Preset:
    """Let a recipe read the sentences; the vocabulary is not made smaller than it is meant to be."""
    larger = max(vocab_size, recipe.model.vocab_size)
    return replace(recipe, model=replace(recipe.model, vocab_size=larger, steps_per_bar=windows.length))


def read_windows(shards: Path | None, folder: Path) -> tuple[WindowSet, int]:
    """Open what to train on, or prepare the sentences of data/, repeated to fill batches of any recipe."""
    if shards is None:
        prepare_texts([SENTENCES], folder / "shards", TextSettings())
    opened = open_shards(shards or folder / "shards")
    windows = opened.split("train")
    if shards is None:
        copies = {name: np.tile(getattr(windows, name), 40) for name in ("starts", "lengths", "pieces")}
        windows = replace(
            windows,
            **copies,
            ranges=np.tile(windows.ranges, (40, 1)),
            corpus_indices=np.tile(windows.corpus_indices, 40),
        )
    return windows, int(opened.manifest.text["vocab_size"])


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", nargs="?", type=Path, help="default: the sentences of data/")
    parser.add_argument(
        "--presets", nargs="+", default=["text-en", "lm"], help="recipes (default %(default)s)"
    )
    parser.add_argument("--model", help="a trained model to write and score with, too")
    parser.add_argument("--repetitions", type=int, default=5, help="of each (default %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
