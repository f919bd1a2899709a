#!/usr/bin/env python3
"""Train a model of how drums are played by the settings of seqvae/expression/settings.py.

scripts/fit_expression.py SHARDS FOLDER [--set num_steps=2500 ...]

SHARDS are of `seqvae prepare --tokenizer drums`. Held-out costs are printed as it goes, in nats per hit.
"""

import argparse
import json
import time
from dataclasses import fields
from pathlib import Path

import torch

from seqvae.dataset.shards import open_verified
from seqvae.expression.fit import Checked, fit
from seqvae.expression.settings import FitConfig
from seqvae.expression.storage import save_expression


def main() -> None:
    """Train, and write the best model in float16."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path, help="folder of shards of drums")
    parser.add_argument("folder", type=Path, help="model folder to write")
    known = ", ".join(field.name for field in fields(FitConfig) if field.name != "model")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=f"one of {known}")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    changes = dict(change.split("=", 1) for change in options.set)
    config = FitConfig.from_dict({name: json.loads(value) for name, value in changes.items()})
    shards = open_verified(options.shards)
    start = time.monotonic()

    def tell(found: Checked) -> None:
        parts = f"velocity {found.velocity:.4f}, offset {found.offset:.4f}, KL {found.kl:.4f}"
        print(f"{time.monotonic() - start:.0f} s, step {found.step}: {found.total:.4f} ({parts})", flush=True)

    model, notes = fit(config, shards.split("train"), shards.split("valid"), tell)
    budget = {"minutes": round((time.monotonic() - start) / 60), "threads": options.threads}
    save_expression(options.folder, model, notes=notes | budget, half=True)
    print(f"{options.folder}: {model.num_parameters:,} parameters, {budget['minutes']} minutes")


if __name__ == "__main__":
    main()
