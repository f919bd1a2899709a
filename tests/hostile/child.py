"""Reads one MIDI file in a process of its own, under limits of memory and time that the system enforces."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

MOST_MEMORY = 500 * 10**6  # bytes of address space, the interpreter and its libraries included
MOST_SECONDS = 10  # of the processor
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # others reserve room on large machines


class Cost(NamedTuple):
    """What reading a file came to."""

    outcome: str  # "read", or the message of the error
    seconds: float  # of the processor
    megabytes: float  # resident at most, interpreter included


def read_in_child(path: Path) -> Cost:
    """Read a file in a child under the limits; RuntimeError with its last words where it dies."""
    code = "from tests.hostile.child import read_here; import sys; read_here(sys.argv[1])"
    child = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **ONE_THREAD},
        cwd=Path(__file__).parent.parent.parent,
    )
    if child.returncode:
        raise RuntimeError(f"{path.name}: exit {child.returncode} {child.stderr[-500:]}")
    return Cost(**json.loads(child.stdout))


def read_here(name: str) -> None:
    """Set the limits, read, and print the cost as JSON."""
    from seqvae.errors import MidiError
    from seqvae.midi.read import read_score

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    before = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS + int(before.ru_utime) + 1, MOST_SECONDS + 10))
    outcome = "read"
    try:
        read_score(name)
    except MidiError as error:
        outcome = str(error).removeprefix(f"{name}: ")
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    json.dump(Cost(outcome, seconds, most_megabytes())._asdict(), sys.stdout)


def most_megabytes() -> float:
    """Return what this process had resident at most; getrusage counts the parent that it was forked from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(peak) * 1024 / 1e6
