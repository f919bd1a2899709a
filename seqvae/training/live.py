"""What people see of a run: a table on a terminal, plain lines elsewhere; always on stderr."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from seqvae.training.metrics import Record

COLUMNS = {  # metric -> heading, format
    "loss": ("loss", ".2f"),
    "reconstruction": ("reconstruction", ".2f"),
    "kl": ("KL nats", ".2f"),
    "kl_bits": ("bits", ".1f"),
    "beta": ("beta", ".4g"),
    "active_units": ("active units", "d"),
    "accuracy": ("right", ".4f"),
    "teacher_forced": ("teacher-forced", ".4f"),
    "free_running": ("free-running", ".4f"),
    "teacher_forced_onsets": ("onsets, teacher-forced", ".4f"),
    "free_running_onsets": ("onsets, free-running", ".4f"),
    **{
        f"{metric}_{voice}": (f"{voice}, {heading}", ".4f")
        for voice in ("melody", "bass", "drums")
        for metric, heading in (("free_running", "free-running"), ("free_running_onsets", "onsets"))
    },
    "exact": ("exact", ".4f"),
    "sequences_per_second": ("sequences/s", ".1f"),
    "skipped": ("skipped", "d"),
}


class View(Protocol):
    """What a run tells its watcher."""

    def show(self, record: Record, *, seconds_left: float | None) -> None:
        """Show metrics of kind train or valid."""

    def say(self, text: str) -> None:
        """Show a sentence that stays."""

    def open(self) -> AbstractContextManager[object]:
        """Return the context inside which things are shown."""


def choose_view(num_steps: int) -> View:
    """Return a table where stderr is a terminal, lines elsewhere."""
    console = Console(stderr=True)
    return TableView(console, num_steps) if console.is_terminal else LineView(console, num_steps)


class NoView:
    """Nothing: of several processes one speaks."""

    def open(self) -> AbstractContextManager[object]:
        """Nothing has to be set up."""
        return nullcontext()

    def show(self, record: Record, *, seconds_left: float | None) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


class LineView:
    """One line for each record."""

    def __init__(self, console: Console, num_steps: int) -> None:
        """Write to a console."""
        self._console = console
        self._num_steps = num_steps

    def open(self) -> AbstractContextManager[object]:
        """Nothing has to be set up."""
        return nullcontext()

    def show(self, record: Record, *, seconds_left: float | None) -> None:
        """Write a line."""
        left = "" if seconds_left is None else f"  {clock(seconds_left)} left"
        self.say(record_line(record, self._num_steps) + left)

    def say(self, text: str) -> None:
        """Write a line."""
        self._console.print(Text(text), soft_wrap=True)


class TableView:
    """A table that is drawn over, with sentences and validation lines above it."""

    def __init__(self, console: Console, num_steps: int) -> None:
        """Draw on a console."""
        self._console = console
        self._num_steps = num_steps
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._latest: dict[str, Record] = {}

    def open(self) -> AbstractContextManager[object]:
        """Begin to draw."""
        return self._live

    def show(self, record: Record, *, seconds_left: float | None) -> None:
        """Draw the table anew; validation lines stay above it."""
        self._latest[str(record["kind"])] = record
        if record["kind"] == "valid":
            self.say(record_line(record, self._num_steps))
        step = f"step {record['step']} of {self._num_steps}"
        left = "" if seconds_left is None else f", {clock(seconds_left)} left"
        table = Table(title=step + left, title_justify="left")
        table.add_column("")
        for kind in self._latest:
            table.add_column({"train": "training", "valid": "held out"}[kind], justify="right")
        for metric, (heading, spec) in COLUMNS.items():
            cells = [format(r[metric], spec) if metric in r else "" for r in self._latest.values()]
            if any(cells):
                table.add_row(heading, *cells)
        self._live.update(table)

    def say(self, text: str) -> None:
        """Write a line above the table."""
        self._console.print(Text(text), soft_wrap=True)


def record_line(record: Record, num_steps: int) -> str:
    """Put a record into one line of text."""
    names = {"train": "step", "valid": "held out at step"}
    parts = [f"{names[str(record['kind'])]} {record['step']}/{num_steps}"]
    parts += [
        f"{heading} {format(record[metric], spec)}"
        for metric, (heading, spec) in COLUMNS.items()
        if metric in record and not (metric == "skipped" and not record[metric])
    ]
    return "  ".join(parts)


def clock(seconds: float) -> str:
    """Write a span of time as people do: 3:05 or 2:03:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
