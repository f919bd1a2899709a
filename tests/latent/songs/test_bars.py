"""Some bars of a song, taken as if they were a song."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import ConfigError
from seqvae.latent.inputs import read_input, read_inputs, read_song
from seqvae.latent.songs.bars import take_bars
from seqvae.latent.walk import WalkOptions
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import bars_of
from seqvae.midi.write import score_to_bytes
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.melody_decode import HOLD, REST
from tests.latent.making import tune
from tests.latent.songs.making import songs

TOKENIZER = MelodyTokenizer()
FOUR_BARS = tune(*range(60, 76))


def cut(score: Score, wish: str) -> Score:
    """Take bars at 480 ticks per quarter."""
    return take_bars(score, score, wish).score


@given(songs(), st.data())
def test_bars_sound_as_they_did_in_the_song(song, data):
    """Lengths, metres, tempi and ids are those of the song, but for what sounded on from before."""
    bars, clip = bars_of(song), TOKENIZER.encode(song)
    first = data.draw(st.integers(1, len(bars)))
    last = data.draw(st.integers(first, len(bars)))
    taken = cut(song, f"{first}-{last}")
    ids = clip.ids[16 * (first - 1) : 16 * last].copy()
    begun = np.flatnonzero(ids[:, 0] > HOLD)
    held = ids[: begun[0] if len(begun) else len(ids)]
    held[held == HOLD] = REST
    start = bars[first - 1].start_tick

    score_to_bytes(taken)  # refuses notes that overlap or lie outside
    assert [bar.num_steps for bar in bars_of(taken)] == [bar.num_steps for bar in bars[first - 1 : last]]
    assert [(m.tick + start, *m[1:]) in song.metres for m in taken.metres][1:] == [True] * (
        len(taken.metres) - 1
    )
    if taken.tracks[0].notes:
        assert np.array_equal(TOKENIZER.encode(taken).ids, ids)
    for tempo in taken.tempi:
        inside = [one for one in song.tempi if one.tick <= tempo.tick + start]
        assert inside[-1].microseconds_per_quarter == tempo.microseconds_per_quarter


@given(songs())
def test_all_bars_are_the_song(song):
    """Named by numbers too, all bars are all there is."""
    whole = cut(song, "all")

    assert whole == song
    assert cut(song, f"1-{len(bars_of(song))}") == cut(song, "1-") == song


def test_losses_are_told():
    """A note from before, one early for the first bar, and one that sounds on past the last."""
    notes = (
        Note(0, 2000, 60, 80),
        Note(1910, 2400, 64, 80),
        Note(3000, 5000, 67, 80),
        Note(3835, 4500, 72, 80),
    )
    song = Score((Track(notes),), tempi=(Tempo(0, 500_000), Tempo(960, 400_000)), end_tick=5760)
    source = read_input(song, TOKENIZER, None, "2")

    assert source.score.tracks[0].notes == (Note(0, 480, 64, 80), Note(1080, 1920, 67, 80))
    assert (source.score.tempi, source.score.metres) == ((Tempo(0, 400_000),), (Metre(0, 4, 4),))
    assert source.bars.lines() == [
        "bar 2 of 3 taken, 1 note from before left out, 1 note early for the first of them begun with it, "
        "1 note ended with the last of them"
    ]
    assert source.bars.as_dict() == {
        "first": 2, "last": 2, "num_bars": 3, "notes_begun_before": 1, "notes_cut": 1, "notes_early": 1,
    }  # fmt: skip


def test_exact_ticks_are_kept():
    """The song at its own resolution is cut at the same bar lines."""
    song = Score(
        (Track((Note(0, 1, 60, 80), Note(7681, 7682, 62, 80))),), end_tick=15_360, ticks_per_quarter=1920
    )
    taken = read_input(song, TOKENIZER, None, "2").exact

    assert (taken.tracks[0].notes, taken.end_tick) == ((Note(1, 2, 62, 80),), 7680)


def test_one_range_for_all_or_one_for_each():
    """As tracks are named, so are bars."""

    def lengths(*bars: str) -> list[int]:
        return [len(source.clip.bars) for source in read_inputs([FOUR_BARS] * 2, TOKENIZER, (), bars)]

    assert lengths() == [4, 4]
    assert lengths("2-3") == [2, 2]
    assert lengths("4", "all") == [1, 4]
    with pytest.raises(ConfigError, match="3 ranges of bars named for 2 inputs; name one, or one for each"):
        lengths("1", "2", "3")


def test_bars_beyond_the_end_are_refused(tmp_path):
    """The message names the song and how long it is."""
    path = tmp_path / "short.mid"
    path.write_bytes(score_to_bytes(FOUR_BARS))

    with pytest.raises(ConfigError, match=r"short\.mid: bars 3-5 are not there; it has 4 bars"):
        read_input(read_song(path), TOKENIZER, None, "3-5")
    with pytest.raises(ConfigError, match="input 2: bars 5- are not there; it has 4 bars"):
        read_inputs([FOUR_BARS, FOUR_BARS], TOKENIZER, (), ["1", "5-"])


@pytest.mark.parametrize("wish", ["", "x", "-3", "1-2-3", "1,2", "1.5", "²", "9" * 7])
def test_what_is_no_range_is_refused(wish):
    """Anything but numbers and a dash."""
    with pytest.raises(ConfigError, match="are no bars; write 9-16, 9, 9- for the rest, or all"):
        WalkOptions(bars=wish)


@pytest.mark.parametrize("wish", ["0", "0-3", "4-3"])
def test_no_bars_are_refused(wish):
    """Bars are counted from 1, forwards."""
    with pytest.raises(ConfigError, match=f"bars {wish} are none; count from 1, the first before the last"):
        WalkOptions(bars=[wish])


def test_notes_early_for_the_first_bar_are_counted():
    """A note half a step before the bar line begins with it, and that is told."""
    song = Score((Track((Note(1870, 2400, 60, 80), Note(2400, 2880, 62, 80))),), end_tick=3840)
    piece = take_bars(song, song, "2-")

    assert piece.score.tracks[0].notes[0] == Note(0, 480, 60, 80)
    assert piece.taken.as_dict()["notes_early"] == 1
    assert "1 note early for the first of them begun with it" in piece.taken.lines()[0]
