from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqvae.errors import TokenError
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.tokens.trio import TrioTokenizer
from seqvae.tokens.trio_decode import ABSENT, VOCAB_SIZE, VOICE_SIZES
from tests.tokens.drum_making import METRES, STEP, grooves

TOKENIZER = TrioTokenizer()
REST = 2


@st.composite
def lines(draw, num_steps: int, lowest: int, highest: int):
    """Notes of one melodic line on the grid."""
    edges = sorted(draw(st.sets(st.integers(0, num_steps), min_size=2, max_size=12)))
    pitches = st.integers(lowest, highest)
    return tuple(
        Note(a * STEP, b * STEP, draw(pitches), draw(st.integers(1, 127))) for a, b in pairwise(edges)
    )


@st.composite
def trios(draw):
    """A score on the grid with some of the three voices, at least one of them."""
    groove = draw(grooves())
    num_steps = groove.end_tick // STEP
    present = draw(st.sets(st.sampled_from(range(3)), min_size=1))
    tracks = (
        Track(draw(lines(num_steps, 60, 90)), "Melody", 73),
        Track(draw(lines(num_steps, 20, 50)), "Bass", 33),
        groove.tracks[0],
    )
    return replace(groove, tracks=tuple(track for voice, track in enumerate(tracks) if voice in present))


def decoded_score(clip):
    """Decode a clip with everything that stands beside its ids."""
    decoded = TOKENIZER.decode_trio(
        clip.ids,
        bars=clip.bars,
        velocities=clip.velocities,
        drum_velocities=clip.drum_velocities,
        drum_offsets=clip.drum_offsets,
    )
    tracks = [track or Track(()) for track in clip.tracks]
    names, programs = (tuple(getattr(track, field) for track in tracks) for field in ("name", "program"))
    return decoded.to_score(names=names, programs=programs), decoded


@given(trios())
def test_decode_inverts_encode(trio):
    """Every trio survives the round trip, missing voices as missing ones."""
    score, decoded = decoded_score(TOKENIZER.encode(trio))

    assert score == trio
    assert not decoded.lines()


@given(trios())
def test_padding_and_absence_are_unambiguous(trio):
    """Padding stands in all voices at once; only an absent voice says so, at every other step."""
    clip = TOKENIZER.encode(trio)
    is_pad, is_absent = clip.ids == 0, clip.ids == np.array(ABSENT)

    assert (is_pad == is_pad[:, :1]).all()
    for voice, track in enumerate(clip.tracks):
        assert is_absent[:, voice].tolist() == (~is_pad[:, voice] & (track is None)).tolist()
    assert (clip.ids < np.array(VOICE_SIZES)).all()
    assert max(VOICE_SIZES) == VOCAB_SIZE
    assert clip.ids.dtype == np.int16


@given(trios(), st.integers(-12, 12))
def test_transposing_moves_melody_and_bass_together(trio, semitones):
    """Ids moved are the ids of the music moved; the drums stay."""
    moved = tuple(
        track if track.is_drum else replace(track, notes=tuple(_up(note, semitones) for note in track.notes))
        for track in trio.tracks
    )
    ids = TOKENIZER.transpose(TOKENIZER.encode(trio).ids, semitones)

    assert ids.tolist() == TOKENIZER.encode(replace(trio, tracks=moved)).ids.tolist()


def _up(note: Note, semitones: int) -> Note:
    return note._replace(pitch=note.pitch + semitones)


@given(trios(), st.integers(1, 3))
def test_windows_put_together_are_the_whole(trio, num_bars):
    """A clip cut into windows decodes to the music of the whole."""
    clip = TOKENIZER.encode(trio)
    parts = [clip.window(first, num_bars) for first in range(0, len(clip.bars), num_bars)]
    fields = ("ids", "velocities", "drum_velocities", "drum_offsets")
    whole = {field: np.concatenate([getattr(part, field) for part in parts]) for field in fields}

    assert decoded_score(replace(clip, **whole))[0] == trio


@given(
    arrays(np.int16, st.tuples(st.integers(0, 70), st.just(3)), elements=st.integers(-2, VOCAB_SIZE + 2)),
    st.lists(st.sampled_from(METRES), max_size=3),
)
def test_any_ids_are_music(ids, metres):
    """Whatever a model says decodes to a score that ends on a bar line."""
    score = TOKENIZER.decode_trio(ids, metres=[Metre(0, *metre) for metre in metres]).to_score()

    notes = [note for track in score.tracks for note in track.notes]
    assert all(0 <= note.start < note.end <= score.end_tick for note in notes)


def test_ids_by_hand():
    """A melody note, a bass that is held, no drums; a 2/4 bar is padded."""
    melody, bass = (Track((Note(0, end, pitch, 80),)) for end, pitch in ((120, 72), (960, 40)))
    clip = TOKENIZER.encode(Score((melody, bass), metres=(Metre(0, 2, 4),), end_tick=960))

    assert clip.ids[:, 0].tolist() == [75, *[REST] * 7, *[0] * 8]
    assert clip.ids[:, 1].tolist() == [43, *[1] * 7, *[0] * 8]
    assert clip.ids[:, 2].tolist() == [*[513] * 8, *[0] * 8]


def test_chords_keep_their_outer_notes():
    """The melody keeps the highest note of a chord, the bass the lowest."""
    chord = tuple(Note(0, 480, pitch, 80) for pitch in (36, 43, 48))
    tracks = (Track(chord, "Melody"), Track(chord, "Bass"))
    clip = TOKENIZER.encode(Score(tracks, end_tick=1920))

    assert clip.ids[0, :2].tolist() == [3 + 48, 3 + 36]
    assert "2 chord notes above the lowest left out" in clip.report.lines()


def test_a_silent_voice_rests():
    """A voice that has a track but nothing to play in a window is not absent there."""
    melody = Track((Note(0, 480, 72, 80), Note(3840, 3960, 72, 80)), "Melody")
    bass = Track((Note(3840, 4320, 40, 80),), "Bass")
    window = TOKENIZER.encode(Score((melody, bass), end_tick=5760)).window(0, 2)

    assert set(window.ids[:, 1].tolist()) == {REST}
    assert TOKENIZER.decode_trio(window.ids, bars=window.bars).bass is not None


def test_the_report_speaks_voice_by_voice():
    """Every voice says what became of it, an absent one why."""
    melody = Track((Note(30, 480, 72, 80),), "Melody")
    clip = TOKENIZER.encode(Score((melody,), end_tick=1920))

    assert clip.report.lines() == [
        'melody: track 1 of 1, "Melody": the only one with notes',
        "kept 1 note of 1 in 1 bar",
        "1 onset moved to the nearest sixteenth, by 0.25 steps on average, 0.25 at most",
        "bass: none: no track is low enough and plays one note at once",
        "drums: none: no track on channel 10 and none that is clearly drums",
    ]
    assert clip.report.as_dict()["drums"] == {
        "track": "none: no track on channel 10 and none that is clearly drums"
    }
    assert clip.report.counts()["melody"]["num_moved"] == 1


def test_notes_outside_the_keyboard_are_refused():
    """A transposition that leaves 0..127 names where it would go; drums do not count."""
    ids = np.array([[REST, 3 + 10, 400]], dtype=np.int16)

    with pytest.raises(TokenError, match=r"-12 semitones move pitches to -2\.\.-2, outside 0\.\.127"):
        TOKENIZER.transpose(ids, -12)
    assert TOKENIZER.transpose(ids, 100).tolist() == [[REST, 113, 400]]
    assert TOKENIZER.pitch_range(np.array([[REST, 131, 400]], dtype=np.int16)) is None
