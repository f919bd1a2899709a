#!/usr/bin/env python3
"""Write the card of a model of music or text, README.md in its folder, from what was measured and trained on.

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

from seqvae.checkpoint import load_model
from seqvae.dataset.manifest import Manifest
from seqvae.dataset.shards import open_shards
from seqvae.evaluation.evaluate import name_tokenizer
from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.metrics import Metrics
from seqvae.evaluation.report import (
    format_interval,
    notes_for,
    rows_by_history,
    titles_by_corpus,
)
from seqvae.evaluation.text.examples import Examples, draw_examples
from seqvae.evaluation.text.report import NOTES as TEXT_NOTES
from seqvae.evaluation.text.report import corpus_rows, sample_rows, walk_rows
from seqvae.latent.decoding.rules import SAMPLING

DATA_README = Path(__file__).parent.parent / "data" / "README.md"
SPLITS = ("train", "valid", "test")
NUM_EXAMPLES, NUM_WALKS, NUM_STEPS = 20, 20, 9
TEXT_SPLIT = (
    "Split by template: sentences that differ only in names, pronouns, case and punctuation are on one side,"
    " and at most {} of each are kept (0: all)."
)
REFINED_METRICS = ("teacher_forced.", "free_running.", "kl_bits", "elbo_nats", "fitted_kl_bits", "windows")
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
    refined: Json | None = None  # of seqvae evaluate --refine --json
    examples: Examples | None = None  # of text

    @property
    def is_text(self) -> bool:
        """Tell whether the model writes sentences."""
        return self.manifest.kind == "text"


def card_text(card: Card) -> str:
    """Write the card."""
    begin = {"Data": data_lines(card), "Training": training_lines(card), "Held out": held_out_lines(card)}
    end = {"Known weaknesses": [card.weaknesses.strip()]}
    sections = begin | (text_sections(card) if card.is_text else music_sections(card)) | end
    parts = [f"# {card.name}", "", *head_lines(card)]
    for title, lines in sections.items():
        parts += ["", f"## {title}", "", *lines]
    return "\n".join(parts) + "\n"


def music_sections(card: Card) -> dict[str, list[str]]:
    """Tell how well music is rebuilt."""
    refined = {"Refined": refined_lines(card)} if card.refined else {}
    return {
        "By history": history_lines(card.evaluation),
        "By corpus": corpus_lines(card.evaluation),
        **refined,
        "What the words mean": [f"- {note}" for note in notes_for(card.evaluation["metrics"]["together"])],
    }


def text_sections(card: Card) -> dict[str, list[str]]:
    """Tell what was measured of sentences, and show some that nobody chose."""
    facts = card.evaluation
    metrics = Metrics(facts["metrics"], facts["intervals"])
    sections = {"Measured": markdown(corpus_rows(metrics))}
    if facts["samples"]:
        source = f"z of samples: {facts['sample_source']}."
        sections["Samples in figures"] = [source, "", *markdown(sample_rows(facts["samples"]))]
    if facts["walks"]:
        sections["Interpolation in figures"] = markdown(walk_rows(facts["walks"]))
    sections["What the words mean"] = [" ".join(TEXT_NOTES)]
    return sections | (example_sections(card.examples, facts) if card.examples else {})


def example_sections(examples: Examples, facts: Json) -> dict[str, list[str]]:
    """Show what the model writes, drawn by the seed of the evaluation."""
    drawn = f"Drawn by seed {facts['seed']}, not chosen"
    rebuilt = [["held-out sentence", "rebuilt from the mean of its posterior"], *examples.reconstructions]
    walks = [line for walk in examples.walks for line in (*(f"- {text}" for text in walk), "")]
    return {
        "Samples": [
            f"{drawn}, written at temperature {SAMPLING.temperature:g}. z: {facts['sample_source']}.",
            "",
            *(f"- {text}" for text in examples.samples),
        ],
        "Reconstructions": [
            f"{drawn}; each piece is the likeliest.",
            "",
            *markdown([[escape(cell) for cell in row] for row in rebuilt]),
        ],
        "Interpolations": [
            f"{drawn}; each piece is the likeliest; {NUM_STEPS} steps, equal neighbours told once.",
            "",
            *walks[:-1],
        ],
    }


def escape(text: str) -> str:
    """Keep a text from ending the cell of a table."""
    return text.replace("|", "\\|")


def head_lines(card: Card) -> list[str]:
    """Say in two sentences what the model is."""
    facts, steps = card.evaluation, card.manifest.steps_per_window
    reads = (
        f"sentences of up to {steps - 1} pieces"
        if card.is_text
        else f"windows of {facts['bars']} bars ({steps} steps)"
    )
    return [
        f"A sequence VAE of {facts['parameters']:,} parameters for {reads},"
        f" tokenizer `{card.manifest.tokenizer['name']}`,"
        f" {facts['latent_size']} latent dimensions. The weights are under the licence of the project,"
        " Apache-2.0; the data keep theirs."
    ]


def data_lines(card: Card) -> list[str]:
    """List every corpus with its counts and licence."""
    pieces, windows = ("templates", "sentences") if card.is_text else ("pieces", "windows")
    rows = [
        ["corpus", pieces, f"{windows} (train / valid / test)", "what", "licence as stated by the source"]
    ]
    counts = card.manifest.counts
    for corpus in card.manifest.corpora:
        what, licence = card.corpora[corpus]
        total = sum(counts[split][corpus]["pieces"] for split in SPLITS)
        per_split = " / ".join(str(counts[split][corpus]["windows"]) for split in SPLITS)
        rows.append([corpus, str(total), per_split, what, licence])
    if card.is_text:
        return [*markdown(rows), "", TEXT_SPLIT.format(card.manifest.text["per_template"])]
    split = (
        "Split by piece, copies in other keys kept together; valid and test windows that train holds in any"
        " key are left out."
    )
    return [*markdown(rows), "", split]


def training_lines(card: Card) -> list[str]:
    """Tell the budget and all settings and notes that the model folder holds."""
    config = dict(card.config)
    if card.is_text:
        config["tokenizer"] = name_tokenizer(config["tokenizer"])
    listed = json.dumps(config, indent=1, sort_keys=True)
    return [f"Budget: {card.budget}", "", "```json", listed, "```"]


def held_out_lines(card: Card) -> list[str]:
    """Say what was measured and how to measure it again."""
    facts = card.evaluation
    drawn = f"seed {facts['seed']}, {facts['bound_samples']} samples for the importance-weighted bound"
    what = "sentences" if card.is_text else "windows"
    limit = f" --limit {facts['windows']}" if facts["windows"] < facts["windows_in_split"] else ""
    bounded = int(facts["metrics"]["together"].get("bound_windows") or 0)
    if 0 < bounded < min(facts["windows"], MeasureSettings.bound_windows):
        limit += f" --bound-windows {bounded}"
    return [
        f"{facts['windows']} of {facts['windows_in_split']} {what} of the {facts['split']} split, {drawn}:",
        "",
        f"    seqvae evaluate {card.name} SHARDS --split {facts['split']}{limit} --seed {facts['seed']}",
    ]


def history_lines(evaluation: Json) -> list[str]:
    """Tabulate every accuracy of all windows together by history."""
    return markdown(rows_by_history(evaluation["metrics"]["together"], "all windows together"))


def corpus_lines(evaluation: Json) -> list[str]:
    """Tabulate the main metrics by corpus, with intervals, then all others."""
    groups = list(evaluation["metrics"])
    together = evaluation["metrics"]["together"]
    titles = titles_by_corpus(together)
    others = [name for name in together if name not in titles]
    rows = [["", *(group.replace("_", " ") for group in groups)]]
    rows += [[title, *(cell(evaluation, group, name) for group in groups)] for name, title in titles.items()]
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


def refined_lines(card: Card) -> list[str]:
    """Tell what posteriors that took steps of their own are worth."""
    facts = card.refined
    assert facts is not None
    groups, together = list(facts["metrics"]), facts["metrics"]["together"]
    rows = [["", *(group.replace("_", " ") for group in groups)]]
    rows += [
        [title, *(cell(facts, group, name) for group in groups)]
        for name, title in titles_by_corpus(together).items()
        if any(part in name for part in REFINED_METRICS) and "bound" not in name
    ]
    is_fitted = facts.get("refine_prior") == "fitted"
    towards = " to the fitted prior" if is_fitted else ""
    return [
        f"{facts['windows']} windows of the {facts['split']} split, each with a posterior that took"
        f" {facts['refine_steps']} gradient steps down -log p(x | z) + {facts['refine_beta']:g} KL{towards}:",
        "",
        f"    seqvae evaluate {card.name} SHARDS --split {facts['split']} --limit {facts['windows']}"
        f" --seed {facts['seed']} --samples 0 --refine {facts['refine_steps']}"
        f" --refine-beta {facts['refine_beta']:g}{' --refine-prior fitted' if is_fitted else ''}",
        "",
        *markdown(rows),
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
    evaluation = json.loads(options.evaluation.read_text(encoding="utf-8"))
    return Card(
        name=options.model.resolve().name,
        config=json.loads((options.model / "config.json").read_text(encoding="utf-8")),
        evaluation=evaluation,
        manifest=manifest,
        corpora=corpora,
        budget=options.budget,
        weaknesses=from_file.read_text(encoding="utf-8") if from_file else options.weaknesses,
        refined=options.refined and json.loads(options.refined.read_text(encoding="utf-8")),
        examples=read_examples(options, evaluation) if manifest.kind == "text" else None,
    )


def read_examples(options: argparse.Namespace, evaluation: Json) -> Examples:
    """Let the model write what the card shows."""
    return draw_examples(
        load_model(options.model),
        open_shards(options.shards).split(evaluation["split"]),
        count=NUM_EXAMPLES,
        num_walks=NUM_WALKS,
        num_steps=NUM_STEPS,
        seed=evaluation["seed"],
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
    parser.add_argument("--refined", type=Path, help="what seqvae evaluate --refine N --json printed")
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
