"""This machine's processors as the engine of a run."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess

from seqvae.dataset.chunks import encode_task
from seqvae.dataset.journal import Journal, StoppedError
from seqvae.dataset.pieces import Source
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.tasks import Work

TASKS_AHEAD = 2  # for each process, so that none waits for the next


def num_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class LocalEngine:
    """Processes of this machine; one works in the process itself."""

    num_workers: int = 1

    def run(self, work: Work, pending: Sequence[int]) -> Iterator[int]:
        """Leave the results of these tasks in the journal; yield their numbers as they are done."""
        num_workers = min(self.num_workers, len(pending))
        return _in_processes(work, pending, num_workers) if num_workers > 1 else _one_by_one(work, pending)


def _one_by_one(work: Work, pending: Sequence[int]) -> Iterator[int]:
    for number in pending:
        _do(work.files(number), work.settings, work.journal, work.keys[number])
        yield number


def _do(files: Sequence[Source], settings: PrepareSettings, journal: Journal, key: str) -> None:
    journal.write(key, encode_task(files, settings))


def _in_processes(work: Work, pending: Sequence[int], num_workers: int) -> Iterator[int]:
    """Keep all processes busy; only names go there, and nothing comes back but that it is done."""
    context = get_context("spawn")  # a fork of a process that has started torch's threads can hang
    pool = ProcessPoolExecutor(num_workers, mp_context=context, initializer=_end_with_parent)
    at_work: dict[Future[None], int] = {}
    try:
        for number in pending:
            future = pool.submit(_do, work.files(number), work.settings, work.journal, work.keys[number])
            at_work[future] = number
            if len(at_work) >= TASKS_AHEAD * num_workers:
                yield from _finished(at_work)
        while at_work:
            yield from _finished(at_work)
    except BrokenProcessPool as error:
        raise StoppedError(
            "a worker was ended from outside or ran out of memory; run the same again, with fewer --workers: "
            "what is done is kept"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _finished(at_work: dict[Future[None], int]) -> Iterator[int]:
    """Wait for any task and yield the numbers of those that are done, which leave the table."""
    done, _ = wait(at_work, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
        yield at_work.pop(future)


def _end_with_parent() -> None:
    """Let the parent alone hear Ctrl-C, and end when it is gone, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
