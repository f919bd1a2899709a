"""Several processes of one run, as torchrun starts them."""

import faulthandler
import os
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.training.killing import forks

PATIENCE = 60


def run_several(count: int, work: Callable[..., None], *arguments: object, log: Path) -> list[str]:
    """Let processes do the same work together; return how each ended: nothing, or what it raised."""
    log.mkdir(parents=True, exist_ok=True)
    port, context = free_port(), forks()
    processes = [
        context.Process(target=_work, args=(rank, count, port, log, work, arguments)) for rank in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [(log / str(rank)).read_text() for rank in range(count)]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _work(
    rank: int, count: int, port: int, log: Path, work: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "MASTER_PORT": port}
    told |= {"MASTER_ADDR": "127.0.0.1", "TORCHELASTIC_RUN_ID": "test"}
    os.environ |= {name: str(value) for name, value in told.items()}
    with (log / str(rank)).open("w") as file:
        faulthandler.dump_traceback_later(PATIENCE, exit=True, file=file)
        try:
            work(*arguments)
        except BaseException:  # noqa: BLE001  # SystemExit, too
            file.write(traceback.format_exc())
        faulthandler.cancel_dump_traceback_later()
