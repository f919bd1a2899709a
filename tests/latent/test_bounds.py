"""What stays and what may be written: laws that hold whatever a model writes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.replay import replay
from seqvae.latent.scales import read_scale
from seqvae.latent.walk import WalkOptions
from seqvae.midi.notes import Score
from seqvae.midi.quantize import bars_of
from tests.latent.making import CLIPS, echo_model, same_music, save_debug_model, tune, tunes
from tests.latent.test_bands import save_band_model, song

ODE, SAINTS = (CLIPS / f"{name}.mid" for name in ("ode-to-joy-trio", "when-the-saints-trio"))
LOW, HIGH = tune(*[60, 61, 62, 63] * 4, name="Low"), tune(*[72, 74, 76, 79] * 4, name="High")


@pytest.fixture(scope="module")
def echo(tmp_path_factory) -> MusicModel:
    """Build a model that forgets nothing."""
    return echo_model(tmp_path_factory.mktemp("echo"))


@pytest.fixture(scope="module", params=["debug-trio", "debug-drums", "debug"])
def model(request, tmp_path_factory) -> MusicModel:
    """Load the smallest real model of each kind."""
    folder = tmp_path_factory.mktemp("model")
    kind = request.param.partition("-")[2]
    return load(save_band_model(folder, kind) if kind else save_debug_model(folder))


@pytest.fixture(scope="module")
def trio(tmp_path_factory) -> MusicModel:
    """Load the smallest real model of a trio."""
    return load(save_band_model(tmp_path_factory.mktemp("trio"), "trio"))


def heard(score: Score, bar: int) -> list:
    """List what sounds in a bar, from 1, of each track: when, until when, which pitch, how loud."""
    lines = [one.start_tick for one in bars_of(score)] + [score.end_tick]
    start, end = lines[bar - 1 : bar + 1]
    found = [
        (max(note.start, start), min(note.end, end), note.pitch, note.velocity)
        for track in score.tracks
        for note in track.notes
        if note.start < end and note.end > start
    ]
    return sorted(found)


def pitches(score: Score) -> set[int]:
    """Return all pitches but those of drums."""
    return {note.pitch for track in score.tracks if not track.is_drum for note in track.notes}


@settings(max_examples=15)
@given(tunes(), st.data())
def test_locked_bars_are_the_input_to_the_note(echo, score, data):
    """Whatever is written around them, every note of a locked bar sounds in it as it did, and no other."""
    num_bars = len(bars_of(score))
    bars = data.draw(st.sets(st.integers(1, num_bars), max_size=num_bars - 1))
    options = WalkOptions(lock_bars=sorted(bars))
    varied = echo.vary(score, 2, amount=0.7, temperature=2.0, options=options)

    assert all(heard(clip, bar) == heard(score, bar) for clip in varied.scores for bar in bars)


def test_locked_bars_of_the_first_song_stand_in_every_step(model):
    """From song to song they are those of the first, at the other end too, and in what is rebuilt."""
    one, other = song("melody", "bass", "drums"), song("drums", "melody", shift=3, velocity=50)
    options = WalkOptions(lock_bars="2")
    walk = model.interpolate(one, other, steps=3, temperature=1.0, options=options)
    back = model.reconstruct(one, options=options)

    own = heard(walk.scores[0], 2)
    assert own
    assert all(heard(score, 2) == own for score in (*walk.scores, *back.scores))
    assert heard(walk.scores[-1], 1) != heard(walk.scores[0], 1)


def test_kept_voice_is_played_again_in_longer_songs(trio):
    """Two bars of drums become four where the other song has four, and no padding is written beside them."""
    short, long = song("melody", "bass", "drums"), tune(*[60] * 16, name="Long")
    options = WalkOptions(keep="drums")
    walk = trio.interpolate(short, long, steps=3, temperature=3.0, options=options)
    own = short.tracks[2].notes
    again = tuple(note._replace(start=note.start + 3840, end=note.end + 3840) for note in own)

    for score in walk.scores:
        assert [track.notes for track in score.tracks if track.is_drum] == [own + again]
    assert not any("padding" in line for step in walk.report.steps for line in step.mended.lines())


@pytest.mark.parametrize("voices", ["drums", "melody", "bass,drums"])
def test_kept_voices_are_identical_in_every_step(trio, voices):
    """Own tracks to the note; the others go from song to song."""
    walk = trio.interpolate(ODE, SAINTS, steps=3, temperature=1.0, options=WalkOptions(keep=voices))
    varied = trio.vary(ODE, 2, amount=1.0, options=WalkOptions(keep=voices))
    first = walk.scores[0].tracks
    kept = [index for index, voice in enumerate(("melody", "bass", "drums")) if voice in voices]

    for score in (*walk.scores, *varied.scores):
        assert all(first[index] in score.tracks for index in kept)
    others = [track.notes for i, track in enumerate(walk.scores[-1].tracks) if i not in kept]
    assert all(notes != first[i].notes for i, notes in zip({0, 1, 2} - {*kept}, others, strict=True))
    assert walk.report.as_dict()["bounds"]["voices"] == voices.split(",")


@pytest.mark.parametrize("scale", ["C major", "F# minor pentatonic", "auto"])
def test_generated_pitches_lie_in_the_scale(trio, scale):
    """However hot the sampling, melody and bass keep to it, in walks, variations and samples."""
    options = WalkOptions(scale=scale, pin_ends=False)
    walk = trio.interpolate(ODE, SAINTS, steps=3, temperature=10.0, options=options)
    clips = [*walk.scores, *trio.vary(ODE, 2, temperature=10.0, options=options).scores]
    name = walk.report.bounds.scale
    if scale != "auto":
        assert name == scale
        clips += trio.sample(2, temperature=10.0, scale=scale).scores

    assert all(read_scale(name).holds(pitch) for score in clips for pitch in pitches(score))
    assert any(step.mended.as_dict()["notes_turned_down"] for step in walk.report.steps)


def test_scale_changes_nothing_that_lies_in_it(echo):
    """Where every choice is in the scale the walk is the same, and nothing was turned down."""
    plain = echo.interpolate(HIGH, HIGH, steps=3)
    held = echo.interpolate(HIGH, HIGH, steps=3, options=WalkOptions(scale="C major"))

    assert all(same_music(*pair) for pair in zip(plain.scores, held.scores, strict=True))
    assert not any(step.mended.as_dict().get("notes_turned_down") for step in held.report.steps)


def test_what_the_scale_turned_down_is_counted(echo):
    """A model that would give back eight notes outside it writes eight others, and says so."""
    told = echo.reconstruct(LOW, options=WalkOptions(scale="C major"))

    assert told.report.mended.as_dict()["notes_turned_down"] == 8
    assert "  8 notes outside the scale turned down" in told.report.lines()
    assert "Low has 8 notes outside it" in told.report.lines()
    assert pitches(told.scores[1]) <= {59, 60, 62, 64}


def test_scale_is_found_in_the_input(echo):
    """The report names it."""
    told = echo.reconstruct(HIGH, options=WalkOptions(scale="auto")).report

    assert "scale: C major, found in the input" in told.lines()
    assert told.as_dict()["bounds"]["scale"]["notes_outside"] == [{"label": "High", "notes": 0}]


def test_record_holds_the_bounds(trio, tmp_path):
    """Replay makes a file of a bounded walk again, to the byte."""
    options = WalkOptions(keep="drums", lock_bars="1-2", scale="auto")
    trio.interpolate(ODE, SAINTS, steps=3, temperature=1.0, options=options).write(tmp_path)
    trio.sample(2, scale="D dorian").write(tmp_path / "samples")

    for path in (tmp_path / "step-02.mid", tmp_path / "step-03.mid", tmp_path / "samples" / "sample-02.mid"):
        assert replay(path, [ODE, SAINTS], model=trio_folder(trio)).is_same


def trio_folder(model: MusicModel) -> str:
    """Return where a model was loaded from."""
    return model.name


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"keep": "drums"}, "Low has no drums to keep"),
        ({"lock_bars": "9"}, "bar 9 cannot be locked"),
        ({"scale": "X"}, "scale is 'X'"),
        ({"lock_bars": "x"}, "'x' names no bars"),
    ],
    ids=["voice", "bar", "scale", "no bars"],
)
def test_what_cannot_be_kept_is_refused(trio, options, words):
    """The message names what is not there."""
    with pytest.raises((ConfigError, TokenError), match=words):
        trio.vary(LOW, options=WalkOptions(**options))


def test_bars_of_other_lengths_cannot_be_kept(echo):
    """Nothing of a song in 4/4 fits one in 3/4."""
    with pytest.raises(ConfigError, match="bar 1 has 16 sixteenths in Low and 12 in Waltz"):
        echo.interpolate(LOW, tune(*[60] * 6, metre=(3, 4), name="Waltz"), options=WalkOptions(lock_bars=[1]))


def test_drums_have_no_scale(model):
    """Of drums alone nothing has a pitch; the message says so."""
    if model.tokenizer.name != "drums":
        pytest.skip("this model has pitches")
    with pytest.raises(ConfigError, match="drums have no pitches"):
        model.sample(1, scale="C major")


def test_auto_needs_a_song(echo):
    """Samples come from nowhere: their scale has to be named."""
    with pytest.raises(ConfigError, match="name a scale"):
        echo.sample(1, scale="auto")
