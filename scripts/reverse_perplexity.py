#!/usr/bin/env python3
"""Train small language models on samples and on real sentences and print how well each knows the other.

    scripts/reverse_perplexity.py MODEL SHARDS [--sentences 5000] [--steps 600] [--temperature 1]

Reverse perplexity (Zhao et al. 2018) is low where samples are both like real sentences and as varied: a model
that repeats itself teaches little. Beside it stands the same language model, trained as long on as many real
sentences of the train split, which is what samples could reach at best. How well this one knows other samples
is the forward perplexity, low where they are fluent, varied or not. Both read the pieces of MODEL.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet, open_shards
from seqvae.errors import SeqvaeError
from seqvae.evaluation.evaluate import check_fit
from seqvae.evaluation.measure import choose_windows
from seqvae.evaluation.text.judge import Judgement, judge_texts
from seqvae.evaluation.text.samples import sample_source, sample_texts
from seqvae.evaluation.text.sentences import texts_of
from seqvae.latent.decoding.rules import Decoding
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained
from seqvae.training.settings import override
from seqvae.training.teaching import Teacher

BATCH_SIZE = 128  # held-out sentences judged at once


def main(arguments: Sequence[str] | None = None) -> None:
    """Write, train twice, judge, print."""
    options = read_options(arguments)
    torch.set_num_threads(options.threads)
    try:
        rows = compare(options)
    except SeqvaeError as error:
        sys.exit(f"Error: {error}")
    ruled = [
        ["trained on", "sentences", "held-out sentences", "other samples"],
        ["---", "--:", "--:", "--:"],
        *rows,
    ]
    print("\n".join(f"| {' | '.join(row)} |" for row in ruled))
    print(
        f"\nPerplexity per word, exp(-sum log p / sum (words + 1)), of {options.limit} test sentences and as"
        f" many samples under {options.preset}, {options.steps} steps, seed {options.seed}. Reverse:"
        " of held-out sentences, trained on samples; forward: of samples, trained on real ones."
    )


def compare(options: argparse.Namespace) -> list[list[str]]:
    """Return a row for the samples and one for real sentences."""
    loaded = load_pretrained(options.model, device=options.device)
    shards = open_shards(options.shards)
    check_fit(loaded, shards)
    samples = sample_texts(
        loaded,
        options.sentences + options.limit,
        decoding=Decoding(temperature=options.temperature),
        seed=options.seed,
    )
    real = read_texts(loaded, shards.split("train"), options.sentences, seed=options.seed)
    held_out = read_texts(loaded, shards.split("test"), options.limit, seed=options.seed)
    recipe = override(
        preset(options.preset),
        [f"train.num_steps={options.steps}", f"train.seed={options.seed}", *options.assignments],
    )
    source = f"samples, T = {options.temperature:g}, z: {sample_source(loaded).name}"
    corpora = {source: samples[: options.sentences], "real sentences of train": real}
    judged = held_out, samples[options.sentences :]
    teach = Teacher(loaded, recipe, options.device)
    return [
        [name, f"{len(texts):,}"]
        + [told(judge_texts(taught, others, batch_size=BATCH_SIZE), len(others)) for others in judged]
        for name, texts, taught in ((name, texts, teach(texts)) for name, texts in corpora.items())
    ]


def told(found: Judgement, num_texts: int) -> str:
    """Write a perplexity, and how many texts it is of where the judge could not read all."""
    left_out = f" ({found.num_texts} of {num_texts} read)" if found.num_texts < num_texts else ""
    return f"{found.perplexity:.2f}{left_out}"


def read_texts(loaded: LoadedModel, windows: WindowSet, limit: int, *, seed: int) -> list[str]:
    """Decode sentences of a split, drawn at random."""
    chosen = choose_windows(np.arange(len(windows)), limit, seed=seed)
    return [texts_of(loaded, windows.window(index)[None])[0] for index in chosen.tolist()]


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", metavar="MODEL", help="a model of text, by name or folder")
    parser.add_argument("shards", type=Path, metavar="SHARDS", help="the shards it was trained on")
    parser.add_argument("--sentences", type=int, default=5000, help="to train on (default %(default)s)")
    parser.add_argument("--temperature", type=float, default=1.0, help="of samples (default %(default)s)")
    parser.add_argument("--steps", type=int, default=600, help="of each training (default %(default)s)")
    parser.add_argument("--limit", type=int, default=2000, help="test sentences (default %(default)s)")
    parser.add_argument("--preset", default="language-model", help="what is trained (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="where to compute (default %(default)s)")
    parser.add_argument(
        "--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE", help="of the preset"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
