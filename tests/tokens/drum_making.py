"""Drums for the tests: any hits on or off the grid in bars of any metres."""

from hypothesis import strategies as st

from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.quantize import Bar, lay_bars, metres_of
from seqvae.tokens.drum_map import DrumMap

STEP = 120
METRES = [(4, 4), (3, 4), (6, 8), (2, 4), (5, 8), (9, 16), (1, 16), (15, 16)]
WRITTEN = DrumMap().written


def some_bars(max_size: int = 5) -> st.SearchStrategy[tuple[Bar, ...]]:
    """Draw bars of any metres; the last has two steps or more, as silence of one at the end is let go."""
    last = st.sampled_from([metre for metre in METRES if metre != (1, 16)])
    metres = st.tuples(st.lists(st.sampled_from(METRES), max_size=max_size - 1), last)
    return metres.map(lambda ms: lay_bars(Bar(0, m[0] * 16 // m[1], Metre(0, *m)) for m in [*ms[0], ms[1]]))


@st.composite
def grooves(draw, furthest: int = 60):
    """A score of one drum track, each hit up to `furthest` ticks off its step, as written back."""
    bars = draw(some_bars())
    num_steps = sum(bar.num_steps for bar in bars)
    cells = st.tuples(st.integers(0, num_steps - 1), st.sampled_from(WRITTEN))
    hits = draw(st.dictionaries(cells, st.integers(1, 127), min_size=1, max_size=40))
    notes = []
    for pitch in WRITTEN:
        steps = sorted(step for step, other in hits if other == pitch)
        starts = [
            step * STEP + draw(st.integers(-furthest if step else 0, max(0, furthest - 1))) for step in steps
        ]
        limits = [*starts[1:], num_steps * STEP][: len(starts)]
        for step, start, limit in zip(steps, starts, limits, strict=True):
            notes.append(Note(start, min(start + STEP, limit), pitch, hits[step, pitch]))
    notes.sort(key=lambda note: (note.start, note.pitch))
    track = Track(tuple(notes), "kit", 16, is_drum=True)
    return Score((track,), metres=metres_of(bars), end_tick=num_steps * STEP)
