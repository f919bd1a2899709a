#!/usr/bin/env python3
"""Walk from one tune to another and listen to the walk in numbers; tables in Markdown, exit 1 on a failure.

    scripts/check_walk.py A.mid B.mid [--model MODEL] [--steps 9]

The distances to both ends never turn back, no step equals both its neighbours unless the ends are alike,
midicsv finds everything inside the bar lines, and fluidsynth plays no step as silence. A program
that is not installed is skipped.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from seqvae.latent.report import WalkReport
    from seqvae.latent.results import Clips
    from seqvae.midi.notes import Score

SOUND_FONTS = sorted(Path("/usr/share/sounds/sf2").glob("*.sf2"), key=lambda path: path.stat().st_size)
QUIETEST = 500  # peak of 16-bit samples that counts as sound


class Check(NamedTuple):
    """What was looked at and what was found."""

    name: str
    passed: bool | None  # None: skipped
    found: str


class Row(NamedTuple):
    """One event as midicsv writes it."""

    track: int
    tick: int
    kind: str
    values: list[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Walk, check, print."""
    options = read_options(arguments)
    from seqvae.errors import SeqvaeError
    from seqvae.latent.load import load
    from seqvae.latent.music import default_model

    try:
        model = load(options.model or default_model([options.a, options.b]))
        walk = model.interpolate(options.a, options.b, steps=options.steps, seed=options.seed)
        with tempfile.TemporaryDirectory() as folder:
            files = walk.write(options.output or folder, force=options.force)["files"]
            paths = [Path(options.output or folder) / name for name in files if name.endswith(".mid")]
            peaks = [peak_of(path) for path in paths]
            checks = [*walk_checks(walk), check_bar_lines(paths), check_sound(paths, peaks)]
    except SeqvaeError as error:
        sys.exit(str(error))
    print("\n".join([*step_lines(walk, peaks), "", *check_lines(checks)]))
    sys.exit(any(check.passed is False for check in checks))


def walk_checks(walk: "Clips[WalkReport]") -> list[Check]:
    """Check what needs no other program."""
    to_a, to_b = zip(*(step.distances for step in walk.report.steps), strict=True)
    return [
        check_monotone("distance to A never falls", [one.steps for one in to_a]),
        check_monotone("distance to B never rises", [-one.steps for one in to_b]),
        check_moving(walk.scores),
    ]


def check_monotone(name: str, values: Sequence[float]) -> Check:
    """Check that values never fall."""
    falls = {number: a - b for number, (a, b) in enumerate(pairwise(values), 2) if b < a - 1e-9}
    told = ", ".join(f"step {number} by {fall:.3f}" for number, fall in falls.items())
    return Check(name, not falls, f"turns back at {told}" if falls else "at every step")


def check_moving(scores: Sequence["Score"]) -> Check:
    """Check that no step has the notes of the one before and of the one after, unless the ends are alike."""
    name = "no step equals both its neighbours"
    notes = [sorted(note[:3] for track in score.tracks for note in track.notes) for score in scores]
    if notes[0] == notes[-1]:
        return Check(name, True, "the ends are alike")
    stuck = [str(i + 1) for i in range(1, len(notes) - 1) if notes[i - 1] == notes[i] == notes[i + 1]]
    return Check(name, not stuck, f"steps {', '.join(stuck)} do" if stuck else "none does")


def check_bar_lines(paths: Sequence[Path]) -> Check:
    """Check that tracks end on one bar line, nothing comes after it, and metres change on bar lines."""
    name = "everything inside the bar lines (midicsv)"
    if not shutil.which("midicsv"):
        return Check(name, None, "midicsv is not installed")
    wrong = [f"{path.name}: {reason}" for path in paths for reason in bar_line_faults(rows_of(path))]
    return Check(name, not wrong, "; ".join(wrong) or f"{len(paths)} files")


def bar_line_faults(rows: Sequence[Row]) -> list[str]:
    """List what is wrong with the time of events, by the metres that the events themselves tell."""
    per_quarter = next(int(row.values[2]) for row in rows if row.kind == "Header")
    ends = [row.tick for row in rows if row.kind == "End_track"]
    metres = [(row.tick, *map(int, row.values[:2])) for row in rows if row.kind == "Time_signature"]
    faults = []
    if len(set(ends)) > 1:
        faults.append(f"tracks end at ticks {sorted(set(ends))}")
    if max(row.tick for row in rows) > min(ends):
        faults.append("events after the end")
    for (tick, numerator, power), until in zip(metres, [*(m[0] for m in metres[1:]), max(ends)], strict=True):
        bar = per_quarter * 4 * numerator // 2**power
        if (until - tick) % bar:
            faults.append(f"tick {until} is on no bar line")
    return faults


def check_sound(paths: Sequence[Path], peaks: Sequence[int | None]) -> Check:
    """Check that no file is silent."""
    name = "no step is silent (fluidsynth)"
    heard = [peak for peak in peaks if peak is not None]
    if not heard:
        return Check(name, None, "fluidsynth or a sound font is not installed")
    silent = [path.name for path, peak in zip(paths, heard, strict=True) if peak <= QUIETEST]
    return Check(name, not silent, f"silent: {', '.join(silent)}" if silent else f"peaks from {min(heard)}")


def peak_of(path: Path) -> int | None:
    """Play a file and return the largest sample of 16 bits; None where nothing can play it."""
    if not (shutil.which("fluidsynth") and SOUND_FONTS):
        return None
    with tempfile.TemporaryDirectory() as folder:
        samples, _ = sound_of(path, Path(folder) / "sound.wav")
    return int(np.abs(samples.astype(int)).max(initial=0))


def rows_of(path: Path) -> list[Row]:
    """List the events of a file as midicsv reads them."""
    text = subprocess.run(["midicsv", path], capture_output=True, text=True, check=True).stdout
    cells = csv.reader(text.splitlines(), skipinitialspace=True)
    return [Row(int(track), int(tick), kind, values) for track, tick, kind, *values in cells]


def sound_of(path: Path, wav: Path) -> tuple[NDArray[np.int16], int]:
    """Play a file: samples of all channels `(samples, 2)`, and samples per second."""
    command: list[str | Path]
    command = ["fluidsynth", "-ni", "-T", "wav", "-F", wav, "-r", "22050", SOUND_FONTS[0], path]
    subprocess.run(command, capture_output=True, check=True)
    with wave.open(str(wav)) as sound:
        data = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)
        return data.reshape(-1, sound.getnchannels()), sound.getframerate()


def step_lines(walk: "Clips[WalkReport]", peaks: Sequence[int | None]) -> list[str]:
    """Tabulate the steps; `peaks` may go on after them."""
    rows = [["step", "notes", "steps unlike A", "steps unlike B", "notes unlike A", "notes unlike B", "peak"]]
    for step, peak in zip(walk.report.steps, peaks, strict=False):
        a, b = step.distances
        apart = [f"{value:.3f}" for value in (a.steps, b.steps, a.onsets, b.onsets)]
        rows.append([step.label, str(step.num_notes), *apart, "-" if peak is None else str(peak)])
    return markdown(rows)


def check_lines(checks: Sequence[Check]) -> list[str]:
    """Tabulate the checks."""
    words = {True: "passed", False: "FAILED", None: "skipped"}
    return markdown([["check", "", "found"], *([c.name, words[c.passed], c.found] for c in checks)])


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as a table; the first one is its head."""
    return [f"| {' | '.join(row)} |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:])]


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", metavar="A.mid")
    parser.add_argument("b", metavar="B.mid")
    parser.add_argument("--model", help="name or folder (default: by the length of the tunes)")
    parser.add_argument("--steps", type=int, default=9, help="both ends counted (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="keep the walk in this folder")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
