import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqvae.errors import TokenError
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.quantize import lay_bars
from seqvae.tokens.drum_decode import PAD, SILENCE, VOCAB_SIZE, classes_of
from seqvae.tokens.drum_map import CLASSES, DrumMap
from seqvae.tokens.drums import DrumTokenizer
from tests.tokens.drum_making import METRES, STEP, grooves, some_bars

TOKENIZER = DrumTokenizer()
COMMON_TIME = Metre(0, 4, 4)


def id_of(*names: str) -> int:
    """Return the id of a set of classes."""
    return 1 + sum(1 << CLASSES.index(name) for name in names)


def kit(*notes: tuple[int, int, int], end: int = 1920, metre: Metre = COMMON_TIME) -> Score:
    """Return a score of one drum track of `(tick, pitch, velocity)`."""
    track = Track(tuple(Note(t, t + 30, pitch, velocity) for t, pitch, velocity in notes), is_drum=True)
    return Score((track,), metres=(metre,), end_tick=end)


@given(grooves())
def test_decode_inverts_encode(groove):
    """Every groove survives the round trip with velocities and micro-timing, to the tick."""
    clip = TOKENIZER.encode(groove)
    decoded = TOKENIZER.decode_drums(
        clip.ids, bars=clip.bars, velocities=clip.velocities, offsets=clip.offsets
    )

    assert decoded.notes == groove.tracks[0].notes
    assert decoded.to_score(name="kit", program=16) == groove
    assert not decoded.report.lines()


@given(grooves(furthest=0))
def test_ids_alone_keep_a_groove_on_the_grid(groove):
    """On the grid the ids say which notes begin where, and how long every bar is."""
    clip = TOKENIZER.encode(groove)
    decoded = TOKENIZER.decode_drums(clip.ids)

    assert [note[:3] for note in decoded.notes] == [note[:3] for note in groove.tracks[0].notes]
    assert [bar.num_steps for bar in decoded.bars] == [bar.num_steps for bar in clip.bars]


@given(grooves())
def test_expression_stands_where_the_hits_are(groove):
    """Velocities are above 0 exactly for the classes of the ids; offsets are 0 elsewhere."""
    clip = TOKENIZER.encode(groove)

    assert np.array_equal(classes_of(clip.ids[:, 0]), clip.velocities > 0)
    assert not clip.offsets[clip.velocities == 0].any()
    assert clip.velocities.shape == clip.offsets.shape == (16 * len(clip.bars), 9)
    assert (clip.ids.dtype, clip.velocities.dtype, clip.offsets.dtype) == (np.int16, np.uint8, np.int8)


@given(grooves(), st.integers(1, 3))
def test_windows_put_together_are_the_whole(groove, num_bars):
    """A clip cut into windows decodes to the notes of the whole."""
    clip = TOKENIZER.encode(groove)
    windows = [clip.window(first, num_bars) for first in range(0, len(clip.bars), num_bars)]

    notes = TOKENIZER.decode(
        np.concatenate([window.ids for window in windows]),
        bars=[bar for window in windows for bar in window.bars],
        velocities=np.concatenate([window.velocities for window in windows]),
        offsets=np.concatenate([window.offsets for window in windows]),
    )

    assert notes == groove.tracks[0].notes


@given(
    arrays(np.int16, st.tuples(st.integers(0, 80), st.just(1)), elements=st.integers(-3, 520)),
    arrays(np.int16, st.tuples(st.integers(0, 80), st.just(9)), elements=st.integers(-200, 300)),
    st.lists(st.sampled_from(METRES), max_size=3),
)
def test_any_ids_are_drums(ids, beside, metres):
    """Whatever a model says decodes to hits inside the bars, none over the next of its note."""
    decoded = TOKENIZER.decode_drums(
        ids, metres=[Metre(0, *metre) for metre in metres], velocities=beside, offsets=beside
    )

    end_tick = decoded.to_score().end_tick
    assert all(0 <= note.start < note.end <= end_tick and 1 <= note.velocity <= 127 for note in decoded.notes)
    for pitch in DrumMap().written:
        edges = [tick for note in decoded.notes if note.pitch == pitch for tick in note[:2]]
        assert edges == sorted(edges)


@given(st.lists(st.integers(-1, 514), min_size=32, max_size=32), some_bars(2))
def test_mended_ids_need_no_more_mending(ids, bars):
    """Decoding and encoding again gives ids that decode to the same notes without repairs."""
    decoded = TOKENIZER.decode_drums(np.resize(np.array(ids), 16 * len(bars)), bars=bars)
    if not decoded.notes:
        return
    clip = TOKENIZER.encode(decoded.to_score())
    again = TOKENIZER.decode_drums(clip.ids, bars=clip.bars)

    assert again.notes == decoded.notes
    assert not any(again.report.as_dict().values())


def test_ids_by_hand():
    """Kick and hat together, a snare, silence, and the padding of a 3/4 bar."""
    clip = TOKENIZER.encode(kit((0, 36, 90), (0, 42, 50), (480, 38, 80), end=1440, metre=Metre(0, 3, 4)))

    ids = clip.ids[:, 0].tolist()
    assert ids == [id_of("kick", "closed hi-hat"), *[1] * 3, id_of("snare"), *[SILENCE] * 7, *[PAD] * 4]
    assert (id_of(), id_of(*CLASSES)) == (SILENCE, VOCAB_SIZE - 1)


def test_hits_are_folded_merged_and_dropped_by_the_rule():
    """Notes of a class become one hit, the loudest; a cowbell is no class and is told."""
    clip = TOKENIZER.encode(kit((0, 35, 40), (12, 40, 60), (20, 38, 70), (30, 56, 99), (250, 44, 64)))

    assert clip.ids[:3, 0].tolist() == [id_of("kick", "snare"), SILENCE, id_of("closed hi-hat")]
    assert clip.velocities[0].tolist() == [40, 70, 0, 0, 0, 0, 0, 0, 0]
    assert clip.offsets[[0, 2]].max(axis=1).tolist() == [20, 10]
    assert clip.report.lines() == [
        "drums: track 1 without a name of 1: channel 10",
        "kept 3 hits of 5 in 1 bar",
        "2 hits folded into another note of the class",
        "1 hit under a louder one of the class and step",
        "1 hit of no class left out (1 of note 56)",
        "2 hits off the grid, by 0.12 steps on average, 0.17 at most",
    ]
    assert json.loads(json.dumps(clip.report.as_dict()))["hits"]["dropped"] == {"56": 1}
    assert clip.report.counts()["drum notes left out"] == {"56": 1}


def test_a_hit_just_before_the_end_stays_in_the_last_bar():
    """A pickup to a bar that does not exist is played as late as the last step allows."""
    clip = TOKENIZER.encode(kit((0, 36, 90), (1900, 36, 90)))

    assert clip.ids[15].tolist() == [id_of("kick")]
    assert clip.offsets[15, 0] == 59


def test_a_hit_before_its_bar_line_belongs_to_the_downbeat():
    """A snare that rushes into bar 2 is its first step, early."""
    clip = TOKENIZER.encode(kit((1890, 38, 90), end=3840))

    assert clip.ids[16].tolist() == [id_of("snare")]
    assert clip.offsets[16, 1] == -30


def test_bars_that_do_not_fit_are_named_or_left_out():
    """5/4 is refused by encode and left out by encode_spans."""
    score = kit((0, 36, 90), end=2400, metre=Metre(0, 5, 4))

    with pytest.raises(TokenError, match="bar 1 of 1 is in 5/4, which does not fit 16 sixteenths"):
        TOKENIZER.encode(score)
    assert TOKENIZER.encode_spans(score) == []
    assert TOKENIZER.skipped_bars(score) == {"5/4": 1}


def test_repairs_are_counted():
    """Padding in a bar is silence, ids in padding do nothing, unknown ids are silence."""
    bars = lay_bars(TOKENIZER.encode(kit((0, 36, 90), end=1440, metre=Metre(0, 3, 4))).bars)
    decoded = TOKENIZER.decode_drums([2, PAD, 900, *[SILENCE] * 9, 2, 0, 0, 0], bars=bars)

    assert decoded.notes == (Note(0, STEP, 36, 80),)
    assert decoded.report.as_dict() == {"num_pads_in_bar": 1, "num_ids_in_padding": 1, "num_unknown": 1}
    assert decoded.report.lines()[0] == "1 padding id inside a bar read as silence"


def test_another_map_reads_and_writes_another_kit():
    """The notes of the map are read, and its first of each class is written back."""
    tokenizer = DrumTokenizer(DrumMap.from_dict({"60": "kick", "61": "kick", "62": "snare"}))
    clip = tokenizer.encode(kit((0, 61, 90), (120, 62, 80), (240, 36, 70)))

    assert [note.pitch for note in tokenizer.decode(clip.ids, bars=clip.bars)] == [60, 62]
    assert tokenizer.from_config(tokenizer.to_config()).drum_map == tokenizer.drum_map
