"""The sample clips are what their script writes, and sit on the grid."""

from itertools import pairwise
from pathlib import Path

import pytest

from scripts.make_clips import BANDS, CLIPS, TICKS_PER_STEP, main, score_of, score_of_band, steps_per_bar
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.trio import TrioTokenizer

CLIPS_FOLDER = Path(__file__).parent.parent / "data" / "clips"


def clip_id(clip) -> str:
    """Name a case after its file."""
    return clip.name


def test_script_writes_the_same_bytes(tmp_path):
    """The committed files are the script's, to the byte, and there are no others."""
    main(tmp_path)

    committed = {path.name: path.read_bytes() for path in CLIPS_FOLDER.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == committed


@pytest.mark.parametrize("clip", CLIPS, ids=clip_id)
def test_clip_is_one_line_on_the_grid(clip):
    """Notes start and end on sixteenths, one after the other, up to the last bar line."""
    score = score_of(clip)
    notes = score.tracks[0].notes

    assert all(tick % TICKS_PER_STEP == 0 for note in notes for tick in note[:2])
    assert all(note.end <= following.start for note, following in pairwise(notes))
    assert notes[-1].end <= score.end_tick
    assert score.end_tick % (steps_per_bar(clip) * TICKS_PER_STEP) == 0


@pytest.mark.parametrize("clip", CLIPS, ids=clip_id)
def test_clip_has_velocities_of_midi(clip):
    """Accents stay within what MIDI can say."""
    assert all(1 <= note.velocity <= 127 for note in score_of(clip).tracks[0].notes)


def test_clips_differ_in_all_that_a_walk_blends():
    """Tempo, program and metre vary, and two bars as well as sixteen are there."""
    assert len({clip.quarters_per_minute for clip in CLIPS}) == len(CLIPS)
    assert len({clip.program for clip in CLIPS}) == len(CLIPS)
    assert {clip.metre for clip in CLIPS} == {(4, 4), (3, 4), (6, 8)}
    assert {clip.tune.count("|") for clip in CLIPS} == {2, 9, 16}


@pytest.mark.parametrize("band", BANDS, ids=clip_id)
def test_drums_of_a_band_keep_every_hit(band):
    """Nothing is folded, merged or dropped, and each bar has its sixteen characters."""
    hits = DrumTokenizer().encode(score_of_band(band)).report.hits

    assert hits.num_kept == hits.num_notes > 0
    assert hits.num_folded == hits.num_merged == 0
    assert {len(steps) for bar in band.groove.bars.values() for steps in bar.values()} == {16}


@pytest.mark.parametrize("band", BANDS[1:], ids=clip_id)
def test_trios_are_taken_whole(band):
    """Melody, bass and drums are found by the rule, in as many bars as the tune has, none of them lost."""
    score = score_of_band(band)
    clip = TrioTokenizer().encode(score)

    assert [track.name for track in clip.tracks] == [track.name for track in score.tracks]
    assert len(clip.bars) == 16
    assert clip.report.melody.snap.num_kept == clip.report.melody.snap.num_notes
    assert clip.report.bass.snap.num_kept == clip.report.bass.snap.num_notes
