import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError, MidiError, TokenError
from seqvae.latent.inputs import own_score, read_input, read_inputs, read_song
from seqvae.latent.walk import WalkOptions
from seqvae.latent.windows import Fit
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.resample import resample_score
from seqvae.midi.write import score_to_bytes, to_pretty_midi, write_score
from seqvae.tokens.melody import MelodyTokenizer
from tests.latent.making import tune, tunes
from tests.midi.building import MIDDLE_C, smf

TOKENIZER = MelodyTokenizer()
SONG = tune(60, None, 62, 64, program=5, bpm=90)


def own(score: Score, path_bars: int, rule: str = "loop") -> tuple[Score, int]:
    """Return the user's own notes at the length of a walk."""
    source = read_input(score, TOKENIZER)
    return own_score(source, Fit(rule, len(source.clip.bars), path_bars, 2))


@pytest.mark.parametrize("form", ["path", "str", "bytes", "stream", "pretty_midi", "score"])
def test_any_form_of_music_will_do(form, tmp_path):
    """The same music gives the same ids, whatever it comes in."""
    path = tmp_path / "my song.mid"
    write_score(SONG, path)
    data = score_to_bytes(SONG)
    forms = {"path": path, "str": str(path), "bytes": data, "stream": io.BytesIO(data)}
    forms |= {"pretty_midi": to_pretty_midi(SONG), "score": SONG}

    source = read_input(forms[form], TOKENIZER)
    assert source.clip.ids.tolist() == TOKENIZER.encode(SONG).ids.tolist()
    assert source.label == ("my song" if form in {"path", "str"} else "Tune")


def test_strict_refuses_what_breaks_the_standard():
    """A file without end mark is mended and counted, or refused if asked; what was read stays read."""
    data = smf(MIDDLE_C)
    song = read_song(data)

    assert song.score.repairs
    assert read_song(song, strict=True) is song
    with pytest.raises(MidiError, match="breaks the standard"):
        read_song(data, strict=True)


@given(tunes())
def test_own_notes_are_untouched(score):
    """A clip as long as the walk keeps every note to the tick."""
    notes = score.tracks[0].notes
    bars = len(TOKENIZER.encode(score).bars)

    assert own(score, bars)[0].tracks[0].notes == notes


@given(tunes(), st.integers(0, 7))
def test_every_repetition_ends_on_its_bar_line(score, more):
    """Repeated notes stay within the walk and never overlap."""
    bars = len(TOKENIZER.encode(score).bars)
    repeated, num_cut = own(score, bars + more)

    score_to_bytes(repeated)  # refuses notes that overlap or lie outside
    assert num_cut == 0 or more % bars
    assert repeated.end_tick == sum(bar_ticks(score) for _ in range(bars + more))


def bar_ticks(score: Score) -> int:
    """Return the length of a bar of a piece in one metre."""
    return 1920 * score.metres[0].numerator // score.metres[0].denominator


def test_loose_timing_and_chords_stay():
    """The model hears the highest note on the grid; the user's end is what the user played."""
    notes = (Note(7, 400, 55, 70), Note(9, 410, 64, 80))
    score = Score((Track(notes, program=3),), end_tick=1920)

    assert own(score, 1)[0].tracks[0].notes == notes


def test_tempo_and_metre_changes_are_repeated():
    """The second time through, everything happens again."""
    score = Score(
        (Track((Note(0, 1920, 60, 80),)),),
        tempi=(Tempo(0, 500_000), Tempo(960, 600_000)),
        metres=(Metre(0, 2, 4), Metre(960, 3, 4)),
        end_tick=2400,
    )
    repeated, _ = own(score, 4)

    assert [tempo.tick for tempo in repeated.tempi] == [0, 960, 2400, 3360]
    assert [metre.tick for metre in repeated.metres] == [0, 960, 2400, 3360]


def test_unchanged_tempo_is_not_repeated():
    """A loop in one tempo has one tempo event."""
    assert own(SONG, 4)[0].tempi == SONG.tempi


@pytest.mark.parametrize("resolution", [24, 96, 100, 480, 960, 1024, 30_720])
def test_own_notes_keep_the_ticks_of_their_file(resolution):
    """Whatever the resolution of a song, writing its own notes at that gives them back."""
    notes = (Note(0, resolution, 60, 80), Note(resolution + 1, 2 * resolution - 1, 62, 80))
    score = Score((Track(notes),), end_tick=4 * resolution, ticks_per_quarter=resolution)
    twice, num_cut = own(score, 2)
    again = [
        note._replace(start=note.start + score.end_tick, end=note.end + score.end_tick) for note in notes
    ]
    written = resample_score(twice, resolution)

    assert (written.tracks[0].notes, written.end_tick) == ((*notes, *again), 2 * score.end_tick)
    assert (written.metres, num_cut) == (score.metres, 0)


def test_cuts_are_counted_between_the_ticks_of_480():
    """A note that sounds one tick of 960 past its bar is cut there."""
    score = Score((Track((Note(0, 3841, 60, 80),)),), end_tick=3840, ticks_per_quarter=960)
    cut, num_cut = own(score, 1)

    assert (cut.tracks[0].notes[0].end, cut.end_tick, num_cut) == (3840, 3840, 1)


def test_note_over_the_end_is_cut_and_counted():
    """A note that sounds a sixteenth past the last bar line ends there."""
    score = Score((Track((Note(0, 2000, 60, 80),)),), end_tick=2000)
    cut, num_cut = own(score, 1)

    assert (cut.tracks[0].notes, cut.end_tick, num_cut) == ((Note(0, 1920, 60, 80),), 1920, 1)


def test_error_names_the_input():
    """A melody that does not fit says of which song it speaks."""
    with pytest.raises(TokenError, match=r"input 2: bar 1 of 1 is in 5/4"):
        read_inputs([SONG, tune(60, steps=20, metre=(5, 4))], TOKENIZER)


def test_one_wish_is_for_all_inputs():
    """A track may be named once for all, or once for each."""
    two = Score((*SONG.tracks, Track((Note(0, 480, 40, 80),), name="Bass")), end_tick=1920)

    assert [s.tracks for s in read_inputs([two, two], TOKENIZER, [2])] == [((1,),), ((1,),)]
    assert [s.tracks for s in read_inputs([two, two], TOKENIZER, [2, "tune"])] == [((1,),), ((0,),)]
    assert [s.tracks for s in read_inputs([two, two], TOKENIZER)] == [((0,),), ((0,),)]
    with pytest.raises(ConfigError, match="2 tracks named for 3 inputs"):
        read_inputs([two, two, two], TOKENIZER, [1, 2])


@pytest.mark.parametrize("tracks", ["Bass", 2, ("Bass",), [2]], ids=repr)
def test_a_name_or_a_number_alone_is_one_wish(tracks):
    """A name is not taken letter by letter."""
    two = Score((*SONG.tracks, Track((Note(0, 480, 40, 80),), name="Bass")), end_tick=1920)
    options = WalkOptions(tracks=tracks)

    assert [source.tracks for source in read_inputs([two], TOKENIZER, options.wishes)] == [((1,),)]
    assert options.as_dict()["tracks"] in (["Bass"], [2])


def test_nameless_input_gets_a_number():
    """Music in memory without a name is called by its place."""
    score = Score((Track((Note(0, 480, 60, 80),)),), end_tick=1920)

    assert [source.label for source in read_inputs([score, score], TOKENIZER)] == ["input 1", "input 2"]
