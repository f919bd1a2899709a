"""A Dask cluster as the engine of a run: the same function for each file, on other machines."""

import json
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqvae import __version__
from seqvae.dataset.chunks import encode_task
from seqvae.dataset.journal import StoppedError
from seqvae.dataset.pieces import Source
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.tasks import Work

INSTALL = "pip install 'dask[distributed]'"
TASKS_AHEAD = 3  # for each thread of the cluster, so that none waits for the next
PATIENCE_SECONDS = 30  # for the scheduler and its first worker


@dataclass(frozen=True)
class DaskEngine:
    """The workers of a Dask scheduler; those that die are replaced by the others."""

    scheduler: str  # address, or the .json file that `dask scheduler --scheduler-file` writes
    patience_seconds: float = PATIENCE_SECONDS

    def run(self, work: Work, pending: Sequence[int]) -> Iterator[int]:
        """Leave the results of these tasks in the journal; yield their numbers as they are done."""
        if not pending:
            return
        client = _connect(self.scheduler, self.patience_seconds)
        try:
            yield from _work_off(client, work, pending)
        finally:
            client.close()


def _connect(scheduler: str, patience_seconds: float) -> Any:
    """Return a client once a worker is there."""
    try:
        from distributed import Client
    except ImportError as error:
        raise StoppedError(f"--engine dask needs Dask; install it with {INSTALL}") from error
    try:
        address = _address_in(Path(scheduler)) if scheduler.endswith(".json") else scheduler
        client = Client(address, timeout=patience_seconds, set_as_default=False)
    except (OSError, ValueError, KeyError, TypeError) as error:  # no file, no JSON, no address, no answer
        raise StoppedError(
            f"{scheduler}: no Dask scheduler answers; start one with dask scheduler and give its address"
        ) from error
    try:
        client.wait_for_workers(1, timeout=patience_seconds)
    except TimeoutError as error:
        client.close()
        raise StoppedError(
            f"{scheduler}: the scheduler has no workers; start some with dask worker {scheduler}"
        ) from error
    return client


def _address_in(path: Path) -> str:
    """Read the file of a scheduler; Dask itself would wait for ever for one that is not there."""
    return str(json.loads(path.read_text(encoding="utf-8"))["address"])


def _work_off(client: Any, work: Work, pending: Sequence[int]) -> Iterator[int]:
    """Keep all threads of the cluster busy, also of workers that come later."""
    from distributed import as_completed

    waiting = iter(pending)
    at_work: dict[Any, int] = {}
    finished = as_completed(loop=client.loop)  # without one it asks for a default client

    def submit() -> None:
        while len(at_work) < TASKS_AHEAD * max(1, sum(client.nthreads().values())):
            number = next(waiting, None)
            if number is None:
                return
            files, key = work.files(number), work.keys[number]
            future = client.submit(encode_there, files, work.settings, __version__, key=f"seqvae-{key}")
            at_work[future] = number
            finished.add(future)

    submit()
    for future in finished:
        number = at_work.pop(future)
        work.journal.write(work.keys[number], _result(future))
        future.release()
        yield number
        submit()


def _result(future: Any) -> bytes:
    from distributed import KilledWorker

    try:
        content: bytes = future.result()
    except KilledWorker as error:
        raise StoppedError(
            f"several workers died of the same files, or of their memory ({error}); give workers more memory"
        ) from error
    except (CancelledError, OSError) as error:
        raise StoppedError(
            "the connection to the Dask scheduler was lost; run the same again: what is done is kept"
        ) from error
    return content


def encode_there(files: Sequence[Source], settings: PrepareSettings, version: str) -> bytes:
    """Encode files on a worker; StoppedError where it sees none of them or runs another seqvae."""
    if version != __version__:
        raise StoppedError(
            f"worker {socket.gethostname()}: runs seqvae {__version__}, not {version}; install the same there"
        )
    paths = [source.path for source in files if isinstance(source.path, Path)]
    if paths and not any(map(Path.is_file, paths)):
        raise StoppedError(
            f"worker {socket.gethostname()}: sees no {paths[0]}; mount the corpus there under the same path,"
            " or name it by a URL"
        )
    return encode_task(files, settings)
