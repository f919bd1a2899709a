#!/usr/bin/env python3
"""Fit a mixture to where a model puts its training windows and save it in the model folder for `sample`.

scripts/fit_posterior.py MODEL SHARDS
"""

import argparse
from pathlib import Path

from seqvae.dataset.shards import open_shards
from seqvae.latent.posterior import FILE_NAME, fit_posterior, save_posterior
from seqvae.pretrained import load_pretrained


def main() -> None:
    """Fit and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a model folder")
    parser.add_argument("shards", type=Path, help="the shards it was trained on")
    parser.add_argument("--limit", type=int, default=20_000, help="windows to encode (default %(default)s)")
    parser.add_argument("--components", type=int, default=32, help="Gaussians (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="where to encode (default %(default)s)")
    options = parser.parse_args()

    loaded = load_pretrained(options.model, device=options.device)
    windows = open_shards(options.shards).split("train")
    posterior = fit_posterior(loaded.model, windows, num_components=options.components, limit=options.limit)
    save_posterior(loaded.folder, posterior)
    count = min(options.limit, len(windows))
    print(f"{loaded.folder / FILE_NAME}: {len(posterior.weights)} Gaussians fitted to {count} windows")


if __name__ == "__main__":
    main()
