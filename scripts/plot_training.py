#!/usr/bin/env python3
"""Draw curves over training, for one run or several, as a PNG.

    scripts/plot_training.py RUN... -o curves.png

Accuracies are those of the held-out windows that training looks at; bits are drawn for the batches it trains
on (lines) and for the held-out windows (dots). Needs matplotlib: pip install -c constraints.txt '.[plots]'
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]


class Curve(NamedTuple):
    """One number over the steps of a run."""

    steps: list[int]
    values: list[float]


class Panel(NamedTuple):
    """What one of the four drawings shows."""

    title: str
    name: str  # in metrics.jsonl
    kinds: tuple[str, ...]  # of records: train, valid
    num_smoothed: int = 1  # records of noisy batches that one point of the line averages


PANELS = (
    Panel("teacher-forced accuracy, held out", "teacher_forced", ("valid",)),
    Panel("free-running accuracy, held out", "free_running", ("valid",)),
    Panel("KL, bits a sequence", "kl_bits", ("train", "valid"), num_smoothed=5),
    Panel("beta", "beta", ("train",)),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the runs and draw them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run folders of seqvae train")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="PNG", help="file to write")
    options = parser.parse_args(arguments)
    draw({run.resolve().name: read_records(run) for run in options.runs}, options.output)
    print(options.output)


def read_records(run: Path) -> list[Json]:
    """Read metrics.jsonl of a run; a line that is being written is left out."""
    path = run / "metrics.jsonl"
    if not path.is_file():
        raise SystemExit(f"{path}: not there; give the folder of a run of seqvae train")
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def curve_of(records: Iterable[Json], kind: str, name: str) -> Curve:
    """Pick one number from the records of a kind; bars autoencoded without z have no bits and no beta."""
    found = [record for record in records if record["kind"] == kind and record.get(name) is not None]
    return Curve([record["step"] for record in found], [record[name] for record in found])


def smooth(curve: Curve, width: int) -> Curve:
    """Average each value with those before it, at most `width` in all."""
    means = [
        sum(part) / len(part)
        for part in (curve.values[max(0, end - width) : end] for end in range(1, len(curve.values) + 1))
    ]
    return Curve(curve.steps, means)


def draw(runs: dict[str, list[Json]], output: Path) -> None:
    """Draw four panels, a colour for each run."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SystemExit("matplotlib is missing: pip install -c constraints.txt '.[plots]'") from error

    figure = Figure(figsize=(11, 7), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True)
    for axes, panel in zip(panels.flat, PANELS, strict=True):
        for number, (name, records) in enumerate(runs.items()):
            draw_run(axes, records, panel, name=name, colour=f"C{number}")
        axes.set_title(panel.title, fontsize="medium")
        axes.grid(alpha=0.3)
    for axes in panels[1]:
        axes.set_xlabel("step")
    panels[0, 0].legend()
    figure.savefig(output, dpi=120)


def draw_run(axes: Any, records: list[Json], panel: Panel, *, name: str, colour: str) -> None:
    """Draw one run into one panel; `axes` are matplotlib's."""
    for kind in panel.kinds:
        curve = curve_of(records, kind, panel.name)
        if kind == "train":
            axes.plot(*smooth(curve, panel.num_smoothed), color=colour, label=name, linewidth=1.2)
        else:
            line = "-" if panel.kinds == ("valid",) else ""
            axes.plot(*curve, color=colour, label=name, linestyle=line, marker="o", markersize=3.5)


if __name__ == "__main__":
    main()
