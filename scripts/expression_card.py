"""Write the card of a model of expression, README.md in its folder, from what was measured and trained on.

scripts/expression_table.py MODEL SHARDS --json > evaluation.json
python -m scripts.expression_card MODEL evaluation.json SHARDS --weaknesses-file weak.md
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.model_card import SPLITS, markdown, read_corpora
from seqvae.dataset.manifest import Manifest
from seqvae.dataset.shards import open_shards
from seqvae.expression.evaluate import NOTES, ExpressionEvaluation
from seqvae.expression.storage import LoadedExpression, load_expression


def card_text(
    loaded: LoadedExpression, evaluation: Mapping[str, Any], manifest: Manifest, weaknesses: str
) -> str:
    """Write the card."""
    name, notes = loaded.folder.name, dict(loaded.notes)
    budget = f"{notes.pop('minutes', '?')} minutes with {notes.pop('threads', '?')} thread"
    parts = [
        f"# {name}",
        "",
        "How drums are played: velocity and timing of each hit, given what is hit and a feel of"
        f" {loaded.model.config.feel_size} dimensions. {loaded.model.num_parameters:,} parameters. The"
        " weights are under the licence of the project, Apache-2.0; the data keep theirs.",
        *section("Data", data_lines(manifest)),
        *section("Training", [f"Budget: {budget}.", "", *listing(notes)]),
        *section(
            "Held out",
            [
                "All windows of the test split, which is the data set's own:",
                "",
                f"    scripts/expression_table.py {name} SHARDS",
                "",
                *ExpressionEvaluation.from_dict(evaluation).lines(),
            ],
        ),
        *section("What the words mean", [f"- {note}" for note in NOTES]),
        *section("Known weaknesses", [weaknesses.strip()]),
    ]
    return "\n".join(parts) + "\n"


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Put a title over lines."""
    return ["", f"## {title}", "", *lines]


def data_lines(manifest: Manifest) -> list[str]:
    """List every corpus with its counts and licence."""
    corpora = read_corpora()
    rows = [["corpus", "pieces", "windows (train / valid / test)", "what", "licence as stated by the source"]]
    for corpus in manifest.corpora:
        counts = [manifest.counts[split][corpus] for split in SPLITS]
        pieces = str(sum(count["pieces"] for count in counts))
        rows.append([corpus, pieces, " / ".join(str(count["windows"]) for count in counts), *corpora[corpus]])
    bars = f"Windows of {manifest.bars} bars, a bar apart; no two of a split hit the same drums throughout."
    return [*markdown(rows), "", bars]


def listing(notes: Mapping[str, Any]) -> list[str]:
    """Show what training noted."""
    return ["```json", json.dumps(notes, indent=1, sort_keys=True), "```"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the card."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder of the model")
    parser.add_argument("evaluation", type=Path, help="what expression_table.py --json printed")
    parser.add_argument("shards", type=Path, help="folder of shards it was trained on")
    parser.add_argument("--weaknesses-file", type=Path, required=True, help="what the model is bad at")
    options = parser.parse_args(arguments)
    text = card_text(
        load_expression(options.model),
        json.loads(options.evaluation.read_text(encoding="utf-8")),
        open_shards(options.shards).manifest,
        options.weaknesses_file.read_text(encoding="utf-8"),
    )
    (options.model / "README.md").write_text(text, encoding="utf-8")
    print(options.model / "README.md")


if __name__ == "__main__":
    main()
