"""Measure a model on held-out music or text."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from seqvae.cli.options import device_option
from seqvae.cli.taking import refine_option

if TYPE_CHECKING:
    import torch

    from seqvae.checkpoint import LoadedModel
    from seqvae.training.teaching import Teacher


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("shards", metavar="SHARDS", type=click.Path(path_type=Path))
@click.option(
    "--split",
    default="test",
    show_default=True,
    type=click.Choice(["train", "valid", "test"]),
    help="Which pieces.",
)
@click.option("--limit", type=click.IntRange(1), help="Measure so many windows, chosen at random, not all.")
@click.option(
    "--samples",
    default=50,
    show_default=True,
    type=click.IntRange(0),
    help="Samples of the IW bound; 0 skips it.",
)
@click.option(
    "--bound-windows", default=256, show_default=True, type=click.IntRange(1), help="Windows of the IW bound."
)
@refine_option
@click.option(
    "--refine-beta",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0),
    help="Weight of the KL in them.",
)
@click.option(
    "--refine-prior",
    default="own",
    show_default=True,
    type=click.Choice(["own", "fitted"]),
    help="The KL to the prior that the model was trained with, or to one fitted to it later.",
)
@click.option("--batch-size", default=128, show_default=True, type=click.IntRange(1), help="Windows at once.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="All that is drawn.")
@click.option(
    "--sentences", default=1000, show_default=True, type=click.IntRange(0), help="Text: samples to judge."
)
@click.option(
    "--pairs",
    default=200,
    show_default=True,
    type=click.IntRange(0),
    help="Text: walks of 9 steps to judge.",
)
@click.option("--language-model", metavar="RUN", help="Text: a language model to judge samples and walks by.")
@click.option(
    "--reverse-steps",
    default=0,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Text: train language models so long on samples, for reverse perplexities (--sentences: more).",
)
@device_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def evaluate(
    model: str,
    shards: Path,
    split: str,
    limit: int | None,
    samples: int,
    bound_windows: int,
    refine: int,
    refine_beta: float,
    refine_prior: Literal["own", "fitted"],
    batch_size: int,
    seed: int,
    sentences: int,
    pairs: int,
    language_model: str | None,
    reverse_steps: int,
    device: str,
    as_json: bool,
) -> None:
    """Measure how well MODEL rebuilds the windows of SHARDS.

    MODEL is the name of a bundled model or a folder. Accuracies of music come with three histories and beside
    two baselines; those of text with perplexities, what z holds, samples and walks, and a formula beside each
    figure. All per corpus and together; intervals are over pieces, of text over templates.
    """
    from seqvae.cli.progress import show_progress
    from seqvae.dataset.shards import open_verified
    from seqvae.device import choose_device
    from seqvae.evaluation.evaluate import evaluate_model
    from seqvae.evaluation.measure import MeasureSettings
    from seqvae.evaluation.text.evaluate import TextSettings
    from seqvae.pretrained import load_pretrained

    settings = MeasureSettings(
        seed=seed,
        bound_samples=samples,
        bound_windows=bound_windows,
        batch_size=batch_size,
        refine_steps=refine,
        refine_beta=refine_beta,
        refine_prior=refine_prior,
    )
    chosen = choose_device(device)
    loaded, corpus = load_pretrained(model, device=chosen), open_verified(shards)
    judge = load_pretrained(language_model, device=chosen) if language_model else None
    teach = _teacher(loaded, reverse_steps, seed, chosen) if reverse_steps else None
    text = TextSettings(num_samples=sentences, num_pairs=pairs, judge=judge, teach=teach)
    with show_progress("measuring") as on_progress:
        evaluation = evaluate_model(
            loaded,
            corpus,
            settings,
            text=text,
            split=split,
            limit=limit,
            on_progress=on_progress,
        )
    click.echo(json.dumps(evaluation.to_dict(), indent=1) if as_json else "\n".join(evaluation.lines()))


def _teacher(loaded: "LoadedModel", num_steps: int, seed: int, device: "torch.device") -> "Teacher":
    """Return what trains language models by the preset of that name."""
    from seqvae.presets import preset
    from seqvae.training.settings import override
    from seqvae.training.teaching import Teacher

    recipe = override(preset("language-model"), [f"train.num_steps={num_steps}", f"train.seed={seed}"])
    return Teacher(loaded, recipe, device)
