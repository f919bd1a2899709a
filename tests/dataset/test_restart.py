import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from seqvae.dataset.corpus import list_sources
from seqvae.dataset.engines import LocalEngine
from seqvae.dataset.engines import _do as engines_do
from seqvae.dataset.journal import journal_beside
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.errors import OutputError
from tests.dataset.making import bytes_of, write_corpus, write_tune

KEPT = r"out: cannot be written \(No space left on device\); what is done is kept in .*\.out\.partial: "
HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)
KILLED = """
import os, signal, sys
from seqvae.dataset import prepare
from seqvae.dataset.settings import PrepareSettings
prepare.FILES_PER_TASK = 2
def kill(done, total):
    if done >= total // 2:
        os.kill(os.getpid(), signal.SIGKILL)
settings = PrepareSettings(valid_share=0.25, test_share=0.25)
prepare.prepare_corpus(sys.argv[1:2], sys.argv[2], settings, num_workers=2, on_progress=kill)
"""


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Sixteen tunes, two to a task."""
    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 2)
    return write_corpus(tmp_path / "tunes")


@pytest.fixture
def read(monkeypatch):
    """List the names of the files that are encoded."""
    from seqvae.dataset.chunks import encode_file

    names = []

    def encode(source, settings):
        names.append(source.name)
        return encode_file(source, settings)

    monkeypatch.setattr("seqvae.dataset.chunks.encode_file", encode)
    return names


def interrupted_after(num_files):
    """Return a listener that behaves as Ctrl-C would."""

    def listen(done, total):
        if done >= num_files:
            raise KeyboardInterrupt

    return listen


def stop(corpus, out, num_files):
    """Prepare a corpus and press Ctrl-C after some files."""
    with pytest.raises(KeyboardInterrupt):
        prepare_corpus([corpus], out, HALVES, on_progress=interrupted_after(num_files))


def test_a_killed_run_goes_on_to_the_same_bytes(corpus, tmp_path, read):
    """After kill -9 in the middle nothing finished is read again, the workers end, and no byte differs."""
    out = tmp_path / "out"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(corpus), str(out)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not out.exists()
    num_done = 2 * len(list((tmp_path / ".out.partial").glob("*.done.npz")))
    assert num_done >= 8

    prepare_corpus([corpus], out, HALVES)
    assert len(read) <= 16 - num_done
    prepare_corpus([corpus], tmp_path / "whole", HALVES)

    assert bytes_of(out) == bytes_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tunes", "whole"]


def test_only_what_is_missing_is_read(corpus, tmp_path, read):
    """What was done before Ctrl-C is not done again."""
    stop(corpus, tmp_path / "out", 6)
    before = len(read)

    prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert (before, len(read)) == (6, 16)


def test_a_file_that_changed_meanwhile_is_read_again(corpus, tmp_path, read):
    """The shards are those of the files as they are, not as they were."""
    stop(corpus, tmp_path / "out", 16)
    (corpus / "tune3.mid").unlink()
    write_tune(corpus / "tune3.mid", 77, num_bars=14)
    del read[:]

    prepare_corpus([corpus], tmp_path / "out", HALVES)
    assert "tune3.mid" in read
    assert len(read) == 2
    prepare_corpus([corpus], tmp_path / "whole", HALVES)

    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_other_settings_share_nothing(corpus, tmp_path, read):
    """What was done for windows of another length does not count."""
    stop(corpus, tmp_path / "out", 16)
    del read[:]

    prepare_corpus([corpus], tmp_path / "out", PrepareSettings(bars=4))

    assert len(read) == 16


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[:-100], id="cut off"),
        pytest.param(lambda data: data.replace(b'"repairs"', b'"repairz"'), id="another byte"),
    ],
)
def test_a_damaged_result_is_made_again(damage, corpus, tmp_path, read):
    """What a failing disk left of a result counts as not done."""
    stop(corpus, tmp_path / "out", 16)
    victim = sorted((tmp_path / ".out.partial").glob("*.done.npz"))[3]
    victim.write_bytes(damage(victim.read_bytes()))
    del read[:]

    prepare_corpus([corpus], tmp_path / "out", HALVES)
    assert len(read) == 2
    prepare_corpus([corpus], tmp_path / "whole", HALVES)

    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_a_lost_worker_is_one_line(corpus, tmp_path, monkeypatch):
    """A worker that the system ends costs the run, but not what was done: here nothing."""
    from seqvae.dataset.journal import StoppedError

    engine = LocalEngine(2)
    monkeypatch.setattr("seqvae.dataset.engines._do", _die)

    with pytest.raises(StoppedError, match="run the same again, with fewer --workers: what is done is kept"):
        prepare_corpus([corpus], tmp_path / "out", HALVES, engine=engine)

    assert list(tmp_path.iterdir()) == [corpus]


@pytest.mark.parametrize("num_workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_full_disk_costs_nothing_that_was_done(corpus, tmp_path, read, monkeypatch, num_workers):
    """What is whole stays, half a result does not, and the same command goes on from there."""
    monkeypatch.setattr("seqvae.dataset.engines._do", _do_until_full)
    with pytest.raises(OutputError, match=KEPT):
        prepare_corpus([corpus], tmp_path / "out", HALVES, num_workers=num_workers)
    left = [path.name for path in (tmp_path / ".out.partial").iterdir()]
    assert left
    assert all(name.endswith(".done.npz") for name in left)
    monkeypatch.undo()

    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 2)
    prepare_corpus([corpus], tmp_path / "out", HALVES)
    prepare_corpus([corpus], tmp_path / "whole", HALVES)

    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tunes", "whole"]


def test_a_disk_that_fills_at_the_shards_costs_no_reading(corpus, tmp_path, read, monkeypatch):
    """All files are read by then, and none is read again; nothing of the shards is left."""
    with monkeypatch.context() as full:
        full.setattr("seqvae.dataset.array_file.ArrayFile.append", _full)
        with pytest.raises(OutputError, match=KEPT):
            prepare_corpus([corpus], tmp_path / "out", HALVES)
    assert {path.suffix for path in (tmp_path / ".out.partial").iterdir()} == {".npz"}
    del read[:]

    prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert read == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tunes"]


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _do_until_full(files, settings, journal, key):
    """Finish three tasks; then the disk is full in the middle of a result."""
    if len(list(journal.folder.glob("*.done.npz"))) >= 3:
        with patch("os.fdopen", _full):
            engines_do(files, settings, journal, key)
    engines_do(files, settings, journal, key)


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_file_in_the_way_is_named(corpus, tmp_path):
    """A journal that cannot be written ends as any output that cannot."""
    (tmp_path / ".out.partial").write_text("in the way")

    with pytest.raises(OutputError, match=r"out: cannot be written \(File exists\)"):
        prepare_corpus([corpus], Path(tmp_path / "out"), HALVES)


def test_shards_are_prepared_by_one_process(corpus, tmp_path):
    """A second run for the same shards is refused until the first ends, and disturbs nothing."""
    with journal_beside(tmp_path / "out") as journal:
        journal.write("kept", b"work of the first")
        with pytest.raises(OutputError, match=r"out: another process prepares it; wait for that or choose"):
            prepare_corpus([corpus], tmp_path / "out", HALVES)
        assert journal.path("kept").exists()

    prepare_corpus([corpus], tmp_path / "out", HALVES)


def test_shards_of_another_process_are_not_replaced(corpus, tmp_path, monkeypatch):
    """What appears between the check of a new run and its beginning stays."""

    def overtaken(folders):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "manifest.json").write_text("of the other")
        return list_sources(folders)

    monkeypatch.setattr("seqvae.dataset.prepare.list_sources", overtaken)
    with pytest.raises(OutputError, match=r"out: already holds shards; replace them with --force$"):
        prepare_corpus([corpus], tmp_path / "out", HALVES)

    assert (tmp_path / "out" / "manifest.json").read_text() == "of the other"
