#!/usr/bin/env python3
"""Print how many sequences a second a model writes, bars at once and bar after bar, as a table in Markdown.

    scripts/bench_generate.py [MODEL] [--preset melody-16bar] [--batches 1 16 256]

Without a MODEL the preset is measured with random weights: speed depends on shapes alone. Repetitions of all
ways take turns and medians are printed, so that a busy machine disturbs all of them alike; on one thread of a
CPU its own seconds are taken, which leave out what other programs do meanwhile. Sequential steps
are counted while the model runs: each bar that the conductor reads, and each look-up of the ids before
a step.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from torch import Tensor, nn

from seqvae.model.decoder import Choice
from seqvae.model.hierarchical import HierarchicalDecoder
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.pretrained import load_pretrained

Way = Callable[[SequenceVAE, Tensor], Tensor]  # model, z (batch, latent) -> ids (batch, time, voices)
Clock = Callable[[], float]  # seconds


@dataclass
class Count:
    """Sequential steps so far."""

    steps: int = 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = read_options(arguments)
    torch.set_num_threads(options.threads)
    model = load_model(options.model, options.preset, options.device)
    clock = choose_clock(options.device, options.threads)
    rows = [["sequences at once", "way", "sequential steps", "seconds", "sequences/s", "of bars at once"]]
    for batch in options.batches:
        z = torch.randn(batch, model.config.latent_size, generator=torch.Generator().manual_seed(0))
        rows += batch_rows(model, z.to(options.device), options.repetitions, clock)
    ruled = [rows[0], ["--:", "---", *["--:"] * 4], *rows[1:]]
    print("\n".join(f"| {' | '.join(row)} |" for row in ruled))
    name = options.model or f"{options.preset}, random weights"
    print(
        f"\n{name}: {model.num_parameters:,} parameters, {model.config.bars} bars of"
        f" {model.config.steps_per_bar} steps, {options.device}, {options.threads} thread(s),"
        f" medians of {options.repetitions} repetitions that took turns."
    )


def batch_rows(model: SequenceVAE, z: Tensor, num_repetitions: int, clock: Clock) -> list[list[str]]:
    """Measure every way on the points `(batch, latent)`; a row of cells for each."""
    steps = {name: count_steps(model, way, z) for name, way in WAYS.items()}  # warms up, too
    calls = {name: partial(way, model, z) for name, way in WAYS.items()}
    seconds = time_in_turn(calls, num_repetitions, clock)
    reference = next(iter(seconds.values()))
    return [
        [
            str(len(z)),
            name,
            str(steps[name]),
            f"{taken:.4f}",
            f"{len(z) / taken:.1f}",
            f"{reference / taken:.2f}",
        ]
        for name, taken in seconds.items()
    ]


def write_at_once(model: SequenceVAE, z: Tensor) -> Tensor:
    """Write all bars at once, as `SequenceVAE.generate` does."""
    return model.generate(z)


def write_in_turn(model: SequenceVAE, z: Tensor) -> Tensor:
    """Write bar after bar with the same weights, each beginning with the last ids of the one before."""
    decoder = bars_decoder(model)
    choosers: list[Choice] = [choose_likeliest] * model.config.bars
    return decoder.generate_in_turn(z, model.first_ids(len(z)), choose_in_bar=choosers)


WAYS: Mapping[str, Way] = {
    "bars at once": write_at_once,
    "bar after bar": write_in_turn,
}


@contextmanager
def counting_steps(model: SequenceVAE) -> Iterator[Count]:
    """Count the steps that wait for one another while the decoder writes, however its LSTMs are computed.

    The conductor takes one for each position of its input. A step of a bar cannot begin before the ids of the
    step before are looked up, so each look-up is one.
    """
    decoder, count = bars_decoder(model), Count()

    def count_positions(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        count.steps += inputs[0].shape[1]

    def count_look_up(*_: object) -> None:
        count.steps += 1

    hooks = (
        decoder.conductor.register_forward_pre_hook(count_positions),
        decoder.steps.embedding.register_forward_pre_hook(count_look_up),
    )
    try:
        yield count
    finally:
        for hook in hooks:
            hook.remove()


def count_steps(model: SequenceVAE, way: Way, z: Tensor) -> int:
    """Write once and return the number of sequential steps that it took."""
    with counting_steps(model) as count:
        way(model, z)
    return count.steps


def time_in_turn(
    calls: Mapping[str, Callable[[], object]], num_repetitions: int, clock: Clock
) -> dict[str, float]:
    """Call all in turn, so often, and return the median seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(num_repetitions):
        for name, call in calls.items():
            start = clock()
            call()
            seconds[name].append(clock() - start)
    return {name: median(taken) for name, taken in seconds.items()}


def choose_clock(device: str, num_threads: int) -> Clock:
    """Return seconds of one thread of a CPU, or else those of the wall, when a GPU has done its work."""
    if device == "cpu":
        return process_time if num_threads == 1 else perf_counter

    def when_done() -> float:
        torch.cuda.synchronize(device)
        return perf_counter()

    return when_done


def choose_likeliest(logits: Tensor, _: int) -> Tensor:
    """Choose ids: `(batch, voices, vocab)` -> `(batch, voices)`."""
    return logits.argmax(dim=-1)


def bars_decoder(model: SequenceVAE) -> HierarchicalDecoder:
    """Return the decoder of a model whose bars do not wait for one another; exits for any other."""
    if not isinstance(model.decoder, HierarchicalDecoder) or model.config.is_in_turn:
        raise SystemExit(
            "bars of this model are not written at once; choose a conductor without carry or lookback"
        )
    return model.decoder


def load_model(name: str | None, preset_name: str, device: str) -> SequenceVAE:
    """Load a model by name or folder, else make one by the preset with random weights."""
    if name:
        return load_pretrained(name, device=device).model
    torch.manual_seed(0)
    return SequenceVAE(preset(preset_name).model).eval().to(device)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="name of a bundled model, or a folder")
    parser.add_argument(
        "--preset", default="melody-16bar", help="shape without a MODEL (default %(default)s)"
    )
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16, 256], help="sequences at once")
    parser.add_argument("--repetitions", type=int, default=9, help="of each way (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="where to write (default %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
