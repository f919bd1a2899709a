#!/usr/bin/env python3
"""Print the interpolation curves of a model, and of blends without a model, as a table in Markdown.

    scripts/interpolation_curves.py MODEL SHARDS [--pairs 1024] [--points 9]

Roberts et al. (2018), figure 3: distance to clip A, and cost under a 5-gram model of the train split over the
linear mix of the costs of both ends. The pairs are held out and come from different pieces.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from seqvae.dataset.shards import open_shards
from seqvae.evaluation.evaluate import check_fit
from seqvae.evaluation.interpolation import PathCurves
from seqvae.evaluation.walks import compare_walks
from seqvae.pretrained import load_pretrained

COLUMNS = ("distance_to_start", "distance_to_end", "relative_cost")


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("shards", type=Path, metavar="SHARDS")
    parser.add_argument("--pairs", type=int, default=1024)
    parser.add_argument("--points", type=int, default=9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    loaded, shards = load_pretrained(options.model, device=options.device), open_shards(options.shards)
    check_fit(loaded, shards)
    curves = compare_walks(
        loaded.model,
        shards.split("train"),
        shards.split("test"),
        num_pairs=options.pairs,
        num_points=options.points,
        seed=options.seed,
    )
    print("\n".join(table_lines(curves)))


def table_lines(curves: Mapping[str, PathCurves]) -> list[str]:
    """Write a row per point, then what holds for whole paths."""
    titles = ["alpha", *(f"{name}: {column.replace('_', ' ')}" for column in COLUMNS for name in curves)]
    rows = [titles, ["---"] * len(titles)]
    for point, alpha in enumerate(next(iter(curves.values())).alphas):
        values = [getattr(curve, column)[point] for column in COLUMNS for curve in curves.values()]
        rows.append([f"{alpha:.3f}", *(f"{value:.3f}" for value in values)])
    facts = [
        f"{name}: {curve.monotone_share:.3f} of the moves do not come closer to A,"
        f" {curve.stuck_share:.4f} of the inner points equal both neighbours,"
        f" the mean distance {'never falls' if curve.distances_rise else 'falls at some point'}"
        for name, curve in curves.items()
    ]
    return [*(f"| {' | '.join(row)} |" for row in rows), "", *facts]


if __name__ == "__main__":
    main()
