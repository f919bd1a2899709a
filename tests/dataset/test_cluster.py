import json
import os
import signal
import sys
from pathlib import Path

import pytest

from seqvae.dataset.cluster import DaskEngine, encode_there
from seqvae.dataset.journal import StoppedError
from seqvae.dataset.pieces import Source
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.errors import DataError
from tests.dataset.making import bytes_of, write_corpus

HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)


@pytest.fixture
def cluster():
    """Start a scheduler and two workers, a process each."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_that_loses_a_worker_writes_the_same_bytes(cluster, tmp_path, monkeypatch):
    """One of two workers is killed in the middle: its tasks are done again, and no byte differs."""
    corpus = write_corpus(tmp_path / "tunes", num_tunes=12)
    (corpus / "broken.mid").write_bytes(b"MThd")
    monkeypatch.setattr("seqvae.dataset.prepare.FILES_PER_TASK", 1)
    victim = cluster.workers[0].pid
    heard = []

    def kill(done, total):
        heard.append((done, total))
        if done == 5:
            os.kill(victim, signal.SIGKILL)

    prepare_corpus([corpus], tmp_path / "local", HALVES)
    (tmp_path / "cluster.json").write_text(json.dumps({"address": cluster.scheduler_address}))
    engine = DaskEngine(str(tmp_path / "cluster.json"))
    prepare_corpus([corpus], tmp_path / "dask", HALVES, engine=engine, on_progress=kill)

    assert heard[-1] == (25, 25)
    assert victim not in {worker.pid for worker in cluster.workers.values()}
    assert bytes_of(tmp_path / "local") == bytes_of(tmp_path / "dask")
    assert not (tmp_path / ".dask.partial").exists()


def test_a_scheduler_that_is_not_there_is_named(tmp_path):
    """One line says what to start; what was done before would be kept."""
    pytest.importorskip("distributed")
    corpus = write_corpus(tmp_path / "tunes", num_tunes=1)

    (tmp_path / "odd.json").write_text("[]")
    for address in ("tcp://127.0.0.1:9", str(tmp_path / "missing.json"), str(tmp_path / "odd.json")):
        with pytest.raises(DataError, match=r"no Dask scheduler answers; start one with dask scheduler"):
            prepare_corpus([corpus], tmp_path / "out", HALVES, engine=DaskEngine(address, 0.3))


def test_without_dask_the_way_to_get_it_is_told(tmp_path, monkeypatch):
    """The optional package is asked for by its command."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    corpus = write_corpus(tmp_path / "tunes", num_tunes=1)

    with pytest.raises(DataError, match=r"needs Dask; install it with pip install 'dask\[distributed\]'"):
        prepare_corpus([corpus], tmp_path / "out", HALVES, engine=DaskEngine("tcp://127.0.0.1:9"))


def test_a_worker_that_cannot_help_says_why():
    """A worker of another version, or without the corpus, ends the run: no file is counted as bad."""
    elsewhere = [Source("tunes", "a.mid", Path("nowhere/a.mid"))]

    with pytest.raises(StoppedError, match=r"runs seqvae .*, not 0\.0; install the same there"):
        encode_there(elsewhere, HALVES, "0.0")
    from seqvae import __version__

    with pytest.raises(StoppedError, match=r"sees no nowhere/a\.mid; mount the corpus there"):
        encode_there(elsewhere, HALVES, __version__)
