#!/usr/bin/env python3
"""Print how fast presets train, beside the matrix products of the same machine in the same minutes.

    scripts/bench_train.py melody-2bar=SHARDS [melody-16bar=SHARDS ...] [--rounds 5] [--steps 3]

Whole training steps are timed: reading, augmenting, both passes, the optimiser. Between them, in turns,
square matrices of the preset's precision are multiplied on as many threads. A CPU is timed in its own
seconds, those of other processes left out; both rates still fall when others use its caches, so the share is
what to read. The operations of a step are counted: those of all its matrix products, the LSTMs' among them,
forth and back. --profile tells where the time of a step goes, --growth N how much memory N more steps keep,
--compile what torch.compile makes of the encoder and the decoder.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from seqvae.config import Preset
from seqvae.dataset.augment import augmentation_of
from seqvae.dataset.batches import Batches
from seqvae.dataset.shards import Shards, open_shards
from seqvae.device import choose_device
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset
from seqvae.training.run import check_fit, fit_preset
from seqvae.training.settings import override
from seqvae.training.trainer import Trainer

SIDE = 1024  # of the square matrices
PRODUCTS = 5  # at a time
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
HEADS = [
    "preset",
    "precision",
    "sequences/s",
    "GFLOP each",
    "GFLOP/s",
    "products, GFLOP/s",
    "share",
    "waiting",
]
KINDS = {  # of operations, by what their names hold; the first that fits
    "LSTM": ("rnn", "lstm"),
    "matrix products": ("mm", "linear", "matmul"),
    "softmax and loss": ("softmax", "nll", "logsumexp"),
    "optimiser": ("adam", "lerp", "norm", "foreach"),
    "copies and casts": ("copy", "cat", "index", "embedding", "pad", "fill", "zero", "clone"),
}


class StopWatch:
    """Seconds of the processor, or of the wall for a GPU that works on its own."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def seconds(self, work: Callable[[], object]) -> float:
        """Time a piece of work."""
        if self._device.type == "cpu":
            start = process_time()
            work()
            return process_time() - start
        torch.cuda.synchronize(self._device)
        start = perf_counter()
        work()
        torch.cuda.synchronize(self._device)
        return perf_counter() - start


class Speed(NamedTuple):
    """What a preset does in a second, and what matrix products do."""

    sequences: float
    operations: float
    products: float  # operations
    waiting: float  # share of a step until its batch is there

    def cells(self) -> list[str]:
        """Write it as cells of a table."""
        return [
            f"{self.sequences:,.1f}",
            f"{self.operations / self.sequences / 1e9:.2f}",
            f"{self.operations / 1e9:.1f}",
            f"{self.products / 1e9:.1f}",
            f"{self.operations / self.products:.2f}",
            f"{self.waiting:.4f}",
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = read_options(arguments)
    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    rows, notes = [HEADS, ["---", "---", *["--:"] * 6]], []
    for pair in options.presets:
        name, _, folder = pair.partition("=")
        recipe = override(preset(name), options.assignments)
        shards = open_shards(Path(folder))
        trainer = trainer_of(recipe, shards, device)
        precision = trainer.preset.train.precision
        speed = measure(trainer, rounds=options.rounds, steps=options.steps)
        rows.append([name, precision, *speed.cells()])
        if options.profile:
            notes.append(f"{name}: {profile_line(trainer, options.steps)}")
        if options.growth:
            notes.append(f"{name}: {growth_line(trainer, options.growth)}")
        if options.compile:
            compiled = trainer_of(recipe, shards, device)
            notes.append(f"{name}: {compile_line(trainer, compiled, options.rounds, options.steps)}")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    print(
        f"\n{device.type}, threads: {options.threads}, medians of {options.rounds} x {options.steps} steps."
    )
    print("\n".join(notes))


def trainer_of(recipe: Preset, shards: Shards, device: torch.device) -> Trainer:
    """Build what a run would, past the first phase of single bars."""
    recipe = fit_preset(replace(recipe, train=replace(recipe.train, bar_steps=0)), shards)
    check_fit(shards, recipe)
    torch.manual_seed(0)
    batches = Batches(
        shards.split("train"),
        size=recipe.train.batch_size,
        seed=0,
        augmentation=augmentation_of(recipe),
        corpus_balance=recipe.train.corpus_balance,
    )
    return Trainer(SequenceVAE(recipe.model), recipe, batches, device=device)


def measure(trainer: Trainer, *, rounds: int, steps: int) -> Speed:
    """Time steps, products and reading in turns."""
    watch, train = StopWatch(trainer.device), trainer.preset.train
    operations = count_operations(trainer)
    products = products_of(DTYPES[train.precision], trainer.device)
    products()
    trainer.advance()  # both warm up
    taken: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        first = trainer.counters.step
        reading = watch.seconds(lambda first=first: [trainer.batches.batch(first + i) for i in range(steps)])
        stepping = watch.seconds(lambda: [trainer.advance() for _ in range(steps)])
        multiplying = watch.seconds(products)
        taken.append((stepping / steps, multiplying, reading / steps))
    step, multiplying, reading = (median(column) for column in zip(*taken, strict=True))
    rate = 2 * SIDE**3 * PRODUCTS / multiplying
    return Speed(train.batch_size / step, operations / step, rate, reading / step)


def count_operations(trainer: Trainer) -> float:
    """Count two operations for each product that is added up in one step; plain kernels show them all."""
    with plain_kernels(), FlopCounterMode(display=False) as counter:
        trainer.advance()
    return float(counter.get_total_flops())


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Let LSTMs be computed product by product."""
    with warnings.catch_warnings(), torch.backends.cudnn.flags(enabled=False):
        warnings.simplefilter("ignore", UserWarning)  # TF32 is not touched, but warned of
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def products_of(dtype: torch.dtype, device: torch.device) -> Callable[[], object]:
    """Return what multiplies large square matrices."""
    left, right = (torch.randn(SIDE, SIDE, device=device).to(dtype) for _ in range(2))
    return lambda: [left @ right for _ in range(PRODUCTS)]


def profile_line(trainer: Trainer, steps: int) -> str:
    """Tell which kinds of operations take the time of a step, by the profiler."""
    on_gpu = trainer.device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with profile(activities=activities) as record:
        for _ in range(steps):
            trainer.advance()
    times: dict[str, float] = {}
    for event in record.key_averages():
        kind = kind_of(event.key)
        spent = event.self_device_time_total if on_gpu else event.self_cpu_time_total
        times[kind] = times.get(kind, 0.0) + spent
    total = sum(times.values())
    parts = sorted(times.items(), key=lambda item: -item[1])
    return ", ".join(f"{kind} {spent / total:.0%}" for kind, spent in parts)


def kind_of(name: str) -> str:
    """Return the kind of an operation by its name."""
    lowered = name.lower()
    return next((kind for kind, marks in KINDS.items() if any(mark in lowered for mark in marks)), "the rest")


def compile_line(plain: Trainer, other: Trainer, rounds: int, steps: int) -> str:
    """Tell how a step of compiled layers compares with a plain one, both timed in turns."""
    other.model.encoder.compile()
    other.model.decoder.compile()
    watch = StopWatch(plain.device)
    compiling = watch.seconds(lambda: [other.advance() for _ in range(2)])
    taken = [
        [watch.seconds(lambda one=one: [one.advance() for _ in range(steps)]) for one in (plain, other)]
        for _ in range(rounds)
    ]
    before, after = (median(column) / steps for column in zip(*taken, strict=True))
    return (
        f"a step takes {before:.3f} s, compiled {after:.3f} s ({before / after:.2f} times as fast), "
        f"the first two {compiling:.0f} s"
    )


def growth_line(trainer: Trainer, steps: int) -> str:
    """Tell how much memory the process keeps of further steps."""
    before = resident_megabytes()
    for _ in range(steps):
        trainer.advance()
    return f"{before:,.0f} MB before and {resident_megabytes():,.0f} MB after {steps} more steps"


def resident_megabytes() -> float:
    """Return what the process holds in memory, as Linux counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("presets", nargs="+", metavar="PRESET=SHARDS", help="recipes and what they train on")
    parser.add_argument("--rounds", type=int, default=5, help="of steps and products (default %(default)s)")
    parser.add_argument("--steps", type=int, default=3, help="in a round (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto (default %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default %(default)s)")
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change one setting of the presets, for example train.precision=float32",
    )
    parser.add_argument("--profile", action="store_true", help="tell where the time goes")
    parser.add_argument("--compile", action="store_true", help="compare with torch.compile")
    parser.add_argument("--growth", type=int, default=0, metavar="STEPS", help="tell what memory they keep")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
