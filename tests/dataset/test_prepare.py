import copy
import errno
import json
import os
import pickle
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from seqvae.dataset import prepare as prepare_module
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.reasons import reason_of
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import open_shards
from seqvae.dataset.summary import summary_lines
from seqvae.dataset.tasks import task_size
from seqvae.dataset.windows import keys_of, relative_to_first_onset
from seqvae.errors import ConfigError, DataError, MidiError, OutputError
from seqvae.midi.notes import Metre, Note, Score, Track
from seqvae.midi.write import write_score
from tests.dataset.making import bytes_of, write_corpus, write_tune

HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Eight tunes, each also in another key under another name."""
    return write_corpus(tmp_path_factory.mktemp("corpora") / "tunes")


def test_any_number_of_workers_writes_the_same_bytes(corpus, tmp_path, monkeypatch):
    """One process and two leave the same files, whatever order the results come in."""
    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 3)

    for num_workers in (1, 2):
        prepare_corpus([corpus], tmp_path / str(num_workers), HALVES, num_workers=num_workers)

    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")


def test_pieces_are_counted_block_by_block_as_all_together(corpus, tmp_path, monkeypatch):
    """What is kept of each piece does not depend on how many are counted at once."""
    prepare_corpus([corpus], tmp_path / "whole", HALVES)
    monkeypatch.setattr("seqvae.dataset.table.ROWS_AT_ONCE", 2)
    prepare_corpus([corpus], tmp_path / "blocks", HALVES)

    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "blocks")


@pytest.mark.parametrize(
    ("num_files", "size"), [(1, 8), (512, 8), (1150, 17), (8192, 128), (10**6, 128)], ids=str
)
def test_small_corpora_are_cut_finer(num_files, size):
    """There are tasks for 64 processes, but not of fewer than 8 files, nor of more than are asked for."""
    assert task_size(num_files, 128) == size
    assert task_size(num_files, 3) == 3


def test_copies_stay_together_and_nothing_leaks(corpus, tmp_path):
    """From files to shards: a copy in another key shares the split, and no split plays another's windows."""
    manifest = prepare_corpus([corpus], tmp_path / "out", HALVES)

    split_of = {piece.name: piece.split for piece in manifest.pieces}
    assert {split_of[f"tune{n}.mid"] == split_of[f"more/copy{n}.mid"] for n in range(8)} == {True}
    assert (manifest.num_groups, manifest.largest_group) == (8, 2)
    heard = []
    for split in ("train", "valid", "test"):
        window_set = open_shards(tmp_path / "out").split(split)
        windows = window_set.windows(np.arange(len(window_set)))
        assert len(windows) > 0
        assert len(set(keys_of(windows).tolist())) == len(windows)
        heard.append(set(keys_of(relative_to_first_onset(windows, HALVES.meaning)).tolist()))
    assert not any(one & other for one, other in combinations(heard, 2))


def test_every_window_is_kept_or_counted(corpus, tmp_path):
    """The windows in the shards and those dropped add up to all windows at hop one bar."""
    manifest = prepare_corpus([corpus], tmp_path / "out", HALVES)

    kept = sum(manifest.num_windows(split) for split in manifest.counts)
    assert kept == sum(piece.windows for piece in manifest.pieces)
    assert kept + sum(manifest.dropped_windows.values()) == 16 * (12 - 2 + 1)


def test_nothing_of_the_machine_is_in_the_shards(corpus, tmp_path):
    """Neither the place of the corpus nor that of the shards changes a byte or is written down."""
    moved = corpus.rename(corpus.parent.parent / "tunes")
    first = prepare_corpus([moved], tmp_path / "here" / "out", HALVES)
    moved.rename(corpus)
    second = prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert first == second
    assert bytes_of(tmp_path / "here" / "out") == bytes_of(tmp_path / "out")
    assert str(corpus.parent.parent) not in (tmp_path / "out" / "manifest.json").read_text()


def test_bad_files_are_counted_by_reason_and_listed(tmp_path):
    """No file stops the run: each is named in the report, without the folders around it."""
    corpus = tmp_path / "tunes"
    write_tune(corpus / "good.mid", 1)
    for name in ("one.mid", "two.MIDI"):
        (corpus / name).write_bytes(b"MThd")
    (corpus / "text.midi").write_text("no music")
    (corpus / "ignored.txt").write_text("no music")
    five_four = Score((Track((Note(0, 480, 60, 64),)),), metres=(Metre(0, 5, 4),), end_tick=2400)
    write_score(five_four, corpus / "five.mid")

    manifest = prepare_corpus([corpus], tmp_path / "out", PrepareSettings())

    assert manifest.num_files == 5
    assert sorted(manifest.bad_files.values()) == [1, 1, 2]
    assert manifest.bad_files["no bar in a metre that fits"] == 1
    report = (tmp_path / "out" / "report.json").read_text()
    listed = [entry["name"] for entries in json.loads(report)["bad_files"].values() for entry in entries]
    assert sorted(listed) == ["five.mid", "one.mid", "text.midi", "two.MIDI"]
    assert str(tmp_path) not in report
    assert report == json.dumps(json.loads(report), indent=1, sort_keys=True) + "\n"


def test_a_corpus_of_bad_files_alone_is_told(corpus, tmp_path):
    """It has its row, of nothing, in the manifest; a report of no bad file is JSON as well."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "one.mid").write_bytes(b"MThd")
    manifest = prepare_corpus([corpus, tmp_path / "broken"], tmp_path / "out", HALVES)
    prepare_corpus([corpus], tmp_path / "whole", HALVES)

    assert manifest.corpora == ("broken", "tunes")
    assert manifest.counts["train"]["broken"] == {"pieces": 0, "windows": 0}
    assert (tmp_path / "whole" / "report.json").read_text() == '{\n "bad_files": {}\n}\n'


def test_a_manifest_travels(corpus, tmp_path):
    """What prepare returns is that of the folder: each piece by its place, copied and pickled."""
    manifest = prepare_corpus([corpus], tmp_path / "out", HALVES)
    pieces = open_shards(tmp_path / "out").manifest.pieces

    assert [manifest.pieces[place] for place in range(-3, 4)] == [pieces[place] for place in range(-3, 4)]
    assert manifest.pieces[2:9:3] == pieces[2:9:3]
    assert pickle.loads(pickle.dumps(manifest)).pieces == copy.deepcopy(manifest).pieces == pieces
    with pytest.raises(IndexError):
        manifest.pieces[len(pieces)]


def test_links_to_folders_are_not_followed(tmp_path):
    """One may lead in a circle; very many folders in one another are no matter."""
    corpus = write_corpus(tmp_path / "tunes", num_tunes=1)
    (corpus / "more" / "again").symlink_to(corpus)
    deep = corpus / "d"
    for _ in range(400):
        deep /= "d"
    deep.mkdir(parents=True)
    write_tune(deep / "deep.mid", 7)

    names = [piece.name for piece in prepare_corpus([corpus], tmp_path / "out", HALVES).pieces]

    assert names == sorted(["tune0.mid", "more/copy0.mid", "d/" * 401 + "deep.mid"])


def test_links_to_nothing_are_bad_files_and_pipes_are_none(tmp_path):
    """A broken link is listed; a pipe, which would never end, is not opened."""
    corpus = write_corpus(tmp_path / "tunes", num_tunes=1)
    (corpus / "lost.mid").symlink_to(tmp_path / "nowhere.mid")
    os.mkfifo(corpus / "pipe.mid")

    manifest = prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert sum(manifest.bad_files.values()) == 1
    assert '"lost.mid"' in (tmp_path / "out" / "report.json").read_text()


def test_a_folder_that_cannot_be_listed_is_not_left_out_in_silence(corpus, tmp_path, monkeypatch):
    """A corpus without some of its folders would be another one."""
    real = os.scandir

    def scandir(path):
        if Path(path).name == "more":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    with pytest.raises(DataError, match=r"more: cannot be listed \(Permission denied\); mend"):
        prepare_corpus([corpus], tmp_path / "out", HALVES)


def test_a_fault_of_ours_costs_one_file_only(corpus, tmp_path, monkeypatch):
    """An error that nobody foresaw is a reason like others."""

    def read(path):
        if path.name == "tune3.mid":
            raise RecursionError("too deep")
        return real(path)

    from seqvae.dataset.pieces import read_bytes as real

    monkeypatch.setattr("seqvae.dataset.pieces.read_bytes", read)

    manifest = prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert manifest.bad_files == {"unexpected RecursionError": 1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            MidiError("/a/b.mid: cut off 12 bytes early; save it again"), "cut off N bytes early", id="midi"
        ),
        pytest.param(MidiError("type 'x' is odd (in /a/b.mid)"), "type ... is odd", id="quoted"),
        pytest.param(PermissionError(13, "Permission denied", "/a/b.mid"), "permission denied", id="system"),
        pytest.param(MidiError(""), "MidiError", id="silent"),
    ],
)
def test_reasons_are_classes_of_faults(error, reason, tmp_path):
    """What differs from file to file is no part of a reason."""
    assert reason_of(error, Path("/a/b.mid"))[0] == reason


def test_short_pieces_are_counted(tmp_path):
    """A piece shorter than a window is told, not lost."""
    write_tune(tmp_path / "tunes" / "long.mid", 1, num_bars=16)
    write_tune(tmp_path / "tunes" / "short.mid", 2, num_bars=15)

    manifest = prepare_corpus([tmp_path / "tunes"], tmp_path / "out", PrepareSettings(bars=16))

    assert manifest.skipped_pieces == {"shorter than 16 bars": 1}
    assert manifest.num_windows("train") == 1
    assert "pieces without a window: 1 shorter than 16 bars" in summary_lines(manifest)


def test_several_corpora_are_told_apart(tmp_path):
    """Every window knows its corpus, the name of its folder, in whatever order the corpora were given."""
    corpora = [
        write_corpus(tmp_path / name, first_seed=seed) for name, seed in (("waltzes", 50), ("airs", 90))
    ]

    manifest = prepare_corpus(corpora, tmp_path / "one", HALVES)
    prepare_corpus(corpora[::-1], tmp_path / "two", HALVES)

    assert manifest.corpora == ("airs", "waltzes")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    train = open_shards(tmp_path / "one").split("train")
    assert [int((train.corpus_indices == place).sum()) for place in (0, 1)] == [
        manifest.counts["train"][corpus]["windows"] for corpus in manifest.corpora
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("missing", "missing: not a folder", id="missing"),
        pytest.param("empty", "empty: no MIDI files here", id="empty"),
        pytest.param("broken", "none of 1 files can be used: 1 not a MIDI file", id="broken"),
        pytest.param("short", "none of 1 files can be used: 1 without a window of 2 bars", id="short"),
    ],
)
def test_a_corpus_without_music_is_refused(tmp_path, name, message):
    """Nothing is written where there is nothing to train on, and the reason is told."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "text.mid").write_text("no music")
    write_tune(tmp_path / "short" / "short.mid", 1, num_bars=1)

    with pytest.raises(DataError, match=message):
        prepare_corpus([tmp_path / name], tmp_path / "out", PrepareSettings())

    assert not (tmp_path / "out").exists()


def test_two_corpora_of_one_name_are_refused(tmp_path):
    """Results are printed per corpus, so names must differ."""
    for place in ("a", "b"):
        write_tune(tmp_path / place / "tunes" / "tune.mid", 1)

    with pytest.raises(DataError, match="a second corpus named 'tunes'"):
        prepare_corpus([tmp_path / "a/tunes", tmp_path / "b/tunes"], tmp_path / "out", PrepareSettings())


def test_shards_are_replaced_only_with_force(corpus, tmp_path):
    """What is there stays, until force is given."""
    prepare = partial(prepare_corpus, [corpus], tmp_path / "out")
    prepare(HALVES)

    with pytest.raises(OutputError, match="out: already holds shards; replace them with --force"):
        prepare(PrepareSettings(bars=4))
    assert open_shards(tmp_path / "out").manifest.bars == 2
    prepare(PrepareSettings(bars=4), force=True)

    assert open_shards(tmp_path / "out").manifest.bars == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_force_never_replaces_anything_but_shards(corpus, tmp_path):
    """A slip of the hand with --force must not cost a folder of work."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")

    with pytest.raises(OutputError, match=r"out: holds 'thesis\.txt', not a file of shards"):
        prepare_corpus([corpus], tmp_path / "out", HALVES, force=True)


def test_a_run_that_fails_leaves_the_old_shards(corpus, tmp_path, monkeypatch):
    """New shards take the place of the old ones whole or not at all."""
    prepare_corpus([corpus], tmp_path / "out", HALVES)
    before = bytes_of(tmp_path / "out")

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepare_module, "write_report", disk_full)
    with pytest.raises(OutputError, match=r"out: cannot be written \(No space left on device\)"):
        prepare_corpus([corpus], tmp_path / "out", HALVES, force=True)

    assert bytes_of(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.partial", "out"]


def test_progress_ends_at_all_files(corpus, tmp_path):
    """A listener hears how many files are done."""
    heard = []

    prepare_corpus(
        [corpus], tmp_path / "out", HALVES, on_progress=lambda done, total: heard.append((done, total))
    )

    assert heard[-1] == (16, 16)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"bars": 0}, r"bars 0 is outside 1\.\.64", id="bars"),
        pytest.param({"valid_share": 0.6, "test_share": 0.4}, "must leave something", id="shares"),
        pytest.param({"test_share": -0.1}, "must not be negative", id="negative share"),
        pytest.param({"same_music_share": 0.0}, "same-music share 0.0", id="same music"),
        pytest.param({"seed": -1}, "seed is -1; choose 0 or more", id="seed"),
    ],
)
def test_settings_outside_their_range_are_refused(changes, message):
    """A setting that cannot work is told before any file is read."""
    with pytest.raises(ConfigError, match=message):
        PrepareSettings(**changes)


def test_the_working_folder_is_not_replaced(tmp_path, monkeypatch):
    """Shards take the place of a folder, which who stands in it would not notice; links are none."""
    write_corpus(tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="the folder that you are in cannot be replaced"):
        prepare_corpus(["corpus"], ".", PrepareSettings())
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(OutputError, match="a link to nothing"):
        prepare_corpus(["corpus"], "link", PrepareSettings())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "link"]
