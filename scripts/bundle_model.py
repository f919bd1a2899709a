#!/usr/bin/env python3
"""Put a trained model into the package, under seqvae/pretrained_models/NAME, with float16 weights.

scripts/bundle_model.py RUN NAME
"""

import argparse
from pathlib import Path

from seqvae.checkpoint import WEIGHTS_NAME, save_model
from seqvae.latent.fitted import FITTED_NAMES
from seqvae.pretrained import load_pretrained

BUNDLED = Path(__file__).parent.parent / "seqvae" / "pretrained_models"
LARGEST = 16 * 2**20  # bytes of weights: history keeps every copy


def main() -> None:
    """Copy the model of a run, half as large."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", help="a run folder of seqvae train, or a model folder")
    parser.add_argument("name", help="the name by which seqvae.load will know it")
    options = parser.parse_args()

    loaded = load_pretrained(Path(options.run))
    folder = BUNDLED / options.name
    save_model(folder, loaded.model, loaded.tokenizer, notes=loaded.notes, half=True)
    for name in FITTED_NAMES:
        (folder / name).unlink(missing_ok=True)  # of the model that was there
    size = (folder / WEIGHTS_NAME).stat().st_size
    print(f"{folder}: {loaded.model.num_parameters:,} parameters, {size / 2**20:.1f} MiB")
    if size > LARGEST:
        raise SystemExit(f"{folder / WEIGHTS_NAME}: {size} bytes; a bundled model has at most {LARGEST}")


if __name__ == "__main__":
    main()
