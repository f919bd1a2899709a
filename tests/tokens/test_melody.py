import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqvae.errors import TokenError
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.quantize import Bar, lay_bars, metres_of
from seqvae.tokens.melody import HOLD, PAD, REST, MelodyTokenizer

TOKENIZER = MelodyTokenizer()
STEP = 120
METRES = [(4, 4), (2, 2), (3, 4), (6, 8), (2, 4), (3, 8), (5, 8), (7, 8), (9, 16), (1, 4), (1, 16), (15, 16)]
FOUR_FOUR = Metre(0, 4, 4)


def some_bars(max_size: int = 6) -> st.SearchStrategy[tuple[Bar, ...]]:
    """Draw bars of any metres; the last has two steps or more, as silence of one at the end is let go."""
    last = st.sampled_from([metre for metre in METRES if metre != (1, 16)])
    metres = st.tuples(st.lists(st.sampled_from(METRES), max_size=max_size - 1), last)
    return metres.map(lambda ms: lay_bars(Bar(0, m[0] * 16 // m[1], Metre(0, *m)) for m in [*ms[0], ms[1]]))


@st.composite
def melodies(draw, lowest=0, highest=127):
    """A score of one track on the grid: any metres, rests, repeats and notes held over bar lines."""
    bars = draw(some_bars())
    num_steps = sum(bar.num_steps for bar in bars)
    edges = sorted(draw(st.sets(st.integers(0, num_steps), min_size=2, max_size=24)))
    spans = list(pairwise(edges))
    sounds = draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))
    sounds[draw(st.integers(0, len(spans) - 1))] = True
    notes = tuple(
        Note(a * STEP, b * STEP, draw(st.integers(lowest, highest)), draw(st.integers(1, 127)))
        for (a, b), is_note in zip(spans, sounds, strict=True)
        if is_note
    )
    return Score((Track(notes, "tune", 73),), metres=metres_of(bars), end_tick=num_steps * STEP)


def tune(*notes: tuple[int, int, int], name: str = "", end: int = 0, **traits) -> Track:
    """Return a track of `(onset, end, pitch)` in steps."""
    return Track(tuple(Note(a * STEP, b * STEP, pitch, 80) for a, b, pitch in notes), name, **traits)


def ids_of(*tracks: Track, end_steps: int = 16, metres: tuple[Metre, ...] = (FOUR_FOUR,)) -> list[int]:
    """Return the ids of the melody."""
    return TOKENIZER.encode(Score(tracks, metres=metres, end_tick=end_steps * STEP)).ids[:, 0].tolist()


@given(melodies())
def test_decode_inverts_encode(melody):
    """Every melody that fits the grid survives the round trip, velocities and bars included."""
    clip = TOKENIZER.encode(melody)
    decoded = TOKENIZER.decode_melody(clip.ids, bars=clip.bars, velocities=clip.velocities)

    assert decoded.notes == melody.tracks[0].notes
    assert decoded.to_score(name="tune", program=73) == melody
    assert not decoded.report.lines()


@given(melodies())
def test_encode_inverts_decode(melody):
    """Ids that came from a melody come back from its score."""
    clip = TOKENIZER.encode(melody)
    again = TOKENIZER.encode(TOKENIZER.decode_melody(clip.ids, bars=clip.bars).to_score())

    assert again.ids.tolist() == clip.ids.tolist()
    assert again.bars == clip.bars


@given(melodies())
def test_bar_lengths_are_read_off_the_padding(melody):
    """The ids alone say how long every bar is and where every note lies."""
    clip = TOKENIZER.encode(melody)
    decoded = TOKENIZER.decode_melody(clip.ids)

    assert [bar.num_steps for bar in decoded.bars] == [bar.num_steps for bar in clip.bars]
    assert [note[:3] for note in decoded.notes] == [note[:3] for note in melody.tracks[0].notes]


@given(melodies())
def test_velocity_sounds_where_the_note_does(melody):
    """Velocities are 0 exactly where no note sounds."""
    clip = TOKENIZER.encode(melody)
    is_silent = np.isin(clip.ids[:, 0], [PAD, REST])

    assert not clip.velocities[is_silent].any()
    assert clip.velocities[~is_silent].all()
    assert clip.ids.dtype == np.int16
    assert clip.velocities.shape == (len(clip.ids),) == (16 * len(clip.bars),)


@given(melodies(lowest=12, highest=115), st.integers(-12, 12))
def test_transposing_commutes_with_encoding(melody, semitones):
    """To move the notes and encode, or to encode and move the ids, is the same."""
    moved = tuple(note._replace(pitch=note.pitch + semitones) for note in melody.tracks[0].notes)
    encoded = TOKENIZER.encode(Score((Track(moved),), metres=melody.metres, end_tick=melody.end_tick))

    ids = TOKENIZER.encode(melody).ids
    assert TOKENIZER.transpose(ids, semitones).tolist() == encoded.ids.tolist()
    assert TOKENIZER.transpose(ids, 0).tolist() == ids.tolist()
    pitches = [note.pitch for note in moved]
    assert TOKENIZER.pitch_range(encoded.ids) == (min(pitches), max(pitches))


@given(melodies(), st.integers(1, 4))
def test_windows_joined_decode_to_the_whole(melody, num_bars):
    """Nothing is lost where windows meet, notes held over their edges included."""
    clip = TOKENIZER.encode(melody)
    windows = [clip.window(start, num_bars) for start in range(0, len(clip.bars), num_bars)]
    ids = np.concatenate([window.ids for window in windows])
    bars = [bar for window in windows for bar in window.bars]

    assert TOKENIZER.decode(ids, bars=bars) == TOKENIZER.decode(clip.ids, bars=clip.bars)


@given(
    arrays(np.int16, st.tuples(st.integers(0, 80), st.just(1)), elements=st.integers(-3, 140)),
    st.lists(st.sampled_from(METRES), max_size=3),
)
def test_any_ids_are_music(ids, metres):
    """Whatever a model says decodes to one line of notes inside its bars."""
    decoded = TOKENIZER.decode_melody(ids, metres=[Metre(0, *metre) for metre in metres])

    score = decoded.to_score()
    edges = [tick for note in decoded.notes for tick in note[:2]]
    assert edges == sorted(edges)
    assert all(note.start < note.end <= score.end_tick and 0 <= note.pitch <= 127 for note in decoded.notes)
    if metres:
        assert {bar.num_steps for bar in decoded.bars} <= {m[0] * 16 // m[1] for m in metres}


@given(st.lists(st.sampled_from([PAD, HOLD, REST, 63, 65]), min_size=32, max_size=32), some_bars(2))
def test_mended_ids_need_no_more_mending(ids, bars):
    """Decoding and encoding again gives ids that decode to the same notes without repairs."""
    padded = np.resize(np.array(ids), 16 * len(bars))
    decoded = TOKENIZER.decode_melody(padded, bars=bars)
    if not decoded.notes:
        return
    score = decoded.to_score()
    clip = TOKENIZER.encode(score)
    again = TOKENIZER.decode_melody(clip.ids, bars=clip.bars)

    assert again.notes == decoded.notes
    assert not any(again.report.as_dict().values())


def test_ids_by_hand():
    """A note, its hold, a repeat, a rest and the padding of a 3/4 bar."""
    music = tune((0, 2, 60), (2, 3, 60), (4, 12, 127))

    ids = ids_of(music, end_steps=12, metres=(Metre(0, 3, 4),))
    assert ids == [63, HOLD, 63, REST, 130, *[HOLD] * 7, *[PAD] * 4]


def test_silent_bars_stay():
    """Silence before and after the melody is part of it."""
    assert ids_of(tune((16, 32, 0)), end_steps=48) == [*[REST] * 16, 3, *[HOLD] * 15, *[REST] * 16]


def test_onsets_a_tick_late_are_not_moved():
    """Converters that start at tick 1 do no harm and make no report."""
    notes = tuple(Note(i * 240 + 1, i * 240 + 240, 60 + i, 80) for i in range(8))
    clip = TOKENIZER.encode(Score((Track(notes),), end_tick=1921))

    assert clip.ids[::2, 0].tolist() == [63 + i for i in range(8)]
    assert (clip.report.snap.num_moved, clip.report.snap.num_ends_moved, len(clip.bars)) == (0, 0, 1)


def test_other_resolutions_are_resampled():
    """A score at 24 ticks per quarter encodes as at 480."""
    coarse = Score((Track((Note(6, 12, 60, 80),)),), end_tick=96, ticks_per_quarter=24)

    assert TOKENIZER.encode(coarse).ids[:3, 0].tolist() == [REST, 63, REST]


def test_metre_too_long_names_the_bar_and_the_remedy():
    """A bar that does not fit is named, with what to do."""
    music = Score((tune((0, 4, 60)),), metres=(FOUR_FOUR, Metre(1920, 5, 4)), end_tick=1920 + 2400)

    message = (
        r"bar 2 of 2 is in 5/4, which does not fit 16 sixteenths; split such bars \(5/4 as 3/4 and 2/4\)"
    )
    with pytest.raises(TokenError, match=message):
        TOKENIZER.encode(music)


def test_spans_leave_out_bars_that_do_not_fit():
    """Runs of bars that fit become clips, and a held note is not carried over a gap."""
    metres = (FOUR_FOUR, Metre(1920, 5, 4), Metre(4320, 3, 4))
    music = Score((tune((8, 37, 60), (40, 44, 62)),), metres=metres, end_tick=4320 + 1440)
    clips = TOKENIZER.encode_spans(music)

    assert [clip.ids[:, 0].tolist() for clip in clips] == [
        [*[REST] * 8, 63, *[HOLD] * 7],
        [*[REST] * 4, 65, *[HOLD] * 3, *[REST] * 4, *[PAD] * 4],
    ]
    assert [clip.report.snap.num_cut for clip in clips] == [1, 0]
    assert TOKENIZER.skipped_bars(music) == {"5/4": 1}


def test_spans_of_a_piece_that_fits_are_the_whole():
    """Without a gap there is one span, equal to the clip."""
    music = Score((tune((8, 37, 60)),), end_tick=4 * 1920)

    (span,) = TOKENIZER.encode_spans(music)
    assert span.ids.tolist() == TOKENIZER.encode(music).ids.tolist()


def test_repairs_are_counted():
    """Padding in a bar holds, ids in padding do nothing, a hold without a note is silence."""
    bars = lay_bars([Bar(0, 12, Metre(0, 6, 8))])
    decoded = TOKENIZER.decode_melody([HOLD, 63, PAD, 500, REST, HOLD, *[REST] * 6, 70, 0, 0, 0], bars=bars)

    assert decoded.notes == (Note(120, 480, 60, 80),)
    assert decoded.report.as_dict() == {
        "num_pads_in_bar": 1,
        "num_ids_in_padding": 1,
        "num_stray_holds": 2,
        "num_unknown": 1,
    }
    assert decoded.report.lines()[0] == "1 padding id inside a bar read as hold"


@pytest.mark.parametrize(
    ("pads", "metres", "expected"),
    [
        ([15], [], (15, 16)),
        ([12, 13, 14, 15], [], (3, 4)),
        ([12, 13, 14, 15], [(4, 4), (6, 8)], (6, 8)),
        ([12, 13, 14, 15], [(4, 4)], (4, 4)),
        ([3, 12, 13, 14, 15], [], (3, 4)),
        ([13, 14, 15], [(4, 4), (3, 4)], (3, 4)),
        ([3], [], (4, 4)),
        (list(range(16)), [(3, 4)], (3, 4)),
        (list(range(16)), [], (4, 4)),
        ([10, 11, 12, 13, 14, 15], [], (5, 8)),
        (list(range(8, 16)), [], (2, 4)),
        ([14, 15], [(5, 4)], (7, 8)),
    ],
)
def test_bar_length_agrees_best_with_the_padding(pads, metres, expected):
    """Clean padding is believed; else the inputs' metres, or the common lengths, whichever agrees best."""
    ids = np.full((16, 1), REST)
    ids[pads] = PAD
    (bar,) = TOKENIZER.decode_melody(ids, metres=[Metre(0, *metre) for metre in metres]).bars

    assert bar.metre[1:] == expected


def test_notes_outside_the_keyboard_are_refused():
    """A transposition that leaves 0..127 names where it would go."""
    ids = np.array([[REST], [3 + 120], [HOLD]], dtype=np.int16)

    with pytest.raises(TokenError, match=r"\+12 semitones move pitches to 132\.\.132, outside 0\.\.127"):
        TOKENIZER.transpose(ids, 12)
    assert TOKENIZER.transpose(ids, -120).tolist() == [[REST], [3], [HOLD]]
    assert TOKENIZER.pitch_range(ids[:1]) is None


def test_report_speaks_plainly():
    """The report says what was lost, in words and as JSON."""
    notes = (*tune((0, 8, 72), (0, 8, 60), (4, 6, 74)).notes, Note(770, 960, 70, 80))
    clip = TOKENIZER.encode(Score((Track(notes, "Voice"),), end_tick=1920))

    assert clip.report.lines() == [
        'melody: track 1 of 1, "Voice": the only one with notes',
        "kept 3 notes of 4 in 1 bar",
        "1 onset moved to the nearest sixteenth, by 0.42 steps on average, 0.42 at most",
        "1 chord note below the highest left out",
        "1 note cut short where the next one begins",
    ]
    assert json.loads(json.dumps(clip.report.as_dict()))["snap"]["num_moved"] == 1
