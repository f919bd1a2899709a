#!/usr/bin/env python3
"""Read thousands of hostile MIDI files and print what became of them: outcomes, worst time and memory.

    scripts/fuzz_midi.py [--files 5000] [--seed 0] [--large] [--keep FOLDER]

The files are the named ones of tests/hostile/files.py, then mutations of them and of the sample clips. What
can be read goes on through the house: out to a file and back, and through the melody tokenizer. All of it
happens in children that the system ends at 500 MB of address space or ten seconds of CPU for a file; a child
that dies, or anything raised but a SeqvaeError, is a finding: the file is kept and the exit code is 1. With
--large each of the files near the limits is read too, in a child of its own.
"""

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the generator of hostile files lives with the tests

from tests.hostile.child import MOST_MEMORY, MOST_SECONDS, ONE_THREAD, read_in_child  # noqa: E402

os.environ.update(ONE_THREAD)  # before numpy is there

import numpy as np  # noqa: E402

from seqvae.dataset.reasons import reason_of  # noqa: E402  # the path comes first
from seqvae.errors import SeqvaeError  # noqa: E402
from seqvae.midi.read import read_score  # noqa: E402
from seqvae.midi.write import score_to_bytes  # noqa: E402
from seqvae.tokens.melody import MelodyTokenizer  # noqa: E402
from tests.hostile.files import LARGE, READ, REFUSED, mutate  # noqa: E402

FILES_PER_CHILD = 500
BYTES = Path("the MIDI bytes")  # how the reader names what has no name
FINDING = "FOUND"


class Case(NamedTuple):
    """A file to read."""

    name: str
    data: bytes


class Trial(NamedTuple):
    """What became of one file."""

    outcome: str
    seconds: float  # of the processor


def main(arguments: Sequence[str] | None = None) -> int:
    """Read all files, print what became of them, and return 1 where anything was found."""
    options = read_options(arguments)
    started = time.monotonic()
    every, memory = try_all(list(cases(options.files, options.seed)))
    print_table(Counter(trial.outcome.splitlines()[0] for _, trial in every))
    findings = [(case, trial) for case, trial in every if trial.outcome.startswith(FINDING)]
    dearest, worst = max(every, key=lambda pair: pair[1].seconds)
    print(
        f"\n{len(every):,} files, seed {options.seed}, {time.monotonic() - started:.0f} s:"
        f" {len(findings)} findings; the dearest file took {worst.seconds:.2f} s of CPU"
        f" ({dearest.name}, {len(dearest.data):,} bytes), the dearest child {memory:.0f} MB.\n"
    )
    for case, trial in findings:
        options.keep.mkdir(parents=True, exist_ok=True)
        path = options.keep / f"{case.name.replace('/', '-')}.mid"
        path.write_bytes(case.data)
        print(f"{path}: {trial.outcome}")
    if options.large:
        print_large()
    return int(bool(findings))


def cases(num_mutations: int, seed: int) -> Iterator[Case]:
    """Yield the named files, then mutations of them and of the clips, each drawn by its own number."""
    named = [Case(name, data) for name, (data, _) in {**READ, **REFUSED}.items()]
    clips = [Case(path.stem, path.read_bytes()) for path in sorted((ROOT / "data/clips").glob("*.mid"))]
    yield from named + clips
    seeds = [case for case in named if len(case.data) < 10_000] + clips * 5
    for index in range(num_mutations):
        base = seeds[index % len(seeds)]
        yield Case(f"{base.name} {seed}-{index}", mutate(base.data, np.random.default_rng([seed, index])))


def try_all(every: Sequence[Case]) -> tuple[list[tuple[Case, Trial]], float]:
    """Try all files in one child after another; return the trials and the megabytes of the dearest child."""
    done: list[tuple[Case, Trial]] = []
    most = 0.0
    while len(done) < len(every):
        batch = every[len(done) : len(done) + FILES_PER_CHILD]
        trials, megabytes = try_in_child(batch)
        done += zip(batch, trials, strict=False)
        most = max(most, megabytes)
    return done, most


def try_in_child(batch: Sequence[Case]) -> tuple[list[Trial], float]:
    """Try files in a fork under the limits, up to one that ends it; return its megabytes, too."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            try_here(batch, writer)
        finally:
            os._exit(0)  # whatever happened, the parent counts the lines
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as lines:
        trials = [Trial(*json.loads(line)) for line in lines]
    _, status, usage = os.wait4(child, 0)
    if len(trials) < len(batch):
        trials.append(Trial(f"{FINDING}: the process ended with status {status}", 0.0))
    return trials, usage.ru_maxrss * 1024 / 1e6


def try_here(batch: Sequence[Case], writer: int) -> None:
    """Set the limits and write a line for each file."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for case in batch:
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)  # its signal ends the process
        before = time.process_time()
        outcome = outcome_of(case.data)
        trial = Trial(outcome, time.process_time() - before)
        os.write(writer, f"{json.dumps(trial)}\n".encode())


def outcome_of(data: bytes) -> str:
    """Send a file through the house and say what became of it, as a class of outcomes."""
    try:
        return outcome_of_reading(data)
    except Exception:  # noqa: BLE001  # whatever it is, it is a finding
        lines = traceback.format_exc().splitlines()
        return "\n".join([f"{FINDING}: {lines[-1]}", *lines])


def outcome_of_reading(data: bytes) -> str:
    """Read, encode, write and read again; what is refused on the way tells its class."""
    try:
        score = read_score(data)
    except SeqvaeError as error:
        return f"refused: {reason_of(error, BYTES)[0]}"
    how = "mended" if score.repairs else "read as it is"
    try:
        if read_score(score_to_bytes(score)) != score:
            return f"{FINDING}: not the same after writing"
        clips = MelodyTokenizer().encode_spans(score)
    except SeqvaeError as error:
        return f"{how}; then refused: {reason_of(error, BYTES)[0]}"
    return f"{how}; melody on the grid" if clips else f"{how}; no bar fits the grid"


def print_table(counts: Counter[str]) -> None:
    """Print outcomes and counts in Markdown, the most frequent first."""
    print("| files | outcome |\n|--:|---|")
    for outcome, count in counts.most_common():
        print(f"| {count:,} | {outcome} |")


def print_large() -> None:
    """Read each of the files near the limits in a child of its own and print what it cost."""
    print("| file | MB | seconds of CPU | MB of memory | outcome |\n|---|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.mid"
        for name, write in LARGE.items():
            path.write_bytes(write())
            cost = read_in_child(path)
            size = path.stat().st_size / 1e6
            print(f"| {name} | {size:.1f} | {cost.seconds:.1f} | {cost.megabytes:.0f} | {cost.outcome} |")


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5000, help="mutations (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all mutations (default %(default)s)")
    parser.add_argument("--large", action="store_true", help="read the files near the limits, too")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="folder for findings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
