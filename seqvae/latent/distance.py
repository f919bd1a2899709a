"""How far two clips on the grid lie apart, and how well one reproduces another."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.latent.bands.base import Ids
from seqvae.midi.counts import count_of
from seqvae.tokens.meaning import MEANINGS, Meaning
from seqvae.tokens.melody_decode import PAD, STEPS_PER_BAR

MELODY = MEANINGS["melody"]


class Distance(NamedTuple):
    """Two distances between clips, 0 for the same and 1 for nothing in common."""

    steps: float  # share of the steps whose ids differ (normalised Hamming)
    onsets: float  # 1 - F1 of what begins: place and pitch, of drums place and class


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """How much of the voices that are there the model gives back, free-running; shares 0..1."""

    num_bars: int
    steps_right: float
    onset_precision: float
    onset_recall: float
    onset_f1: float
    bars_exact: float
    voices: Mapping[str, "Reconstruction"] = field(default_factory=dict)  # of several, those that are there
    filled: tuple[str, ...] = ()  # voices that are not there, to which the model writes notes nevertheless

    def lines(self) -> list[str]:
        """Say it in plain words, of all voices and of each."""
        told = (
            f"the model gives back {self.steps_right:.1%} of its steps, notes with F1 {self.onset_f1:.3f},"
            f" {self.bars_exact * self.num_bars:.0f} of {count_of(self.num_bars, 'bars')} exactly"
        )
        parts = [
            f"{name}: {one.steps_right:.1%} of its steps, F1 {one.onset_f1:.3f}"
            for name, one in self.voices.items()
        ]
        filled = [f"{name}: not there; what the model writes of it is not judged" for name in self.filled]
        return [told, *parts, *filled]

    def as_dict(self) -> dict[str, Any]:
        """Return every share under its name."""
        shares = asdict(self)
        voices = shares.pop("voices")
        filled = list(shares.pop("filled"))
        for one in voices.values():
            del one["voices"], one["filled"]
        return shares | ({"voices": voices, "filled": filled} if voices else {})


def distance(one: Ids, other: Ids, meaning: Meaning = MELODY) -> Distance:
    """Compare ids `(bars * 16, voices)` id by id and note by note; padding of both is left out."""
    counts = (one != PAD) | (other != PAD)
    return Distance(_share(one != other, counts), 1 - _onset_match(one, other, meaning)[2])


def measure_reconstruction(original: Ids, decoded: Ids, meaning: Meaning = MELODY) -> Reconstruction:
    """Compare what the model decoded with the original, both `(bars * 16, voices)`, voices there alone."""
    names = [voice.name for voice in meaning.voices]
    absent = (meaning.is_absent(original) | (original == PAD)).all(axis=0)  # (voices,)
    is_begun = (meaning.begun(decoded) > 0).any(axis=0)  # (voices,)
    there = np.flatnonzero(~absent).tolist()
    parts = {names[i]: _measure(original[:, [i]], decoded[:, [i]], meaning.part(i)) for i in there}
    return replace(
        _measure(original[:, there], decoded[:, there], meaning.part(*there)),
        voices=parts if len(names) > 1 else {},
        filled=tuple(names[i] for i in np.flatnonzero(absent & is_begun)),
    )


def _measure(original: Ids, decoded: Ids, meaning: Meaning) -> Reconstruction:
    due = original != PAD
    precision, recall, f1 = _onset_match(original, decoded, meaning)
    is_exact = (original == decoded).reshape(-1, STEPS_PER_BAR * original.shape[1]).all(axis=1)
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


def _onset_match(original: Ids, decoded: Ids, meaning: Meaning) -> tuple[float, float, float]:
    """Return precision, recall and F1 of what begins; 1 where there is nothing to find and nothing found."""
    there, found = (int(meaning.begun(ids).sum()) for ids in (original, decoded))
    hits = int(meaning.begun_alike(original, decoded).sum())
    if not there + found:
        return 1.0, 1.0, 1.0
    return hits / found if found else 0.0, hits / there if there else 0.0, 2 * hits / (there + found)
