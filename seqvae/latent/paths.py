"""Straight and spherical ways between points z, through any number of them.

slerp turns the direction at constant speed and lets the norm grow linearly. It is defined everywhere: a zero
end borrows the direction of the other, equal ends stay where they are, and between opposite ends the way
goes over the axis along which the first end reaches least (the first of equals), made orthogonal to it. Both
return their ends to the bit.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from seqvae.errors import ConfigError

PathMethod = Literal["slerp", "lerp"]
OPPOSITE = 1e-7  # sine of the angle below which ends of float32 count as opposite


class Place(NamedTuple):
    """Where on a path through inputs 0, 1, 2 ... a step stands."""

    leg: int  # between inputs leg and leg + 1
    fraction: float  # 0..1

    @property
    def input_index(self) -> int | None:
        """The input this step is, None between inputs."""
        return {0.0: self.leg, 1.0: self.leg + 1}.get(self.fraction)

    @property
    def nearest(self) -> int:
        """The input this step is closer to; in the middle the one it comes from."""
        return self.leg + (self.fraction > 0.5)


class Spot(NamedTuple):
    """Where in a grid a cell stands, with inputs 0 and 1 at its upper corners, 2 and 3 at its lower."""

    row: int  # from 1
    column: int  # from 1
    down: float  # 0..1, how far of the way
    across: float  # 0..1

    @property
    def weights(self) -> tuple[float, ...]:
        """The share of each input, as a straight way between straight ways would mix them."""
        columns, rows = (1 - self.across, self.across), (1 - self.down, self.down)
        return tuple(row * column for row in rows for column in columns)

    @property
    def nearest(self) -> tuple[int, ...]:
        """The inputs that have a share, the largest first, of equals those that come first."""
        weights = self.weights
        return tuple(sorted((i for i, share in enumerate(weights) if share), key=lambda i: -weights[i]))

    @property
    def input_index(self) -> int | None:
        """The input this cell is, None between inputs."""
        return self.nearest[0] if len(self.nearest) == 1 else None


def lerp(start: Tensor, end: Tensor, fraction: float) -> Tensor:
    """Return the point at `fraction` 0..1 of the straight way: `(..., latent)` twice -> `(..., latent)`."""
    return _between(start, end, fraction, start.double() + fraction * (end.double() - start.double()))


def slerp(start: Tensor, end: Tensor, fraction: float) -> Tensor:
    """Return the point at `fraction` 0..1 of the spherical way: `(..., latent)` twice -> `(..., latent)`."""
    norms = [z.double().norm(dim=-1, keepdim=True) for z in (start, end)]
    first, last = (z.double() / norm.clamp_min(1e-300) for z, norm in zip((start, end), norms, strict=True))
    first, last = torch.where(norms[0] > 0, first, last), torch.where(norms[1] > 0, last, first)
    cosine = (first * last).sum(dim=-1, keepdim=True)
    side = last - cosine * first  # the part of the last direction that the first lacks
    sine = side.norm(dim=-1, keepdim=True)
    is_opposite = (sine < OPPOSITE) & (cosine < 0)
    side = torch.where(is_opposite, _aside(first), side / sine.clamp_min(1e-300))
    angle = fraction * torch.where(is_opposite, torch.full_like(sine, torch.pi), torch.atan2(sine, cosine))
    direction = torch.cos(angle) * first + torch.sin(angle) * side
    return _between(start, end, fraction, (norms[0] + fraction * (norms[1] - norms[0])) * direction)


METHODS: dict[PathMethod, Callable[[Tensor, Tensor, float], Tensor]] = {"slerp": slerp, "lerp": lerp}


def places_on_path(num_inputs: int, steps: int) -> tuple[Place, ...]:
    """Return the places of a path whose every leg has `steps` steps, both ends counted, corners once."""
    if num_inputs < 2:
        raise ConfigError(f"a path needs two inputs or more, not {num_inputs}")
    if steps < 2:
        raise ConfigError(f"steps is {steps}; both ends count, so choose 2 or more")
    inner = [Place(leg, step / (steps - 1)) for leg in range(num_inputs - 1) for step in range(steps - 1)]
    return (*inner, Place(num_inputs - 2, 1.0))


def points_on_path(points: Tensor, places: Sequence[Place], method: PathMethod = "slerp") -> Tensor:
    """Return a point for each place: `(inputs, ..., latent)` -> `(places, ..., latent)`."""
    way = METHODS[method]
    return torch.stack([way(points[place.leg], points[place.leg + 1], place.fraction) for place in places])


def _between(start: Tensor, end: Tensor, fraction: float, inside: Tensor) -> Tensor:
    """Return the ends themselves at 0 and 1."""
    if fraction in {0.0, 1.0}:
        return end if fraction else start
    rounded: Tensor = inside.to(start.dtype)
    return rounded


def _aside(direction: Tensor) -> Tensor:
    """Return unit vectors orthogonal to unit `direction`, zero where there is but one dimension."""
    axis = torch.nn.functional.one_hot(direction.abs().argmin(dim=-1), direction.shape[-1]).double()
    side = axis - (axis * direction).sum(dim=-1, keepdim=True) * direction
    unit: Tensor = side / side.norm(dim=-1, keepdim=True).clamp_min(1e-300)
    return unit
