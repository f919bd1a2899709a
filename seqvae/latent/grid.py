"""Between four clips at the corners of a grid: A and B above, C and D below."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import torch

from seqvae.errors import ConfigError
from seqvae.latent.bounds import Bounds, Decoded, bounds_of
from seqvae.latent.ends import PathEnd, draw_for, find_points, fit_inputs, report_inputs
from seqvae.latent.expression import blend_feel, blend_tempi
from seqvae.latent.inputs import SourceClip
from seqvae.latent.paths import Spot, places_on_path, points_on_path
from seqvae.latent.report import WalkReport
from seqvae.latent.results import Clips
from seqvae.latent.steps import Mixed, Step, mixed_step, own_step, report_step
from seqvae.latent.walk import WalkOptions
from seqvae.midi.resample import at_one_resolution
from seqvae.model.vae import SequenceVAE

CORNERS = ("A", "B", "C", "D")
MOST_CELLS = 32  # in a row or a column

Value = TypeVar("Value")


class Size(NamedTuple):
    """How many clips a grid has, its corners counted."""

    rows: int
    columns: int


def read_size(wish: int | str | Sequence[int]) -> Size:
    """Read 5, "5", "3x5" or (3, 5), rows first; ConfigError for anything else."""
    words: list[Any] = [wish] if isinstance(wish, int) else list(wish)
    if isinstance(wish, str):
        words = wish.lower().split("x")
    try:
        size = Size(*(int(word) for word in (words * 2 if len(words) == 1 else words)))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"size is {wish!r}; write it as 5, or as 3x5, rows first") from error
    if not all(2 <= number <= MOST_CELLS for number in size):
        raise ConfigError(f"size is {wish!r}; corners count, so choose 2 to {MOST_CELLS}")
    return size


def cell_names(size: Size) -> tuple[str, ...]:
    """Name the files of all cells, row by row, with digits enough to sort."""
    width = len(str(max(size)))
    return tuple(
        f"cell-{row + 1:0{width}}-{column + 1:0{width}}"
        for row in range(size.rows)
        for column in range(size.columns)
    )


def grid_between(
    model: SequenceVAE,
    corners: Sequence[SourceClip],
    size: Size,
    *,
    temperature: float,
    generator: torch.Generator,
    options: WalkOptions,
    settings: Mapping[str, Any],
) -> Clips[WalkReport]:
    """Walk from A to B and from C to D, and in every column from the one walk to the other."""
    ends = fit_inputs(corners, options.fit, model.config.bars, options.overlap)
    drawing = draw_for(model, ends[0].fit, temperature, generator)
    bounds = bounds_of(ends, model.config.vocab_size, options.bound_wishes)
    ends = bounds.adopt(ends)
    found = find_points(model, ends, options.refine)
    across, down = places_on_path(2, size.columns), places_on_path(2, size.rows)
    sides = [points_on_path(found.points[first : first + 2], across, options.method) for first in (0, 2)]
    z = points_on_path(torch.stack(sides), down, options.method)  # (rows, columns, windows, latent)
    decoded = bounds.decode(model, z.flatten(0, 1), ends[0].fit, drawing)
    spots = [
        Spot(row, column, one.fraction, other.fraction)
        for row, one in enumerate(down, 1)
        for column, other in enumerate(across, 1)
    ]
    steps = [_build(ends, spot, one, bounds, options) for spot, one in zip(spots, decoded, strict=True)]
    names, labels = cell_names(size), tuple(_label(ends, spot) for spot in spots)
    reports = [report_step(*parts, ends) for parts in zip(names, labels, spots, steps, strict=True)]
    report = WalkReport(
        settings=settings,
        inputs=report_inputs(model, ends, found),
        steps=tuple(reports),
        bounds=bounds.report,
    )
    scores = at_one_resolution([step.score for step in steps])
    return Clips(scores, names, labels, report, tuple(z.flatten(0, 1)))


def _build(
    ends: Sequence[PathEnd], spot: Spot, decoded: Decoded, bounds: Bounds, options: WalkOptions
) -> Step:
    if options.pin_ends and spot.input_index is not None:
        return own_step(ends, spot.input_index, bounds)
    mixed = Mixed(
        [ends[index] for index in spot.nearest],
        _blend([end.feel for end in ends], spot, blend_feel),
        _blend([end.tempi for end in ends], spot, blend_tempi),
    )
    return mixed_step(mixed, decoded, bounds)


def _blend(values: Sequence[Value], spot: Spot, blend: Callable[[Value, Value, float], Value]) -> Value:
    """Blend what the corners have, as a walk along the edge does where the spot is on one."""

    def between(one: Value, other: Value, fraction: float) -> Value:
        return {0.0: one, 1.0: other}[fraction] if fraction in {0.0, 1.0} else blend(one, other, fraction)

    a, b, c, d = values
    return between(between(a, b, spot.across), between(c, d, spot.across), spot.down)


def _label(ends: Sequence[PathEnd], spot: Spot) -> str:
    nearest = spot.nearest[0]
    share = "" if spot.input_index is not None else f"{round(100 * spot.weights[nearest], 1):g}% "
    return f"{spot.row}-{spot.column} {share}{ends[nearest].source.label}"
