"""What ids do not say: loudness, tempo, bar lengths, instrument, each taken from the inputs and blended.

How notes are played is blended step by step: loudness, and of drums how far off its step each hit is. Where a
clip is silent its neighbours tell (bands/feel.py). Tempo is blended bar by bar on a scale of ratios (half way
from 60 to 240 is 120); a bar in which the tempo changes counts with the one that makes it last as long. What
is made of one clip alone keeps its tempi where they are. A bar that has one length in all inputs keeps it,
otherwise the padding the model decoded decides between them; of metres that fit alike (3/4 and 6/8) the
nearest input's is taken.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqvae.latent.bands.base import Feel, Ids
from seqvae.midi.changes import only_changes
from seqvae.midi.notes import Score, Tempo
from seqvae.midi.quantize import Bar, lay_bars, metres_of
from seqvae.tokens.melody_decode import PAD, TICKS_PER_STEP, bars_from_ids

Floats = NDArray[np.float64]


def tempo_profile(score: Score, bars: Sequence[Bar]) -> Floats:
    """Return for each bar of `score` the microseconds per quarter at which it lasts as long: `(bars,)`."""
    ticks = np.array([tempo.tick for tempo in score.tempi], dtype=np.float64)
    speeds = np.array([tempo.microseconds_per_quarter for tempo in score.tempi], dtype=np.float64)
    clock = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * speeds[:-1])])  # at each tempo

    def time_at(tick: Floats) -> Floats:
        index = (np.searchsorted(ticks, tick, side="right") - 1).clip(min=0)
        return np.asarray(clock[index] + (tick - ticks[index]) * speeds[index])

    starts = np.array([bar.start_tick for bar in bars], dtype=np.float64)
    lengths = np.array([bar.num_steps * TICKS_PER_STEP for bar in bars], dtype=np.float64)
    return (time_at(starts + lengths) - time_at(starts)) / lengths


def blend_feel(start: Feel, end: Feel, fraction: float) -> Feel:
    """Return how notes are played at `fraction` of the way."""
    return {name: values + fraction * (end[name] - values) for name, values in start.items()}


def blend_tempi(start: Floats, end: Floats, fraction: float) -> Floats:
    """Return the tempo of each bar at `fraction` of the way on a scale of ratios, `(bars,)`."""
    return np.asarray(np.exp(np.log(start) + fraction * (np.log(end) - np.log(start))))


def tempo_map_of(profile: Floats, bars: Sequence[Bar]) -> tuple[Tempo, ...]:
    """Write a tempo for each bar as a map in which only changes appear."""
    tempi: list[Tempo] = []
    for bar, speed in zip(bars, np.rint(profile).astype(int).tolist(), strict=True):
        if not tempi or tempi[-1].microseconds_per_quarter != speed:
            tempi.append(Tempo(bar.start_tick, speed))
    return tuple(tempi)


def tempi_before(end_tick: int, score: Score) -> tuple[Tempo, ...]:
    """Return the tempo map of a score as it is, without repetitions and what comes too late."""
    return only_changes([tempo for tempo in score.tempi if tempo.tick < end_tick])


def bars_between(ids: Ids, *inputs: Sequence[Bar]) -> tuple[Bar, ...]:
    """Return the bars of decoded ids between inputs with these bars, the nearest first, laid from tick 0.

    Of several voices most must agree that a step is padding.
    """
    is_music = 2 * (ids == PAD).sum(axis=1) <= ids.shape[1]
    guessed = bars_from_ids(is_music, metres=[metre for bars in inputs for metre in metres_of(bars)])
    columns = zip(guessed, *inputs, strict=True)
    return lay_bars(own[0] if len({bar.num_steps for bar in own}) == 1 else guess for guess, *own in columns)
