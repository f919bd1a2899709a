"""How well a model does on held-out windows while it trains."""

from math import log

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.shards import WindowSet
from seqvae.evaluation.meaning import Ids, Meaning
from seqvae.model.vae import Posterior
from seqvae.training.metrics import Moments, Record
from seqvae.training.trainer import Trainer

NUM_WINDOWS = 512
CHUNK = 128  # windows at once
SEED = 0  # the same windows and noise in every run, so that runs can be compared


def choose_windows(windows: WindowSet) -> Tensor:
    """Return the ids of up to 512 random windows, `(windows, time, voices)`."""
    generator = generator_of(SEED, Purpose.VALIDATION)
    count = min(NUM_WINDOWS, len(windows))
    chosen = np.sort(generator.choice(len(windows), size=count, replace=False))
    return torch.from_numpy(windows.windows(chosen).astype(np.int64))


def validate(trainer: Trainer, windows: Tensor, meaning: Meaning) -> Record:
    """Measure the averaged weights, where there are, else the weights, on `(windows, time, voices)` ids."""
    trainer.model.eval()
    sums: dict[str, float] = {}
    moments = Moments()
    with torch.no_grad(), trainer.averaged_weights(), trainer.autocast():
        for number, ids in enumerate(torch.split(windows, CHUNK)):
            posterior, measured = _measure(trainer, ids.to(trainer.device), meaning, number)
            moments.add(posterior.mu)
            sums = {name: sums.get(name, 0.0) + value for name, value in measured.items()}
    record: Record = {name: sums[name] / len(windows) for name in ("reconstruction", "kl")}
    record |= {"kl_bits": record["kl"] / log(2), "active_units": moments.active_units()}
    for ending in ("", *(f"_{voice}" for voice in meaning.parts)):
        record |= _shares(sums, ending)
    record["exact"] = sums["free_running/exact"] / len(windows)
    return record


def _shares(sums: dict[str, float], ending: str) -> Record:
    """Return which shares were right, of all voices or of the one that the ending names."""
    shares: Record = {}
    for kind in ("teacher_forced", "free_running"):
        shares[f"{kind}{ending}"] = sums[f"{kind}/steps{ending}"] / max(sums[f"steps{ending}"], 1)
        if sums[f"onsets{ending}"]:
            shares[f"{kind}_onsets{ending}"] = sums[f"{kind}/onsets{ending}"] / sums[f"onsets{ending}"]
    return shares


def _measure(
    trainer: Trainer, ids: Tensor, meaning: Meaning, number: int
) -> tuple[Posterior, dict[str, float]]:
    """Return the posterior of `(batch, time, voices)` ids and sums of what was right."""
    posterior = trainer.model.encode(ids)
    posterior = Posterior(posterior.mu.float(), posterior.log_sigma.float())
    noise = generator_of(SEED, Purpose.VALIDATION, 1 + number).standard_normal(posterior.mu.shape, np.float32)
    z = posterior.sample(torch.from_numpy(noise).to(ids.device))
    scored, real = trainer.model.score(z, ids), trainer.model.real_steps(ids)
    written = _as_long(trainer.model.generate(z), ids.shape[1])
    sums = {"reconstruction": scored.nats.sum(), "kl": trainer.model.rate(posterior, z).sum()}
    sums["free_running/exact"] = ((written == ids).all(dim=-1) | ~real).all(dim=1).sum()
    guesses = {"teacher_forced": scored.logits.argmax(dim=-1), "free_running": written[real]}
    counts = _count({n: g.cpu().numpy() for n, g in guesses.items()}, scored.ids.cpu().numpy(), meaning)
    return posterior, {name: float(value) for name, value in sums.items()} | counts


def _count(guesses: dict[str, Ids], targets: Ids, meaning: Meaning) -> dict[str, float]:
    """Count what of `(steps, voices)` ids was right, in all voices and in each of several.

    Steps beyond the end of a bar are right without any skill, and those of an absent voice by one word.
    """
    counted, onsets = meaning.is_due(targets), meaning.begun(targets)
    counts = {"steps": counted, "onsets": onsets}
    for kind, guess in guesses.items():
        counts[f"{kind}/steps"] = (guess == targets) & counted
        counts[f"{kind}/onsets"] = meaning.begun_alike(guess, targets)
    sums = {name: float(values.sum()) for name, values in counts.items()}
    for voice, (place, _) in meaning.parts.items():
        sums |= {f"{name}_{voice}": float(values[:, place].sum()) for name, values in counts.items()}
    return sums


def _as_long(ids: Tensor, time: int) -> Tensor:
    """Cut or pad `(batch, any, voices)` to `(batch, time, voices)`."""
    return functional.pad(ids[:, :time], (0, 0, 0, max(time - ids.shape[1], 0)))
