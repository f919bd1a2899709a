"""MIDI files from hex and Scores from hypothesis, for the tests of this folder."""

import struct

from hypothesis import strategies as st

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.text import clean_text

END = "00 ff 2f 00"  # end of track, at once
MIDDLE_C = "00 90 3c 64  60 80 3c 00"  # C4 for 96 ticks


def smf(*tracks: str, file_type: int = 1, division: int = 96, num_tracks: int | None = None) -> bytes:
    """Wrap tracks, given as hex, in chunks behind a header."""
    chunks = [bytes.fromhex(track) for track in tracks]
    header = struct.pack(">4sIHHH", b"MThd", 6, file_type, num_tracks or len(chunks), division)
    return header + b"".join(b"MTrk" + struct.pack(">I", len(chunk)) + chunk for chunk in chunks)


texts = st.text(max_size=12).map(clean_text)


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """Draw a track with at least one note and no overlap within a pitch."""
    notes = []
    for pitch in draw(st.sets(st.integers(0, 127), min_size=1, max_size=4)):
        now = 0
        spans = st.tuples(st.integers(0, 2000), st.integers(1, 3000), st.integers(1, 127))
        for rest, length, velocity in draw(st.lists(spans, min_size=1, max_size=4)):
            notes.append(Note(now + rest, now + rest + length, pitch, velocity))
            now += rest + length
    return Track(
        notes=tuple(sorted(notes, key=lambda note: (note.start, note.pitch))),
        name=draw(texts),
        program=draw(st.integers(0, 127)),
        is_drum=draw(st.booleans()),
    )


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """Draw a score as the reader makes them: sorted maps from tick 0, no empty names of markers."""
    parts = draw(st.lists(tracks(), max_size=4))
    last = max((note.end for part in parts for note in part.notes), default=0)
    end_tick = last + draw(st.integers(0, 4000))
    ticks = st.integers(0, end_tick)
    tempi = draw(st.dictionaries(ticks, st.integers(1, 0xFFFFFF), max_size=3))
    metres = draw(
        st.dictionaries(
            ticks, st.tuples(st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 16, 32, 64])), max_size=3
        )
    )
    markers = draw(st.lists(st.tuples(ticks, texts.filter(bool)), max_size=3))
    return Score(
        tracks=tuple(parts),
        tempi=tuple(Tempo(tick, value) for tick, value in sorted({0: 500_000, **tempi}.items())),
        metres=tuple(Metre(tick, *value) for tick, value in sorted({0: (4, 4), **metres}.items())),
        end_tick=end_tick,
        markers=tuple(sorted(markers, key=lambda marker: marker[0])),
    )
