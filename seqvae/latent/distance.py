"""How far two melodies on the grid lie apart, and how well one reproduces another."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.tokens.melody import Ids
from seqvae.tokens.melody_decode import FIRST_NOTE, PAD, STEPS_PER_BAR


class Distance(NamedTuple):
    """Two distances between melodies, 0 for the same and 1 for nothing in common."""

    steps: float  # share of the steps whose ids differ (normalised Hamming)
    onsets: float  # 1 - F1 of the notes that begin: place and pitch


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """How much of a melody the model gives back, free-running; shares 0..1."""

    num_bars: int
    steps_right: float
    onset_precision: float
    onset_recall: float
    onset_f1: float
    bars_exact: float

    def as_dict(self) -> dict[str, float]:
        """Return every share under its name."""
        return asdict(self)


def distance(one: Ids, other: Ids) -> Distance:
    """Compare ids `(bars * 16, 1)` step by step and note by note; padding of both is left out."""
    counts = (one != PAD) | (other != PAD)
    return Distance(_share(one != other, counts), 1 - _onset_match(one, other)[2])


def measure_reconstruction(original: Ids, decoded: Ids) -> Reconstruction:
    """Compare what the model decoded with the original, both `(bars * 16, 1)`."""
    due = original != PAD
    precision, recall, f1 = _onset_match(original, decoded)
    is_exact = (original == decoded).reshape(-1, STEPS_PER_BAR).all(axis=1)
    return Reconstruction(
        num_bars=len(is_exact),
        steps_right=_share(original == decoded, due),
        onset_precision=precision,
        onset_recall=recall,
        onset_f1=f1,
        bars_exact=float(is_exact.mean()),
    )


def _share(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(hits[among].mean()) if among.any() else 0.0


def _onset_match(original: Ids, decoded: Ids) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the onsets; 1 where there is nothing to find and nothing found."""
    there, found = int((original >= FIRST_NOTE).sum()), int((decoded >= FIRST_NOTE).sum())
    hits = int(((original == decoded) & (original >= FIRST_NOTE)).sum())
    if not there + found:
        return 1.0, 1.0, 1.0
    return hits / found if found else 0.0, hits / there if there else 0.0, 2 * hits / (there + found)
