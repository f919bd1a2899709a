"""Ctrl-C and SIGTERM as a question that the loop asks between two steps."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """The signal that asked for an end, if one did."""

    def __init__(self) -> None:
        """Begin without one."""
        self.signal_number: int | None = None


@contextmanager
def catching_signals() -> Iterator[StopRequest]:
    """Note the first SIGINT or SIGTERM; a second one acts as if nobody listened."""
    request = StopRequest()
    before = {number: signal.getsignal(number) for number in STOPPING}

    def note(number: int, _frame: FrameType | None) -> None:
        request.signal_number = number
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    if current_thread() is not main_thread():  # only the main thread may listen
        yield request
        return
    for number in STOPPING:
        signal.signal(number, note)
    try:
        yield request
    finally:
        restore()
