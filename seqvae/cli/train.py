"""Train a model."""

from pathlib import Path

import click

from seqvae.cli.options import OUTPUT_FOLDER, device_option


@click.command()
@click.argument("shards", type=click.Path(path_type=Path))
@click.option("--preset", "name", help="Recipe to train by; --resume knows it from the run.")
@click.option("-o", "--output", required=True, type=OUTPUT_FOLDER, help="Folder of the run.")
@click.option("--resume", is_flag=True, help="Go on after the last saved step.")
@click.option("--force", is_flag=True, help="Replace a run that is already there.")
@click.option("--seed", type=int, help="First weights, order and noise.  [default: the preset's]")
@device_option
@click.option(
    "--threads",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="CPU threads; 0 for OMP_NUM_THREADS, or else one per core it may use. Other counts round otherwise.",
)
@click.option(
    "--accumulate",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Parts in which a batch is taken, one after another: N take an N-th of the memory.",
)
@click.option("--steps", type=int, help="Length of the run.  [default: the preset's]")
@click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting of the preset."
)
@click.option("--init", metavar="MODEL", help="Model, run or name whose weights to begin with.")
@click.option(
    "--fresh", multiple=True, metavar="NAME", help="With --init: weights that begin anew, by how names begin."
)
def train(
    shards: Path,
    name: str | None,
    output: Path,
    resume: bool,
    force: bool,
    seed: int | None,
    device: str,
    threads: int,
    accumulate: int,
    steps: int | None,
    assignments: tuple[str, ...],
    init: str | None,
    fresh: tuple[str, ...],
) -> None:
    """Train a model on SHARDS by a preset and write it to RUN/model.

    Ctrl-C saves and ends; --resume goes on as if nothing had happened, bit for bit with the same
    --threads and --device.

    Started by torchrun, N processes on one or more machines divide every batch among them and send one
    another gradients over the network; the first of them prints and saves.
    """
    from seqvae.training.live import choose_view
    from seqvae.training.report import outcome_lines
    from seqvae.training.run import RunSettings, run_training
    from seqvae.training.settings import choose_preset

    changes = [
        f"train.{key}={value}" for key, value in (("seed", seed), ("num_steps", steps)) if value is not None
    ]
    preset = choose_preset(name, output if resume else None, [*changes, *assignments])
    settings = RunSettings(
        folder=output,
        resume=resume,
        force=force,
        device=device,
        num_threads=threads,
        accumulate=accumulate,
        init=init,
        fresh=fresh,
    )
    outcome = run_training(shards, preset, settings, choose_view(preset.train.num_steps))
    for line in outcome_lines(outcome, preset, output):
        click.echo(line)
    raise SystemExit(128 + outcome.signal_number if outcome.signal_number else 0)
