"""Songs of many bars: long notes over every join, changes of metre and tempo."""

from hypothesis import strategies as st

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import steps_of_metre
from seqvae.tokens.melody_decode import TICKS_PER_STEP

METRES = ((4, 4), (3, 4), (6, 8), (2, 4))


@st.composite
def songs(draw: st.DrawFn, most_bars: int = 12) -> Score:
    """Draw a song on the grid whose notes and rests, of up to three bars each, fill its bars to the end."""
    signs = draw(st.lists(st.sampled_from(METRES), min_size=1, max_size=most_bars))
    starts = [0]
    for sign in signs:
        starts.append(starts[-1] + steps_of_metre(Metre(0, *sign)) * TICKS_PER_STEP)
    notes, start = [], 0
    while start < starts[-1]:
        end = min(start + draw(st.integers(1, 48)) * TICKS_PER_STEP, starts[-1])
        pitch = draw(st.none() | st.integers(0, 127))
        notes += [] if pitch is None else [Note(start, end, pitch, draw(st.integers(1, 127)))]
        start = end
    speeds = draw(
        st.dictionaries(st.integers(1, starts[-1] - 1), st.integers(250_000, 1_000_000), max_size=5)
    )
    changes = [
        (tick, sign)
        for i, (tick, sign) in enumerate(zip(starts, signs, strict=False))
        if signs[i - 1] != sign or not i
    ]
    return Score(
        (Track(tuple(notes or [Note(0, TICKS_PER_STEP, 60, 80)]), name="Song"),),
        tempi=(Tempo(0, 500_000), *(Tempo(*change) for change in sorted(speeds.items()))),
        metres=tuple(Metre(tick, *sign) for tick, sign in changes),
        end_tick=starts[-1],
    )
