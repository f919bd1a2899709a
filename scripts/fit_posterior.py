#!/usr/bin/env python3
"""Fit a Gaussian to where a model puts its training windows and save it in the model folder for `sample`.

scripts/fit_posterior.py MODEL SHARDS
"""

import argparse
from pathlib import Path

from seqvae.dataset.shards import open_shards
from seqvae.latent.posterior import FILE_NAME, fit_to_windows
from seqvae.pretrained import load_pretrained


def main() -> None:
    """Fit and save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a model folder")
    parser.add_argument("shards", type=Path, help="the shards it was trained on")
    parser.add_argument("--limit", type=int, default=20_000, help="windows to encode (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="where to compute (default %(default)s)")
    options = parser.parse_args()

    loaded = load_pretrained(options.model, device=options.device)
    windows = open_shards(options.shards).split("train")
    gaussian = fit_to_windows(loaded.model, windows, limit=options.limit)
    gaussian.save(loaded.folder)
    num_windows = min(options.limit, len(windows))
    variance = float(gaussian.cholesky.square().sum() / len(gaussian.mean))
    print(f"{loaded.folder / FILE_NAME}: {num_windows} windows, mean variance of z {variance:.3f} (prior: 1)")


if __name__ == "__main__":
    main()
