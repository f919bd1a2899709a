#!/usr/bin/env python3
"""Write the card of a model, README.md in its folder, from what was measured and what it was trained on.

seqvae evaluate MODEL SHARDS --json > evaluation.json
scripts/model_card.py MODEL evaluation.json SHARDS --budget "40 minutes of one core" --weaknesses-file weak.md
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqvae.dataset.manifest import Manifest
from seqvae.dataset.shards import open_shards
from seqvae.evaluation.measure import GUESSES, HISTORIES
from seqvae.evaluation.report import (
    ACCURACY_ROWS,
    CORPUS_ROWS,
    HISTORY_TITLES,
    NOTES,
    format_interval,
    format_value,
)

DATA_README = Path(__file__).parent.parent / "data" / "README.md"
SPLITS = ("train", "valid", "test")
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Card:
    """All that a card tells."""

    name: str
    config: Json  # config.json of the model
    evaluation: Json  # of seqvae evaluate --json
    manifest: Manifest
    corpora: Mapping[str, tuple[str, str]]  # corpus -> what it is, licence
    budget: str
    weaknesses: str


def card_text(card: Card) -> str:
    """Write the card."""
    sections = {
        "Data": data_lines(card),
        "Training": training_lines(card),
        "Held out": held_out_lines(card),
        "By history": history_lines(card.evaluation),
        "By corpus": corpus_lines(card.evaluation),
        "What the words mean": [f"- {note}" for note in NOTES],
        "Known weaknesses": [card.weaknesses.strip()],
    }
    parts = [f"# {card.name}", "", *head_lines(card)]
    for title, lines in sections.items():
        parts += ["", f"## {title}", "", *lines]
    return "\n".join(parts) + "\n"


def head_lines(card: Card) -> list[str]:
    """Say in two sentences what the model is."""
    facts = card.evaluation
    return [
        f"A sequence VAE of {facts['parameters']:,} parameters for windows of {facts['bars']} bars"
        f" ({card.manifest.steps_per_window} steps), tokenizer `{card.manifest.tokenizer['name']}`,"
        f" {facts['latent_size']} latent dimensions. The weights are under the licence of the project,"
        " Apache-2.0; the data keep theirs."
    ]


def data_lines(card: Card) -> list[str]:
    """List every corpus with its counts and licence."""
    rows = [["corpus", "pieces", "windows (train / valid / test)", "what", "licence as stated by the source"]]
    counts = card.manifest.counts
    for corpus in card.manifest.corpora:
        what, licence = card.corpora[corpus]
        pieces = sum(counts[split][corpus]["pieces"] for split in SPLITS)
        windows = " / ".join(str(counts[split][corpus]["windows"]) for split in SPLITS)
        rows.append([corpus, str(pieces), windows, what, licence])
    split = (
        "Split by piece, copies in other keys kept together; valid and test windows that train holds in any"
        " key are left out."
    )
    return [*markdown(rows), "", split]


def training_lines(card: Card) -> list[str]:
    """Tell the budget and all settings and notes that the model folder holds."""
    listed = json.dumps(card.config, indent=1, sort_keys=True)
    return [f"Budget: {card.budget}", "", "```json", listed, "```"]


def held_out_lines(card: Card) -> list[str]:
    """Say what was measured and how to measure it again."""
    facts = card.evaluation
    drawn = f"seed {facts['seed']}, {facts['bound_samples']} samples for the importance-weighted bound"
    return [
        f"{facts['windows']} of {facts['windows_in_split']} windows of the {facts['split']} split, {drawn}:",
        "",
        f"    seqvae evaluate {card.name} SHARDS --split {facts['split']} --seed {facts['seed']}",
    ]


def history_lines(evaluation: Json) -> list[str]:
    """Tabulate every accuracy of all windows together by history."""
    together, columns = evaluation["metrics"]["together"], (*HISTORIES, *GUESSES)
    rows = [["all windows together", *(HISTORY_TITLES[name] for name in columns)]]
    for metric, title in ACCURACY_ROWS.items():
        rows.append([title, *(format_value(together.get(f"{name}.{metric}"), metric) for name in columns)])
    return markdown(rows)


def corpus_lines(evaluation: Json) -> list[str]:
    """Tabulate the main metrics by corpus, with intervals, then all others."""
    groups = list(evaluation["metrics"])
    others = [name for name in evaluation["metrics"]["together"] if name not in CORPUS_ROWS]
    rows = [["", *(group.replace("_", " ") for group in groups)]]
    rows += [
        [title, *(cell(evaluation, group, name) for group in groups)] for name, title in CORPUS_ROWS.items()
    ]
    rest = [["", *rows[0][1:]]]
    rest += [[f"`{name}`", *(cell(evaluation, group, name) for group in groups)] for name in others]
    return [
        *markdown(rows),
        "",
        "<details><summary>All other metrics</summary>",
        "",
        *markdown(rest),
        "",
        "</details>",
    ]


def cell(evaluation: Json, group: str, name: str) -> str:
    """Write a value and half its interval."""
    bounds = evaluation["intervals"][group].get(name, (None, None))
    return format_interval(evaluation["metrics"][group].get(name), bounds, name)


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as a table; the first one is its head."""
    ruled = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return [f"| {' | '.join(row)} |" for row in ruled]


def read_corpora(path: Path = DATA_README) -> dict[str, tuple[str, str]]:
    """Read what each corpus is and its licence from the table of data/README.md."""
    rows = re.findall(
        r"^\| (\w+) \| (.*?) \| [^|]* \| (.*?) \|$", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: (what, licence) for name, what, licence in rows if name != "corpus"}


def read_card(options: argparse.Namespace) -> Card:
    """Gather what the card tells; exits where a corpus has no licence in data/README.md."""
    manifest, corpora = open_shards(options.shards).manifest, read_corpora()
    unknown = sorted(set(manifest.corpora) - set(corpora))
    if unknown:
        sys.exit(f"no licence for corpus {', '.join(unknown)}; add it to data/README.md")
    from_file = options.weaknesses_file
    return Card(
        name=options.model.resolve().name,
        config=json.loads((options.model / "config.json").read_text(encoding="utf-8")),
        evaluation=json.loads(options.evaluation.read_text(encoding="utf-8")),
        manifest=manifest,
        corpora=corpora,
        budget=options.budget,
        weaknesses=from_file.read_text(encoding="utf-8") if from_file else options.weaknesses,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the card."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder of the model")
    parser.add_argument("evaluation", type=Path, help="what seqvae evaluate --json printed")
    parser.add_argument("shards", type=Path, help="folder of shards it was trained on")
    parser.add_argument("--budget", required=True, help="time and machine, in words")
    weaknesses = parser.add_mutually_exclusive_group(required=True)
    weaknesses.add_argument("--weaknesses", help="what the model is bad at, in Markdown")
    weaknesses.add_argument("--weaknesses-file", type=Path, help="a file that holds it")
    parser.add_argument("-o", "--output", type=Path, help="default: README.md in the folder of the model")
    options = parser.parse_args(arguments)
    output = options.output or options.model / "README.md"
    output.write_text(card_text(read_card(options)), encoding="utf-8")
    print(output)


if __name__ == "__main__":
    main()
