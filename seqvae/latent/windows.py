"""Clips of any length to windows of the model and back: what is repeated or added, and cut off again.

All clips of one walk get the length of the longest. A shorter one is played again from its start until then
("loop", the default) or followed by silent bars of its last metre ("pad"); so is one shorter than the model's
window, and what the model makes of that part is cut off at the bar line. A longer clip is taken in windows
spread evenly from its first bar to its last, each sharing so many bars or more with the next. Where they are
to share none, windows follow one another and the rule for short clips fills the last.
"""

from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqvae.latent.bands.base import Clip, Ids
from seqvae.latent.songs.join import join_overlapping
from seqvae.midi.counts import counted
from seqvae.midi.quantize import lay_bars
from seqvae.tokens.meaning import Meaning
from seqvae.tokens.melody_decode import PAD, STEPS_PER_BAR

AnyClip = TypeVar("AnyClip", bound=Clip)
FitRule = Literal["loop", "pad"]
SILENT = -1  # stands for a bar of silence in a plan


@dataclass(frozen=True, slots=True)
class Fit:
    """How a clip of `own_bars` bars becomes the `path_bars` bars of a walk in windows of `window_bars`."""

    rule: FitRule
    own_bars: int
    path_bars: int
    window_bars: int
    overlap_bars: int = 0  # that a window shares with the next, at least

    @property
    def starts(self) -> tuple[int, ...]:
        """The first bar of each window, from 0."""
        overlap = min(self.overlap_bars, self.window_bars - 1)
        spread = self.path_bars - self.window_bars  # bars from the first start to the last
        if spread <= 0 or not overlap:
            return tuple(range(0, self.path_bars, self.window_bars))
        num_hops = -(-spread // (self.window_bars - overlap))
        return tuple((2 * hop * spread + num_hops) // (2 * num_hops) for hop in range(num_hops + 1))

    @property
    def window_plan(self) -> NDArray[np.int64]:
        """The bar at each place of each window, `(windows, window_bars)`."""
        return np.array(self.starts)[:, None] + np.arange(self.window_bars)

    @property
    def num_windows(self) -> int:
        """How many windows the walk takes."""
        return len(self.starts)

    @property
    def fill_bars(self) -> int:
        """Bars that only fill the last window; their music is cut off again."""
        return self.starts[-1] + self.window_bars - self.path_bars

    def lines(self) -> list[str]:
        """Say in plain words what happened to the length."""
        words = []
        repeated = {"loop": "played again from the start", "pad": "followed by silence"}[self.rule]
        if self.path_bars > self.own_bars:
            words.append(f"its {_bars(self.own_bars)} {repeated} up to {_bars(self.path_bars)}")
        if self.num_windows > 1:
            words.append(f"walked in {self.num_windows} windows of {_bars(self.window_bars)}{self._shared()}")
        if self.fill_bars:
            words.append(
                f"{repeated} for the last {_bars(self.fill_bars)} of the model's window, cut off afterwards"
            )
        return words

    def as_dict(self) -> dict[str, Any]:
        """Return every number under its name; plain JSON values."""
        counted = {"num_windows": self.num_windows, "fill_bars": self.fill_bars}
        return asdict(self) | counted | {"window_starts": [start + 1 for start in self.starts]}

    def _shared(self) -> str:
        shared = {start + self.window_bars - after for start, after in pairwise(self.starts)}
        span = " to ".join(map(str, sorted({min(shared), max(shared)})))
        return f" that share {span} bar{'s' * (shared != {1})}" if any(shared) else ""


def usual_overlap(window_bars: int) -> int:
    """Return how many bars windows share unless someone says otherwise: a quarter of them, one at least."""
    return max(1, window_bars // 4)


class Repetition(NamedTuple):
    """One time through a clip, or its beginning."""

    first_bar: int  # of the walk
    num_bars: int


def repetitions(fit: Fit) -> list[Repetition]:
    """List the times a clip is played within the walk; the last may break off at a bar line."""
    starts = range(0, fit.path_bars, fit.own_bars) if fit.rule == "loop" else range(1)
    return [Repetition(start, min(fit.own_bars, fit.path_bars - start)) for start in starts]


def bar_plan(fit: Fit, num_bars: int) -> NDArray[np.int64]:
    """Return which bar of the clip, from 0, stands at each of `num_bars` bars; SILENT for none."""
    plan = np.arange(num_bars)
    return plan % fit.own_bars if fit.rule == "loop" else np.where(plan < fit.own_bars, plan, SILENT)


def fit_clip(clip: AnyClip, fit: Fit, num_bars: int) -> AnyClip:
    """Return `num_bars` bars of the clip, repeated or silent beyond its own by the rule."""
    plan = bar_plan(fit, num_bars)
    is_music = np.arange(STEPS_PER_BAR) < clip.bars[-1].num_steps
    silent = np.where(is_music[:, None], clip.rest_ids, PAD)  # (16, voices)
    named = {field.name: getattr(clip, field.name) for field in fields(clip)}  # type: ignore[arg-type]
    arrays = {name: array for name, array in named.items() if isinstance(array, np.ndarray)}
    planned = {name: _planned(array, plan, silent if name == "ids" else 0) for name, array in arrays.items()}
    bars = lay_bars(clip.bars[bar] for bar in plan)
    return replace(clip, bars=bars, **planned)  # type: ignore[type-var]


def _planned(array: NDArray[Any], plan: NDArray[np.int64], silent: NDArray[Any] | int) -> NDArray[Any]:
    """Put the bars of `(bars * 16, ...)` in the order of a plan; `silent` is the bar for SILENT."""
    by_bar = array.reshape(-1, STEPS_PER_BAR, *array.shape[1:])
    last = np.broadcast_to(np.asarray(silent, dtype=array.dtype), by_bar.shape[1:])
    ordered: NDArray[Any] = np.concatenate([by_bar, last[None]])[plan]
    return ordered.reshape(-1, *array.shape[1:])


def split_windows(clip: Clip, fit: Fit) -> Ids:
    """Return the ids of the walk's windows: `(windows, time, voices)`."""
    filled = fit_clip(clip, fit, fit.path_bars + fit.fill_bars).ids
    windows = filled.reshape(-1, STEPS_PER_BAR, filled.shape[-1])[fit.window_plan]
    return windows.reshape(fit.num_windows, -1, filled.shape[-1])


def join_windows(windows: NDArray[np.integer[Any]], fit: Fit, meaning: Meaning) -> Ids:
    """Join `(windows, time, voices)` and cut at the bar line: `(path_bars * 16, voices)`."""
    return join_overlapping(windows, fit.starts, meaning)[: fit.path_bars * STEPS_PER_BAR]


def _bars(number: int) -> str:
    return counted(number, "bar")
