"""Measure a model on held-out music."""

import json
from pathlib import Path

import click

from seqvae.cli.options import device_option


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
@click.option("--batch-size", default=128, show_default=True, type=click.IntRange(1), help="Windows at once.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="All that is drawn.")
@device_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def evaluate(
    model: str,
    shards: Path,
    split: str,
    limit: int | None,
    samples: int,
    bound_windows: int,
    batch_size: int,
    seed: int,
    device: str,
    as_json: bool,
) -> None:
    """Measure how well MODEL rebuilds the windows of SHARDS.

    MODEL is the name of a bundled model or a folder. Accuracies come with three histories and beside two
    baselines, per corpus and together; intervals are over pieces.
    """
    from seqvae.cli.progress import show_progress
    from seqvae.dataset.shards import open_shards
    from seqvae.device import choose_device
    from seqvae.evaluation.evaluate import evaluate_model
    from seqvae.evaluation.measure import MeasureSettings
    from seqvae.pretrained import load_pretrained

    settings = MeasureSettings(
        seed=seed, bound_samples=samples, bound_windows=bound_windows, batch_size=batch_size
    )
    loaded = load_pretrained(model, device=choose_device(device))
    with show_progress("measuring") as on_progress:
        evaluation = evaluate_model(
            loaded, open_shards(shards), settings, split=split, limit=limit, on_progress=on_progress
        )
    click.echo(json.dumps(evaluation.to_dict(), indent=1) if as_json else "\n".join(evaluation.lines()))
