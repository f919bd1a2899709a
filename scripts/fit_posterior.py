#!/usr/bin/env python3
"""Fit where a model puts its training windows and save it in the model folder, for `sample` and for rates.

scripts/fit_posterior.py MODEL SHARDS
scripts/fit_posterior.py MODEL SHARDS --learned
"""

import argparse
from pathlib import Path

from seqvae.dataset.shards import open_shards
from seqvae.latent.fitted import PRIOR_NAME, save_fitted
from seqvae.latent.posterior import FILE_NAME, fit_posterior
from seqvae.pretrained import load_pretrained
from seqvae.training.prior import PriorTraining, learn_prior

TOLD_EVERY = 250
COMPONENTS = 32


def main() -> None:
    """Fit and save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a model folder")
    parser.add_argument("shards", type=Path, help="the shards it was trained on")
    parser.add_argument("--limit", type=int, default=20_000, help="windows to encode (default %(default)s)")
    parser.add_argument("--components", type=int, help=f"Gaussians (default {COMPONENTS})")
    parser.add_argument(
        "--learned", action="store_true", help="an autoregressive prior instead of a mixture of Gaussians"
    )
    parser.add_argument("--steps", type=int, help=f"to learn it (default {PriorTraining.num_steps})")
    parser.add_argument("--balance", type=float, help="to learn it: as train.corpus_balance (default 0)")
    parser.add_argument("--device", default="cpu", help="where to encode (default %(default)s)")
    options = parser.parse_args()
    if options.learned and options.components is not None:
        parser.error("--components is of a mixture; leave it out beside --learned")
    if not options.learned and (options.steps, options.balance) != (None, None):
        parser.error("--steps and --balance are for a prior that is learned; add --learned")

    loaded = load_pretrained(options.model, device=options.device)
    if loaded.config.prior == "learned":
        parser.error(f"{options.model} learned its prior with the rest, and draws from that alone")
    windows = open_shards(options.shards).split("train")
    if options.learned:
        settings = PriorTraining(
            num_windows=options.limit,
            num_steps=options.steps or PriorTraining.num_steps,
            corpus_balance=options.balance or 0.0,
        )
        prior = learn_prior(loaded.model, windows, settings, _tell)
        save_fitted(loaded.folder, prior)
        size = sum(weights.numel() for weights in prior.parameters())
        told = f"{size:,} weights learned from {options.limit} draws of {len(windows)} windows"
        print(f"{loaded.folder / PRIOR_NAME}: {told}")
        return
    posterior = fit_posterior(
        loaded.model, windows, num_components=options.components or COMPONENTS, limit=options.limit
    )
    save_fitted(loaded.folder, posterior)
    count = min(options.limit, len(windows))
    print(f"{loaded.folder / FILE_NAME}: {len(posterior.weights)} Gaussians fitted to {count} windows")


def _tell(step: int, bits: float) -> None:
    if step % TOLD_EVERY == 0:
        print(f"step {step}  rate {bits:.1f} bits", flush=True)


if __name__ == "__main__":
    main()
