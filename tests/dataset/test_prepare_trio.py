from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from seqvae import __version__
from seqvae.dataset.chunks import encode_task
from seqvae.dataset.cluster import encode_there
from seqvae.dataset.engines import LocalEngine
from seqvae.dataset.pieces import Source, encode_file
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.selection import HELD_OUT
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import open_shards
from seqvae.dataset.windows import (
    borders_of,
    describe,
    grams_of,
    keys_of,
    pitch_ranges,
    playing_voices,
    relative_to_first_onset,
)
from seqvae.errors import ConfigError
from seqvae.midi.notes import Score
from seqvae.midi.read import read_score
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.trio import TrioTokenizer
from seqvae.tokens.trio_decode import ABSENT
from tests.dataset.drum_making import BAR, line_track, trio_tracks, write_drums, write_music
from tests.dataset.making import bytes_of

TOKENIZER = TrioTokenizer()
MEANING = MEANINGS["trio"]
TRIO = PrepareSettings(tokenizer=TOKENIZER, valid_share=0.25, test_share=0.25)


def trio_ids(**traits):
    """Return the ids of a random trio of four bars."""
    return TOKENIZER.encode(Score(trio_tracks(1, 4, **traits), end_tick=4 * BAR)).ids


def grams_of_song(ids):
    """Return the grams of four bars."""
    return grams_of(ids, [64], borders_of([64]), MEANING, steps_per_bar=16)[0]


def test_relative_ids_are_the_same_in_every_key_with_the_same_drums():
    """Melody and bass compare as intervals, drums as they are."""
    ids = trio_ids().reshape(2, 32, 3)
    moved, other_drums = TOKENIZER.transpose(ids, 5), ids.copy()
    other_drums[:, 3, 2] = 511
    wider = ids.copy()
    wider[..., 1] = TOKENIZER.transpose(ids, -1)[..., 1]  # the bass alone
    keys = [
        keys_of(relative_to_first_onset(windows, MEANING)) for windows in (ids, moved, other_drums, wider)
    ]

    assert np.array_equal(keys[0], keys[1])
    assert not (keys[0] == keys[2]).any()
    assert not (keys[0] == keys[3]).any()


def test_absence_is_no_interval():
    """An absent melody differs from one that plays whatever interval, in every key."""
    window = np.full((1, 32, 3), (ABSENT[0], 3 + 40, 1), dtype=np.int16)
    relative = relative_to_first_onset(window, MEANING)

    assert set(relative[0, :, 0].tolist()) == {-ABSENT[0]}
    assert relative[0, 0, 1] > 0


def test_the_range_is_that_of_melody_and_bass():
    """Transposition must respect the lowest and the highest of both, not drums or absence."""
    ids = trio_ids().reshape(2, 32, 3)
    without_bass = ids.copy()
    without_bass[..., 1] = ABSENT[1]

    for windows in (ids, without_bass):
        expected = [TOKENIZER.pitch_range(window) for window in windows]
        assert pitch_ranges(windows, MEANING).tolist() == [list(bounds) for bounds in expected]
    assert describe(ids.reshape(-1, 3), np.array([0]), 32, MEANING, bars=2).ranges[0, 0] < 50


def test_a_window_needs_two_voices_that_play():
    """One voice alone is near-empty, wholly silent windows are not meant."""
    melody, bass, drums = np.full(32, 60), np.full(32, 40), np.full(32, 2)
    rest, silence = np.full(32, 2), np.ones(32)
    windows = [
        (melody, bass, drums),
        (melody, np.full(32, ABSENT[1]), drums),
        (melody, rest, silence),
        (rest, np.full(32, ABSENT[1]), drums),
        (rest, rest, silence),
    ]
    ids = np.array(windows, dtype=np.int16).transpose(0, 2, 1)

    assert playing_voices(ids, MEANING, bars=2).tolist() == [3, 2, 1, 1, 3]


def test_pieces_are_compared_by_their_first_voice_that_plays():
    """The same song over other drums is the same music; without a melody the bass tells."""
    ids, other = trio_ids(), trio_ids(kit=77)
    grams = [grams_of_song(song) for song in (ids, other)]
    bass_only = ids.copy()
    bass_only[:, 0] = ABSENT[0]

    assert np.array_equal(*grams)
    assert len(grams_of_song(bass_only)) == 3
    assert not np.isin(grams_of_song(bass_only), grams[0]).any()


def test_a_song_over_several_grooves_stays_in_one_split(tmp_path):
    """Arrangements of one song in several keys and with several drums never meet across splits."""
    for seed in range(8):
        for kit in range(3):
            tracks = trio_tracks(seed, 8, shift=kit, kit=100 + kit)
            write_music(tmp_path / "songs" / f"{seed}-{kit}.mid", tracks, 8)
    write_drums(tmp_path / "songs" / "solo.mid", 3)

    manifest = prepare_corpus([tmp_path / "songs"], tmp_path / "out", TRIO)

    splits = {}
    for piece in manifest.pieces:
        splits.setdefault(piece.name.split("-")[0], set()).add(piece.split)
    assert all(len(found) == 1 for found in splits.values())
    assert (manifest.voices, manifest.steps_per_window) == (3, 32)
    assert manifest.skipped_pieces["only near-empty windows"] == 1
    train = open_shards(tmp_path / "out").split("train")
    assert train.windows(np.arange(2)).shape == (2, 32, 3)
    assert train.expression is None


def test_a_missing_voice_is_absent_in_the_shards(tmp_path):
    """A duo of melody and bass is a trio whose drums are absent at every step."""
    duo = (line_track(1, 8, 60, "Melody"), line_track(2, 8, 36, "Bass"))
    write_music(tmp_path / "songs" / "duo.mid", duo, 8)

    prepare_corpus([tmp_path / "songs"], tmp_path / "out", TRIO)

    ids = open_shards(tmp_path / "out").split("train").ids
    assert set(ids[:, 2].tolist()) == {ABSENT[2]}


def windows_of(folder, split):
    """Return the content of all windows of a split."""
    windows = open_shards(folder).split(split)
    return {window.tobytes() for window in windows.windows(np.arange(len(windows)))}


def test_more_voices_are_for_training_alone(tmp_path):
    """Lone drums and other melodies come to train; no split and no window of another split changes."""
    for seed in range(8):
        tracks = (*trio_tracks(seed, 8, kit=100 + seed), line_track(50 + seed, 8, 72, "Flute"))
        write_music(tmp_path / "songs" / f"{seed}.mid", tracks, 8)
    write_drums(tmp_path / "songs" / "solo.mid", 3)
    plain = prepare_corpus([tmp_path / "songs"], tmp_path / "plain", TRIO)
    more = prepare_corpus([tmp_path / "songs"], tmp_path / "more", replace(TRIO, more_voices=True))

    named = {piece.name: piece.split for piece in more.pieces}
    assert {piece.name: piece.split for piece in plain.pieces}.items() <= named.items()
    for split in ("valid", "test"):
        assert windows_of(tmp_path / "plain", split) == windows_of(tmp_path / "more", split)
    train, wider = (windows_of(tmp_path / name, "train") for name in ("plain", "more"))
    ids = np.stack([np.frombuffer(window, dtype=np.int16).reshape(-1, 3) for window in wider - train])
    is_lone = (ids[:, 0, :2] == ABSENT[:2]).all(axis=1)
    assert train < wider
    assert len(ids) - is_lone.sum() >= len(train)  # a melody more in each song
    assert is_lone.any() or named.get("solo.mid") != "train"
    assert more.more_voices
    assert not plain.more_voices


def test_more_voices_take_nothing_from_other_splits(tmp_path):
    """A second voice in train that is the melody of a held-out song stays out of train, not out of there."""
    for seed in range(8):
        first, bass, drums = trio_tracks(seed, 8)
        second = line_track(50 + seed, 8, 72, "Flute")
        write_music(tmp_path / "songs" / f"{seed}.mid", (first, second, bass, drums), 8)
        write_music(tmp_path / "songs" / f"other-{seed}.mid", (second, bass, drums), 8)
    prepare_corpus([tmp_path / "songs"], tmp_path / "plain", TRIO)
    more = prepare_corpus([tmp_path / "songs"], tmp_path / "more", replace(TRIO, more_voices=True))

    for split in ("valid", "test"):
        held_out = windows_of(tmp_path / "plain", split)
        assert held_out == windows_of(tmp_path / "more", split)
        assert not held_out & windows_of(tmp_path / "more", "train")
    assert more.dropped_windows[HELD_OUT] > 0


def test_another_melody_is_that_which_is_asked_for(tmp_path):
    """Each other melody stands as if the tokenizer had been asked for its track."""
    tracks = (*trio_tracks(1, 8), *(line_track(50 + seed, 8, 72, "Flute") for seed in range(3)))
    write_music(tmp_path / "song.mid", tracks, 8)
    score = read_score(tmp_path / "song.mid")
    asked = [TOKENIZER.encode(score, tracks={"melody": number}).ids for number in (4, 5, 6, 1)]

    music = encode_file(Source("songs", "song.mid", tmp_path / "song.mid"), replace(TRIO, more_voices=True))

    found = sorted(span.tobytes() for span in (*music.spans, *music.more_spans))
    assert found == sorted(ids.tobytes() for ids in asked)


def test_a_crowd_of_melodies_is_bounded_and_counted(tmp_path, monkeypatch):
    """A file of thousands of tracks takes no more room than so many pieces; what is left out is told."""
    monkeypatch.setattr("seqvae.dataset.pieces.MOST_MELODIES", 2)
    tracks = (*trio_tracks(1, 8), *(line_track(50 + seed, 8, 72, "Flute") for seed in range(5)))
    write_music(tmp_path / "songs" / "song.mid", tracks, 8)

    manifest = prepare_corpus([tmp_path / "songs"], tmp_path / "out", replace(TRIO, more_voices=True))

    assert manifest.repairs["more voices"] == {"melodies left out": 3}
    assert len(open_shards(tmp_path / "out").split("train").ids) == 3 * 8 * 16


@pytest.mark.parametrize(
    "engine", [LocalEngine(1), pytest.param(LocalEngine(2), marks=pytest.mark.slow)], ids=["one", "two"]
)
def test_more_voices_are_the_same_after_a_break(engine, tmp_path, monkeypatch):
    """After Ctrl-C, with any number of workers and by a Dask worker the bytes are those of one sitting."""
    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 2)
    for seed in range(8):
        tracks = (*trio_tracks(seed, 8), line_track(50 + seed, 8, 72, "Flute"))
        write_music(tmp_path / "songs" / f"{seed}.mid", tracks, 8)
    songs, settings = tmp_path / "songs", replace(TRIO, more_voices=True)
    prepare_corpus([songs], tmp_path / "whole", settings)

    def interrupt(done, total):
        if done >= total // 2:
            raise KeyboardInterrupt

    for listen in (interrupt, None):
        with pytest.raises(KeyboardInterrupt) if listen else nullcontext():
            prepare_corpus(
                [tmp_path / "songs"], tmp_path / "out", settings, engine=engine, on_progress=listen
            )
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")

    sources = [Source("songs", path.name, path) for path in sorted(songs.iterdir())]
    assert encode_there(sources, settings, __version__) == encode_task(sources, settings)


def test_only_trios_have_more_voices():
    """What does nothing is refused."""
    with pytest.raises(ConfigError, match="for trios alone, not for the tokenizer 'melody'"):
        PrepareSettings(more_voices=True)
