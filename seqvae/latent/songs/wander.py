"""Pieces longer than a window: a walk in z from one random point to the next, played window after window.

A window stands at a point of its own. Every fourth one is drawn at random, those between lie on the spherical
way from one to the next, so that neighbours are alike and the piece never stands still. The metre is that of
most bars of the first window, and points are drawn until their music has it too. The beginning does not
depend on how long the piece becomes.
"""

from collections import Counter
from typing import Any, NamedTuple

import torch
from torch import Tensor

from seqvae.latent.bands.base import Band, Manner, Written
from seqvae.latent.bounds import Bounds
from seqvae.latent.codec import decode_windows, draw
from seqvae.latent.fitted import LatentDensity
from seqvae.latent.paths import Place, points_on_path
from seqvae.latent.windows import Fit
from seqvae.midi.quantize import Bar, lay_bars
from seqvae.model.vae import SequenceVAE

LEG_WINDOWS = 4  # from one random point to the next
MOST_DRAWS = 20  # for a point in the metre; the last one stays, and its bars are fitted


class Placed(NamedTuple):
    """Music and where it lies."""

    written: Written
    z: Tensor  # (windows, latent)


def wander(
    model: SequenceVAE,
    band: Band[Any],
    prior: LatentDensity,
    num_bars: int,
    *,
    temperature: float,
    generator: torch.Generator,
    bounds: Bounds,
) -> Placed:
    """Write a piece of any number of bars."""
    noise_seed = int(torch.randint(2**62, (1,), generator=generator))
    num_windows = -(-num_bars // model.config.bars)
    first = prior.sample(1, generator)
    bar = _usual_bar(_play(model, band, first))
    corners = [first]
    while (len(corners) - 1) * LEG_WINDOWS < num_windows - 1:
        corners.append(_draw_in_metre(model, band, prior, bar, generator))
    z = points_on_path(torch.cat([*corners, first]), [_place(window) for window in range(num_windows)])
    drawing = draw(model, num_windows, temperature, torch.Generator().manual_seed(noise_seed))
    fit = Fit("loop", num_bars, num_bars, model.config.bars)
    (decoded,) = bounds.decode(model, z[None], fit, drawing)
    written = band.write(decoded.ids, Manner(bars=lay_bars([bar] * num_bars)))
    return Placed(bounds.finish(written, decoded.num_turned), z)


def _place(window: int) -> Place:
    leg, step = divmod(window, LEG_WINDOWS)
    return Place(leg, step / LEG_WINDOWS)


def _draw_in_metre(
    model: SequenceVAE, band: Band[Any], prior: LatentDensity, bar: Bar, generator: torch.Generator
) -> Tensor:
    """Draw a point, `(1, latent)`, whose music has bars of this length, if there is one."""
    for _ in range(MOST_DRAWS):
        z = prior.sample(1, generator)
        if _usual_bar(_play(model, band, z)).num_steps == bar.num_steps:
            break
    return z


def _play(model: SequenceVAE, band: Band[Any], z: Tensor) -> tuple[Bar, ...]:
    """Return the bars of the likeliest music of a point."""
    return band.write(decode_windows(model, z)[0]).bars


def _usual_bar(bars: tuple[Bar, ...]) -> Bar:
    """Return a bar of the length that most have, the first of equals."""
    usual = Counter(bar.num_steps for bar in bars).most_common(1)[0][0]
    return next(bar for bar in bars if bar.num_steps == usual)
