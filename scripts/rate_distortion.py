#!/usr/bin/env python3
"""Print accuracy beside bits for several models on the same windows, as a table in Markdown.

    scripts/rate_distortion.py SHARDS MODEL... [--limit 2000]

A MODEL is the name of a bundled model, a folder, or a file that `seqvae evaluate --json` wrote. For a run, or
a file that lies in its folder, the seconds of its training stand in the table.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = {
    "bits": ("kl_bits", "{:.1f}"),
    "teacher-forced": ("teacher_forced.accuracy", "{:.4f}"),
    "free-running": ("free_running.accuracy", "{:.4f}"),
    "onset F1": ("free_running.onset_f1", "{:.4f}"),
    "bars exact": ("free_running.bars_exact", "{:.4f}"),
    "ELBO bits": ("elbo_bits", "{:.1f}"),
}
NOTE = (
    "Test windows, z drawn from the posterior; bits are KL / ln 2 per sequence; onset F1 and bars exact are"
    " free-running; the ELBO is a log-likelihood, so higher is better."
)


def main() -> None:
    """Evaluate every model, fewest bits first."""
    options = read_options()
    evaluations = [read_evaluation(model, options) for model in options.models]
    print("\n".join(table_lines(evaluations)))
    print(f"\n{NOTE}")


def table_lines(evaluations: list[Mapping[str, Any]]) -> list[str]:
    """Write one row per evaluation, in the order of bits."""
    titles = ["model", "parameters", "training s", "windows", *COLUMNS]
    ordered = sorted(evaluations, key=lambda one: one["metrics"]["together"]["kl_bits"])
    rows = [row_cells(one) for one in ordered]
    return [f"| {' | '.join(cells)} |" for cells in (titles, ["---", *["--:"] * (len(titles) - 1)], *rows)]


def row_cells(evaluation: Mapping[str, Any]) -> list[str]:
    """Write the cells of one model."""
    together = evaluation["metrics"]["together"]
    numbers = [form.format(together[name]) for name, form in COLUMNS.values()]
    seconds = evaluation.get("training_seconds")
    spent = "-" if seconds is None else f"{seconds:,.0f}"
    return [evaluation["model"], f"{evaluation['parameters']:,}", spent, str(evaluation["windows"]), *numbers]


def read_evaluation(model: str, options: argparse.Namespace) -> Mapping[str, Any]:
    """Read an evaluation from its file, or evaluate the model now; a run adds what its training took."""
    if not model.endswith(".json"):
        return evaluate_now(model, options) | training_seconds(Path(model))
    path = Path(model)
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read | training_seconds(path.parent)


def training_seconds(run: Path) -> dict[str, float]:
    """Read the seconds of training from the last line of metrics of a run; nothing for what is no run."""
    path = run / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = [record["seconds"] for record in map(json.loads, lines) if "seconds" in record]
    return {"training_seconds": found[-1]} if found else {}


def evaluate_now(model: str, options: argparse.Namespace) -> dict[str, Any]:
    """Evaluate a model by name or folder."""
    from seqvae.dataset.shards import open_shards
    from seqvae.evaluation.evaluate import evaluate_model
    from seqvae.evaluation.measure import MeasureSettings
    from seqvae.pretrained import load_pretrained

    settings = MeasureSettings(bound_samples=0, batch_size=options.batch_size)
    shards = open_shards(options.shards)
    loaded = load_pretrained(model, device=options.device)
    return evaluate_model(loaded, shards, settings, limit=options.limit).to_dict()


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path, help="folder of shards; the test split is measured")
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--limit", type=int, help="windows to measure, chosen at random; default: all")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
