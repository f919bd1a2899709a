#!/usr/bin/env python3
"""Compare walks that read well with what stands on the path, judged by a language model of its own.

    scripts/walk_fluency.py MODEL SHARDS [--pairs 100] [--sentences 30000] [--steps 2000]

Pairs of held-out sentences of two templates are walked as by `seqvae interpolate` with --fluent and with
--no-fluent. The judge, of the preset language-model, is trained on real sentences of the train split and has
no part in writing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from scripts.reverse_perplexity import read_texts
from seqvae.dataset.shards import open_shards
from seqvae.errors import SeqvaeError
from seqvae.evaluation.text.sentences import texts_of
from seqvae.evaluation.text.walks import describe_walks
from seqvae.evaluation.walks import draw_pairs
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.walk import TextWalkOptions
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained
from seqvae.training.settings import override
from seqvae.training.teaching import Teacher

COLUMNS = {
    "different sentences, median": ("median_distinct", "{:.0f}"),
    "perplexity a word between": ("forward_perplexity_between", "{:.1f}"),
    "of the ends": ("forward_perplexity_ends", "{:.1f}"),
    "change to the next, mean": ("neighbour_distance", "{:.3f}"),
    "largest of a walk": ("largest_distance", "{:.3f}"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the judge, walk, print."""
    options = read_options(arguments)
    torch.set_num_threads(options.threads)
    try:
        rows = compare(options)
    except SeqvaeError as error:
        sys.exit(f"Error: {error}")
    titles = ["walks", *COLUMNS]
    ruled = [titles, ["---", *["--:"] * len(COLUMNS)], *rows]
    print("\n".join(f"| {' | '.join(row)} |" for row in ruled))
    print(
        f"\n{options.pairs} walks of {options.size} steps between test sentences; the judge learned from"
        f" {options.sentences:,} sentences of train in {options.steps} steps; a change is the share of words."
    )


def compare(options: argparse.Namespace) -> list[list[str]]:
    """Return a row for each way to walk."""
    loaded = load_pretrained(options.model)
    shards = open_shards(options.shards)
    recipe = override(preset("language-model"), [f"train.num_steps={options.steps}", *options.assignments])
    judge = Teacher(loaded, recipe)(
        read_texts(loaded, shards.split("train"), options.sentences, seed=options.seed)
    )
    pairs = draw_pairs(shards.split("test"), options.pairs, np.random.default_rng(options.seed))
    ends = list(zip(*(texts_of(loaded, ids) for ids in pairs), strict=True))
    model = TextModel(loaded, name=str(options.model))
    rows = []
    for name, fluent in (("on the path", False), ("that read well", True)):
        how = TextWalkOptions(fluent=fluent, collapse=False)
        walks = [model.interpolate(*pair, steps=options.size, options=how).texts for pair in ends]
        found = describe_walks(loaded, walks, judge)
        rows.append([name, *(form.format(found[key]) for key, form in COLUMNS.values())])
    return rows


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", metavar="MODEL", help="a model of text, by name or folder")
    parser.add_argument("shards", type=Path, metavar="SHARDS", help="the shards it was trained on")
    parser.add_argument("--pairs", type=int, default=100, help="walks (default %(default)s)")
    parser.add_argument("--size", type=int, default=9, help="steps of a walk (default %(default)s)")
    parser.add_argument("--sentences", type=int, default=30_000, help="of the judge (default %(default)s)")
    parser.add_argument("--steps", type=int, default=2000, help="of its training (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default %(default)s)")
    parser.add_argument(
        "--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE", help="of the judge"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
