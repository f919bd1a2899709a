#!/usr/bin/env python3
"""Train a language model, VAEs and an autoencoder alike, and print what each knows of held-out text.

    scripts/lm_table.py TEXT WORK [--steps 3000] [--presets language-model lm autoencoder] [--samples 100]

TEXT is a folder in the layout of the Penn Treebank (ptb.train.txt, ptb.valid.txt, ptb.test.txt, or train.txt
...), read word by word with `<unk>` as a word, or a folder of shards. All runs have the same data, seed,
batches and steps; whatever a schedule counts in steps is scaled from the preset's length to --steps. WORK
receives shards, runs and their evaluations; started again, finished runs are kept and an interrupted one goes
on. A row that was made by other options is refused.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from seqvae.config import Preset
from seqvae.dataset.shards import MANIFEST_NAME, open_shards
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings as Preparing
from seqvae.errors import ConfigError, SeqvaeError
from seqvae.evaluation.evaluate import evaluate_model
from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.text.evaluate import TextSettings
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained
from seqvae.training.folder import has_states
from seqvae.training.live import choose_view
from seqvae.training.run import RunSettings, run_training
from seqvae.training.settings import override

PRESETS = ("language-model", "lm", "autoencoder")
MAX_WORDS = 128  # the longest line of the Penn Treebank has 82
SCALED = {
    "objective": ("beta_hold_steps", "beta_ramp_steps"),
    "train": ("language_model_steps", "reset_decoder_step", "warmup_steps"),
}
DECIDING = ("steps", "seed", "samples", "bound_sentences", "limit", "assignments")
PUBLISHED = (
    "Published for the Penn Treebank: LSTM language model about 100.5; annealing 101.4 (KL 0); cyclical"
    " annealing 108.8 to 110.5; lagging encoder 99.8 (KL 0.9, 4 active units; He et al. 2019); autoencoder"
    " first and free bits 96.9 (KL 6.5, 32 of 32; Li et al. 2019)."
)
NOTE = (
    "Perplexity per word: exp(-sum of bounds / sum of (words + 1)) over {windows} test sentences, IW with"
    " {samples} samples, of an autoencoder, whose z costs nothing, with one; ± half a 95 % interval"
    " over templates. Of a language model both are its likelihood."
    " I(x; z) is of {information:.0f} sentences and cannot exceed {cap:.2f} nats. Exact match and BLEU-4 are"
    " greedy, z drawn from the posterior, and at mu its mean."
)
COLUMNS = {
    "IW perplexity": ("bound_perplexity", "{:.2f}"),
    "ELBO perplexity": ("bound_elbo_perplexity", "{:.2f}"),
    "KL nats": ("kl_nats", "{:.2f}"),
    "active units": ("active_units", "{:.0f}"),
    "I(x; z) nats": ("information_nats", "{:.2f}"),
    "exact": ("free_running.exact", "{:.4f}"),
    "BLEU-4": ("free_running.bleu", "{:.4f}"),
    "exact at mu": ("free_running_at_mu.exact", "{:.4f}"),
    "BLEU-4 at mu": ("free_running_at_mu.bleu", "{:.4f}"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing, evaluate it, print the table."""
    options = read_options(arguments)
    try:
        shards = find_shards(options.text, options.work)
        evaluations = {name: run(name, shards, options) for name in options.presets}
    except SeqvaeError as error:
        sys.exit(f"Error: {error}")
    print("\n".join(table_lines(evaluations, shards)))


def find_shards(text: Path, work: Path) -> Path:
    """Return shards, prepared word by word from a folder of text where there are none yet."""
    if (text / MANIFEST_NAME).is_file():
        return text
    shards = work / "shards"
    check_text(text, work / "text.sha256")
    if not (shards / MANIFEST_NAME).is_file():
        manifest = prepare_texts([text], shards, Preparing(tokenizer="words", max_pieces=MAX_WORDS))
        if not manifest.text["has_official_splits"]:
            print(f"{text}: no files for train, valid and test, so it was split by template", file=sys.stderr)
    return shards


def check_text(text: Path, noted: Path) -> None:
    """Note which text the folder of work is of; ConfigError where it is another one's."""
    digest = sha256()
    for path in sorted(text.glob("*.txt")) if text.is_dir() else filter(Path.is_file, [text]):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    found = noted.read_text(encoding="utf-8") if noted.is_file() else digest.hexdigest()
    if found != digest.hexdigest():
        raise ConfigError(f"{noted.parent}: holds the table of another text; choose another folder")
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(found, encoding="utf-8")


def run(name: str, shards: Path, options: argparse.Namespace) -> Mapping[str, Any]:
    """Train and evaluate one preset, or read what an earlier call wrote."""
    folder = options.work / name
    written = options.work / f"{name}.json"
    if written.is_file():
        found: Mapping[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        check_same(written, found, options)
        return found
    recipe = scaled(preset(name), options.steps or preset(name).train.num_steps)
    recipe = override(recipe, [f"train.seed={options.seed}", *options.assignments])
    settings = RunSettings(
        folder=folder,
        resume=has_states(folder),
        device=options.device,
        num_threads=options.threads,
    )
    outcome = run_training(shards, recipe, settings, choose_view(recipe.train.num_steps))
    if outcome.signal_number:
        sys.exit(128 + outcome.signal_number)
    evaluation = evaluate(folder, shards, recipe, options) | {"training_seconds": training_seconds(folder)}
    told = evaluation | {"options": asked_of(options)}
    written.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return evaluation


def asked_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that decide the figures of a row."""
    return {name: getattr(options, name) for name in DECIDING}


def check_same(written: Path, found: Mapping[str, Any], options: argparse.Namespace) -> None:
    """Raise ConfigError for a row that was made by other options, where it tells them."""
    for name, asked in asked_of(options).items():
        made = found.get("options", {}).get(name, asked)
        if made != asked:
            raise ConfigError(f"{written}: {name} was {made}, now it is {asked}; choose another folder")


def evaluate(folder: Path, shards: Path, recipe: Preset, options: argparse.Namespace) -> dict[str, Any]:
    """Measure a run; all bounds are of the same sentences.

    A language model needs no samples, and the bound of an autoencoder is far off with any number of them.
    """
    loaded = load_pretrained(folder, device=options.device)
    needs_samples = loaded.config.encoder != "none" and recipe.objective.beta > 0
    samples = options.samples if needs_samples else 1
    settings = MeasureSettings(
        seed=options.seed, bound_samples=samples, bound_windows=options.bound_sentences
    )
    text = TextSettings(num_samples=0, num_pairs=0)
    return evaluate_model(loaded, open_shards(shards), settings, text=text, limit=options.limit).to_dict()


def scaled(recipe: Preset, num_steps: int) -> Preset:
    """Give a recipe another length, its schedules with it; what begins at a step still begins, not at 0."""
    share = num_steps / recipe.train.num_steps
    values = recipe.to_dict()
    for group, names in SCALED.items():
        for name in names:
            values[group][name] = min(values[group][name], max(round(values[group][name] * share), 1))
    shorter = Preset.from_dict(values)
    return replace(shorter, train=replace(shorter.train, num_steps=num_steps))


def training_seconds(folder: Path) -> float | None:
    """Return what the training of a run took."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    taken = [record["seconds"] for record in map(json.loads, lines) if record["kind"] == "train"]
    return float(taken[-1]) if taken else None


def table_lines(evaluations: Mapping[str, Mapping[str, Any]], shards: Path) -> list[str]:
    """Write one row per model, its perplexity beside that of the language model, and what it means."""
    first = next(iter(evaluations.values()))
    reference = evaluations.get("language-model", first)["metrics"]["together"]["bound_perplexity"]
    titles = ["model", "parameters", "training s", "IW / LM", *COLUMNS]
    rows = [row_cells(name, evaluation, reference) for name, evaluation in evaluations.items()]
    ruled = [titles, ["---", *["--:"] * (len(titles) - 1)], *rows]
    together = first["metrics"]["together"]
    facts = {
        "windows": f"{together['bound_windows']:.0f} of {first['windows_in_split']}",
        "samples": max(evaluation["bound_samples"] for evaluation in evaluations.values()),
        "information": together["information_windows"],
        "cap": together["information_cap_nats"],
    }
    is_words = open_shards(shards).manifest.tokenizer["name"] == "words"
    return [
        *(f"| {' | '.join(cells)} |" for cells in ruled),
        "",
        NOTE.format(**facts),
        *([PUBLISHED] if is_words else []),
    ]


def row_cells(name: str, evaluation: Mapping[str, Any], reference: float) -> list[str]:
    """Write the cells of one model."""
    together, intervals = evaluation["metrics"]["together"], evaluation["intervals"]["together"]
    numbers = [number(together[column], form) for column, form in COLUMNS.values()]
    low, high = intervals["bound_perplexity"]
    if together["bound_perplexity"] is not None and low is not None:
        numbers[0] += f" ±{number((high - low) / 2, '{:.2f}')}"
    if together["active_units"] is not None:
        numbers[list(COLUMNS).index("active units")] += f" of {evaluation['latent_size']}"
    ratio = together["bound_perplexity"] / reference if together["bound_perplexity"] else None
    seconds = evaluation.get("training_seconds")
    spent = number(seconds, "{:,.0f}")
    return [name, f"{evaluation['parameters']:,}", spent, number(ratio, "{:.3f}"), *numbers]


def number(value: float | None, form: str) -> str:
    """Write a figure; with a power of ten where it is huge, as an autoencoder's bound is."""
    if value is None:
        return "-"
    return form.format(value) if abs(value) < 1e6 else f"{value:.1e}"


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, help="a folder of text in three splits, or of shards")
    parser.add_argument("work", type=Path, help="folder for shards, runs and evaluations")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), help="recipes (default %(default)s)")
    parser.add_argument("--steps", type=int, help="of each run (default: as many as the preset says)")
    parser.add_argument("--seed", type=int, default=0, help="of runs and evaluation (default %(default)s)")
    parser.add_argument("--samples", type=int, default=100, help="K of the IW bound (default %(default)s)")
    parser.add_argument(
        "--bound-sentences", type=int, default=10**6, help="sentences of the IW bound (default: all measured)"
    )
    parser.add_argument("--limit", type=int, help="measure so many test sentences, drawn at random, not all")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="where to compute (default %(default)s)")
    parser.add_argument(
        "--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE", help="for all runs"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
