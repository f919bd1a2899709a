#!/usr/bin/env python3
"""Time `seqvae prepare`: files a second beside mido and pretty_midi, memory over the corpus, cores.

    scripts/bench_prepare.py [CORPUS] [--files 300] [--sizes 1000 10000] [--workers 1 2]

CORPUS is a folder of MIDI files; without one, tunes are made up. --files of them are read in turn by every
reader, in one process, and the seconds are those of the processor, so that other work on the machine does
not count: read them as ratios. Then corpora of these --sizes are made up and prepared, up to 100,000 files,
and at last CORPUS, or the largest of them, with each number of --workers. --sizes and --workers without
numbers leave these out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import NamedTuple

import mido
import numpy as np
import pretty_midi

from seqvae.dataset.chunks import encode_task
from seqvae.dataset.corpus import Sources, list_sources
from seqvae.dataset.pieces import Source
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.tasks import FILES_PER_TASK
from seqvae.dataset.windows import cut, keys_of, window_starts
from seqvae.midi.read import read_score

SETTINGS = PrepareSettings()
STEPS = SETTINGS.steps_per_bar
BARS = 8  # of a tune that is made up
FILES_AT_ONCE = FILES_PER_TASK  # before the next reader has its turn
MOST_FILES = 100_000
CHILD = """
import json, resource, sys, time
from pathlib import Path
from seqvae.dataset.engines import LocalEngine
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings

def own_peak(usage):
    # the system's own count of a child begins at what its parent had
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return (peaks[0] if peaks else usage.ru_maxrss) / 1000

if __name__ == "__main__":
    start = time.perf_counter()
    engine = LocalEngine(int(sys.argv[3]))
    manifest = prepare_corpus([sys.argv[1]], sys.argv[2], PrepareSettings(), engine=engine)
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({
        "files": manifest.num_files,
        "wall": time.perf_counter() - start,
        "own": own.ru_utime + own.ru_stime,
        "workers": workers.ru_utime + workers.ru_stime,
        "own_mb": own_peak(own),
        "worker_mb": workers.ru_maxrss / 1000,
    }))
"""


class Run(NamedTuple):
    """What it cost to prepare a corpus."""

    files: int
    wall: float  # seconds
    own: float  # seconds of the processor, of the process that was started
    workers: float  # seconds of the processor, of all its workers
    own_mb: float  # at its peak
    worker_mb: float  # at the peak of the largest


def main(arguments: Sequence[str] | None = None) -> None:
    """Print three tables."""
    options = read_options(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        largest = max([options.files, *options.sizes])
        made_up = make_tunes(folder / "tunes", largest)
        corpus = options.corpus or made_up
        print_readers(list_sources([corpus]), options.files)
        if options.sizes:
            print(f"\nmade-up tunes of {BARS} bars, one worker")
            print("| files | processor s | MB at the peak | files/s |\n|--:|--:|--:|--:|")
        for size in options.sizes:
            print_size(prepare(first_of(made_up, size, folder), folder, 1))
        if options.workers:
            print(f"\n{corpus.name}, by workers")
            print("| workers | wall s | speed-up | processor s | of it in the first process |")
            print("|--:|--:|--:|--:|--:|")
            print_workers([(number, prepare(corpus, folder, number)) for number in options.workers])


def print_readers(sources: Sources, num_files: int) -> None:
    """Print how many files each reader takes in a second."""
    places = np.linspace(0, len(sources) - 1, min(num_files, len(sources))).astype(int).tolist()
    paths = [Path(str(sources[place].path)) for place in places]
    for path in paths:
        path.read_bytes()  # the disk has its turn before anybody is timed
    for read in READERS.values():
        read(paths[:1])  # nor are imports and first calls timed
    seconds = dict.fromkeys(READERS, 0.0)
    for start in range(0, len(paths), FILES_AT_ONCE):
        for name, read in READERS.items():
            seconds[name] += timed(read, paths[start : start + FILES_AT_ONCE])
    ours = seconds[OURS]
    print(f"{len(paths)} files of {sources.corpora[0].name}")
    print("| | files/s | times the time of prepare |\n|---|--:|--:|")
    for name, spent in seconds.items():
        print(f"| {name} | {len(paths) / spent:,.0f} | {spent / ours:.2f} |")


def timed(read: Callable[[list[Path]], object], paths: list[Path]) -> float:
    """Return the seconds of the processor that reading files takes."""
    start = process_time()
    read(paths)
    return process_time() - start


def prepare_files(paths: list[Path]) -> bytes:
    """Do all that prepare does with each file: read, choose the melody, encode, window, hash."""
    return encode_task([Source("tunes", path.name, path) for path in paths], SETTINGS)


def each(read: Callable[[Path], object]) -> Callable[[list[Path]], None]:
    """Return a reader of several files, each of which may fail."""

    def read_all(paths: list[Path]) -> None:
        for path in paths:
            try:
                read(path)
            except Exception as error:  # noqa: BLE001  # these readers raise whatever they hit
                print(f"{path.name}: {type(error).__name__}", file=sys.stderr)

    return read_all


def windows_by_pretty_midi(path: Path) -> None:
    """Do what a corpus of melodies asks for with pretty_midi: bars, steps, ids, windows and their hashes."""
    midi = pretty_midi.PrettyMIDI(str(path))
    downbeats = midi.get_downbeats()
    melody = max((part for part in midi.instruments if not part.is_drum), key=lambda part: len(part.notes))
    per_step = midi.resolution / 4
    ids = np.zeros(STEPS * (len(downbeats) + 1), dtype=np.int16)
    for note in melody.notes:
        start, end = (round(midi.time_to_tick(time) / per_step) for time in (note.start, note.end))
        ids[start:end] = 1
        ids[start : start + 1] = note.pitch + 3
    starts = window_starts([len(ids)], length=2 * STEPS, hop=STEPS)
    keys_of(cut(ids[:, None], starts, 2 * STEPS))


OURS = "seqvae prepare: read, encode, window, hash"
READERS: dict[str, Callable[[list[Path]], object]] = {
    OURS: prepare_files,
    "the same with pretty_midi": each(windows_by_pretty_midi),
    "seqvae, reading alone": each(read_score),
    "pretty_midi, reading alone": each(lambda path: pretty_midi.PrettyMIDI(str(path))),
    "mido, reading alone": each(mido.MidiFile),
}


def print_size(run: Run) -> None:
    """Print what a corpus of one size cost."""
    spent = run.own + run.workers
    rate = run.files / spent
    print(f"| {run.files:,} | {spent:.1f} | {run.own_mb:.0f} | {rate:.0f} |")


def print_workers(runs: Sequence[tuple[int, Run]]) -> None:
    """Print what each number of workers gained."""
    for number, run in runs:
        spent = run.own + run.workers
        share = f"{run.own / spent:.1%}" if run.workers else "all"
        print(f"| {number} | {run.wall:.1f} | {runs[0][1].wall / run.wall:.2f} | {spent:.1f} | {share} |")


def prepare(corpus: Path, folder: Path, num_workers: int) -> Run:
    """Prepare a corpus in a process of its own."""
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    out = folder / f"shards-{corpus.name}-{num_workers}"
    command = [sys.executable, str(script), str(corpus), str(out), str(num_workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))


def make_tunes(folder: Path, num_files: int) -> Path:
    """Make up tunes, a hundred to a folder; every tenth is the one before it in another key."""
    generator = np.random.default_rng(0)
    steps = np.empty(0, dtype=np.int64)
    for number in range(num_files):
        if number % 10 != 9:
            steps = generator.integers(-4, 5, size=8 * BARS)
        path = folder / f"{number // 100:04}" / f"{number:06}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tune(60 + number % 7 + np.cumsum(steps) % 20))
    return folder


def tune(pitches: Sequence[int]) -> bytes:
    """Write eighth notes as a MIDI file of 480 ticks per quarter note."""
    notes = b"".join(bytes((0, 0x90, pitch, 80, 0x81, 0x70, 0x80, pitch, 0)) for pitch in pitches)
    track = notes + b"\x00\xff\x2f\x00"
    header = b"MThd" + b"\x00\x00\x00\x06" + b"\x00\x00" + b"\x00\x01" + b"\x01\xe0"
    return header + b"MTrk" + len(track).to_bytes(4, "big") + track


def first_of(tunes: Path, num_files: int, folder: Path) -> Path:
    """Return a folder that holds the first tunes, as links."""
    part = folder / f"tunes-{num_files}"
    for path in sorted(tunes.rglob("*.mid"))[:num_files]:
        link = part / path.relative_to(tunes)
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, link)
    return part


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", type=Path, help="folder of MIDI files (default: made-up tunes)")
    parser.add_argument("--files", type=int, default=300, help="read by every reader (default %(default)s)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        default=[1000, 10_000],
        help="of corpora (default 1000 10000)",
    )
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="(default 1 2)")
    options = parser.parse_args(arguments)
    if max(options.sizes, default=0) > MOST_FILES:
        parser.error(f"{max(options.sizes)} files are more than {MOST_FILES}")
    return options


if __name__ == "__main__":
    main()
