"""Drums and trios through everything that walks do, without a model where that is enough."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqvae.checkpoint import save_model
from seqvae.errors import TokenError
from seqvae.latent.bands.base import Manner
from seqvae.latent.bands.choose import band_of
from seqvae.latent.bands.feel import loudness_of_classes, timing_of_classes
from seqvae.latent.bands.trio import read_wishes
from seqvae.latent.bounds import Decoded, Wishes, bounds_of
from seqvae.latent.distance import distance, measure_reconstruction
from seqvae.latent.ends import fit_inputs
from seqvae.latent.inputs import own_score, read_inputs
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.paths import Place
from seqvae.latent.steps import Step
from seqvae.latent.walk import _build_step
from seqvae.latent.windows import Fit, fit_clip, join_windows, split_windows
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.write import score_to_bytes
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.trio import TrioTokenizer
from tests.tokens.drum_making import grooves
from tests.tokens.test_trio import trios

DRUMS, TRIO = DrumTokenizer(), TrioTokenizer()


def save_band_model(folder: Path, name: str) -> Path:
    """Save the smallest model of drums or of a trio, with its first weights."""
    torch.manual_seed(0)
    tokenizer = {"drums": DRUMS, "trio": TRIO}[name]
    save_model(folder, SequenceVAE(preset(f"debug-{name}").model), tokenizer)
    return folder


def groove(*, velocity: int, late: int, bars: int = 1, bpm: float = 120) -> Score:
    """Return kick and snare on the beats and hats on all eighths, the off-beats late by some ticks."""
    notes = []
    for beat in range(4 * bars):
        tick = beat * 480
        notes += [Note(tick, tick + 100, 36 if beat % 2 == 0 else 38, velocity)]
        notes += [Note(tick, tick + 60, 42, velocity), Note(tick + 240 + late, tick + 330, 42, velocity)]
    track = Track(tuple(sorted(notes)), name="Kit", is_drum=True)
    return Score((track,), tempi=(Tempo(0, round(60e6 / bpm)),), end_tick=1920 * bars)


def song(*voices: str, shift: int = 0, velocity: int = 80, program: int = 73) -> Score:
    """Return two bars of some voices of a trio."""
    tracks = {
        "melody": Track(
            tuple(Note(480 * i, 480 * i + 480, 72 + i + shift, velocity) for i in range(8)), "Lead", program
        ),
        "bass": Track(tuple(Note(960 * i, 960 * i + 960, 36 + shift, velocity) for i in range(4)), "Low", 33),
        "drums": groove(velocity=velocity, late=0, bars=2).tracks[0],
    }
    return Score(tuple(tracks[voice] for voice in voices), end_tick=3840)


def step_between(tokenizer, one: Score, other: Score, fraction: float) -> Step:
    """Build the step at a fraction as if the model wrote the ids of the first song there."""
    ends = fit_inputs(read_inputs([one, other], tokenizer), "loop", 2)
    return step_of(ends, Place(0, fraction), ends[0].clip.ids)


def step_of(ends, place: Place, ids: np.ndarray) -> Step:
    """Build the step that a model writes as ids."""
    return _build_step(ends, place, Decoded(ids, 0), bounds_of(ends, 600, Wishes()), pin_ends=True)


@given(grooves(furthest=40))
def test_drums_come_back_as_they_were_played(score):
    """Own ids with their own feel are the user's hits: place, class, loudness and timing."""
    band = band_of(DRUMS)
    clip, _ = band.take(score, None)
    written = band.write(clip.ids, Manner(band.looks(clip, ""), clip.bars, band.feel(clip)))

    assert [note[:1] + note[2:] for note in written.score.tracks[0].notes] == [
        note[:1] + note[2:] for note in score.tracks[0].notes
    ]
    assert (written.score.tracks[0].name, written.score.tracks[0].is_drum) == ("kit", True)


@given(trios())
def test_trios_come_back_as_they_were_played(score):
    """The voices that are there come back with name, program and loudness, the others not at all."""
    band = band_of(TRIO)
    clip, _ = band.take(score, None)
    written = band.write(clip.ids, Manner(band.looks(clip, ""), clip.bars, band.feel(clip)))
    tracks = [(t.name, t.program, t.is_drum) for t in written.score.tracks]

    assert tracks == [(t.name, t.program, t.is_drum) for t in score.tracks]
    assert [len(t.notes) for t in written.score.tracks] == [len(t.notes) for t in score.tracks]


@pytest.mark.parametrize("tokenizer", [DRUMS, TRIO], ids=["drums", "trio"])
@pytest.mark.parametrize("rule", ["loop", "pad"])
@given(data=st.data())
def test_windows_join_to_the_clip(tokenizer, rule, data):
    """Windows joined again are the clip at the length of the walk, with all that stands beside its ids."""
    clip = tokenizer.encode(data.draw(grooves()))
    path_bars, overlap = len(clip.bars) + data.draw(st.integers(0, 4)), data.draw(st.integers(0, 1))
    fit = Fit(rule, len(clip.bars), path_bars, 2, overlap)
    fitted = fit_clip(clip, fit, fit.path_bars)

    assert np.array_equal(join_windows(split_windows(clip, fit), fit, MEANINGS[tokenizer.name]), fitted.ids)
    assert len(fitted.ids) == 16 * len(fitted.bars)
    assert all(len(values) == len(fitted.ids) for values in band_of(tokenizer).feel(fitted).values())


def test_absent_voices_stay_absent_in_added_silence():
    """Silent bars behind a clip without bass have no bass either."""
    clip = TRIO.encode(song("melody", "drums"))
    fitted = fit_clip(clip, Fit("pad", 2, 3, 2), 3)

    assert set(map(tuple, fitted.ids[32:].tolist())) == {(2, 131, 1)}


def test_class_that_is_not_hit_takes_loudness_from_its_neighbours():
    """Its own nearest hit counts, and without one the nearest of any class."""
    velocities = np.zeros((8, 9))
    velocities[1, 0], velocities[6, 0], velocities[2, 3] = 50, 90, 70
    filled = loudness_of_classes(velocities)

    assert filled[:, 0].tolist() == [50, 50, 50, 50, 90, 90, 90, 90]
    assert filled[:, 5].tolist() == [50, 50, 70, 70, 70, 90, 90, 90]


def test_swung_off_beats_stay_swung():
    """What is not hit is as late as the hits at the same sixteenth of a beat, and on the beat not at all."""
    is_hit = np.zeros((16, 9), dtype=bool)
    offsets = np.zeros((16, 9))
    is_hit[[0, 2, 10], 2] = True
    offsets[[2, 10], 2] = 20, 30
    filled = timing_of_classes(offsets, is_hit)

    assert filled[[2, 6, 10, 14], 0].tolist() == [20, 20, 30, 30]
    assert not filled[0::4].any()
    assert not filled[1::2].any()


def test_feel_of_drums_is_blended():
    """Half way between a straight loud groove and a late soft one hits are half as late and loud between."""
    step = step_between(DRUMS, groove(velocity=100, late=0), groove(velocity=60, late=40), 0.5)
    (track,) = step.score.tracks
    off_beats = [note for note in track.notes if note.pitch == 42 and note.start % 480]

    assert {note.velocity for note in track.notes} == {80}
    assert {note.start % 480 for note in off_beats} == {260}
    assert (track.is_drum, track.name) == (True, "Kit")


def test_trio_between_has_the_nearer_looks():
    """Each voice keeps its place; a voice that only the farther song has comes with its looks."""
    step = step_between(TRIO, song("melody", "bass", "drums"), song("melody", program=5, velocity=40), 0.75)
    found = [(track.name, track.program, track.is_drum) for track in step.score.tracks]

    assert found == [("Lead", 5, False), ("Low", 33, False), ("Kit", 0, True)]
    assert step.score.tracks[0].notes[0].velocity == 50


def test_own_tracks_stand_at_the_ends():
    """Of a trio all three tracks are the user's, of the others nothing is taken."""
    extra = Track((Note(0, 480, 60, 80), Note(0, 480, 64, 80), Note(0, 480, 67, 80)), name="Chords")
    score = song("melody", "bass", "drums")
    (source,) = read_inputs([Score((*score.tracks, extra), end_tick=3840)], TRIO, ["melody=Lead"])
    own, num_cut = own_score(source, Fit("loop", 2, 2, 2))

    assert own.tracks == score.tracks
    assert num_cut == 0
    assert source.label == "Lead"


def test_drums_by_name_go_to_channel_ten():
    """A drum track that was not on channel 10 is one in what is written."""
    kit = Track(groove(velocity=90, late=0).tracks[0].notes, name="Drums")
    (source,) = read_inputs([Score((kit,), end_tick=1920)], DRUMS)
    own, _ = own_score(source, Fit("loop", 1, 1, 2))

    assert own.tracks[0].is_drum
    assert own.tracks[0].notes == kit.notes


def test_wishes_name_voices():
    """Numbers, names and none; anything else is refused in one line."""
    assert read_wishes("melody=1, bass=Low,drums=none") == {"melody": 1, "bass": "Low", "drums": "none"}
    assert read_wishes(None) == {}
    for wrong in (2, "bass", "flute=1", "bass="):
        with pytest.raises(TokenError, match="write it as melody=1,bass=Bass,drums=none"):
            read_wishes(wrong)


def test_distance_of_drums_counts_hits():
    """One class of two missing at one step is one hit of three, and one step of sixteen."""
    one = np.full((16, 1), 1, dtype=np.int16)
    one[0], one[8] = 1 + 0b101, 1 + 0b1
    other = one.copy()
    other[0] = 1 + 0b1

    assert distance(one, other, band_of(DRUMS).meaning) == pytest.approx((1 / 16, 1 - 4 / 5))


def test_reconstruction_tells_voices_apart():
    """Voices that are there have shares of their own, in words too."""
    clip = TRIO.encode(song("melody", "drums"))
    spoiled = clip.ids.copy()
    spoiled[:16, 0] = 2
    told = measure_reconstruction(clip.ids, spoiled, band_of(TRIO).meaning)

    assert list(told.as_dict()["voices"]) == ["melody", "drums"]
    assert told.voices["drums"].onset_f1 == 1
    assert told.voices["melody"].onset_recall == 0.5
    assert any(line.startswith("melody: ") for line in told.lines())


def test_what_is_filled_in_is_not_judged():
    """A song is given back wholly if the voices that are there are, whatever stands beside them."""
    clip = TRIO.encode(song("melody"))
    filled = clip.ids.copy()
    filled[:, 1:] = TRIO.encode(song("melody", "bass", "drums")).ids[:, 1:]
    told = measure_reconstruction(clip.ids, filled, band_of(TRIO).meaning)

    assert (told.steps_right, told.onset_f1, told.bars_exact) == (1, 1, 1)
    assert told.as_dict()["filled"] == ["bass", "drums"]
    assert told.lines()[-1] == "drums: not there; what the model writes of it is not judged"
    assert measure_reconstruction(clip.ids, clip.ids, band_of(TRIO).meaning).filled == ()


@pytest.fixture(scope="module", params=["drums", "trio"])
def model(request, tmp_path_factory) -> MusicModel:
    """Load the smallest model of each band."""
    return load(save_band_model(tmp_path_factory.mktemp(request.param), request.param))


def test_everything_a_model_makes_is_music(model):
    """Walks, reconstructions, variations and samples are music, with the user's own notes at the ends."""
    one, other = song("melody", "bass", "drums"), song("drums", "melody", shift=3, velocity=50)
    walk = model.interpolate(one, other, steps=4, temperature=1.0)
    results = [walk, model.reconstruct(one), model.vary(one, 2), model.sample(3, temperature=1.0)]

    for score in [score for clips in results for score in clips.scores] + [walk.arrangement]:
        score_to_bytes(score)
    drums = [track for track in walk.scores[0].tracks if track.is_drum]
    assert [track.notes for track in drums] == [one.tracks[2].notes]
    assert all(clips.report.lines() and clips.report.as_dict() for clips in results)
    assert model.decode(model.encode(one)).end_tick == 3840


def test_metres_of_trios_are_told_by_most_voices():
    """Between 4/4 and 3/4 the padding of two voices decides on the bar."""
    lead = replace(song("melody").tracks[0], notes=song("melody").tracks[0].notes[:6])
    three = Score((lead,), metres=(Metre(0, 3, 4),), end_tick=2880)
    ids = np.full((32, 3), 2, dtype=np.int16)
    ids[12:16, :2] = ids[28:, :2] = 0
    ends = fit_inputs(read_inputs([song("melody"), three], TRIO), "loop", 2)
    step = step_of(ends, Place(0, 0.6), ids)

    assert step.score.end_tick == 2 * 1440
