"""From one clip to another, step by step through the latent space."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, get_args

import torch

from seqvae.errors import ConfigError
from seqvae.latent.bands.base import Ids, TrackWish
from seqvae.latent.bounds import Bounds, Decoded, bounds_of
from seqvae.latent.bounds import Wishes as BoundWishes
from seqvae.latent.distance import distance
from seqvae.latent.ends import PathEnd, draw_for, find_points, fit_inputs, report_inputs
from seqvae.latent.even import choose_steps
from seqvae.latent.expression import blend_feel, blend_tempi
from seqvae.latent.inputs import SourceClip
from seqvae.latent.locks import read_bars, read_voices
from seqvae.latent.paths import PathMethod, Place, places_on_path, points_on_path
from seqvae.latent.report import WalkReport
from seqvae.latent.results import Clips, numbered
from seqvae.latent.scales import AUTO, read_scale
from seqvae.latent.songs.bars import check_range
from seqvae.latent.steps import Mixed, Step, mixed_step, own_step, report_step
from seqvae.latent.windows import FitRule
from seqvae.midi.resample import at_one_resolution
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.drum_map import DrumMap

OF_A_WAY = {"method", "pin_ends", "even"}
FINENESS = 4  # points decoded for each step of an even walk


@dataclass(frozen=True, kw_only=True)
class WalkOptions:
    """How to walk between clips."""

    method: PathMethod = "slerp"
    fit: FitRule = "loop"  # how a clip shorter than the longest, or than the model's window, is filled
    tracks: TrackWish | Sequence[TrackWish] = ()  # none: the rule; one: for all inputs; or one for each
    bars: str | Sequence[str] = ()  # as 9-16, 9- or all; none: all; one: for all inputs; or one for each
    pin_ends: bool = True  # the inputs themselves stand on the path, not what the model makes of them
    refine: int = 0  # gradient steps that the posterior of each window of an input takes
    overlap: int | None = None  # bars that windows of a longer song share at least; None: a quarter of them
    even: bool = True  # steps evenly apart in what changes, never turning back; else evenly apart in z
    keep: str | Sequence[str] = ()  # voices of the first input that stay throughout
    lock_bars: str | Sequence[int] = ()  # bars of what is taken of it that do, as "1-4,9" or as numbers
    scale: str | None = None  # that of all that is written, as "D dorian", or "auto": that of the inputs
    drum_map: Mapping[str, str] | None = None  # note to class of the inputs' kit; None: as the model has it
    strict: bool = False  # refuse files that break the MIDI standard instead of mending them

    def __post_init__(self) -> None:
        """Check every bound."""
        for name, choices in (("method", get_args(PathMethod)), ("fit", get_args(FitRule))):
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; choose from {', '.join(choices)}")
        for wish in self.ranges:
            check_range(wish)
        if self.overlap is not None and self.overlap < 0:
            raise ConfigError(f"overlap is {self.overlap} bars; choose 0 or more")
        if not 0 <= self.refine <= 10_000:
            raise ConfigError(f"refine is {self.refine}; choose 0 to 10000")
        if self.scale not in {None, AUTO}:
            read_scale(str(self.scale))
        read_bars(self.lock_bars)
        if self.drum_map is not None:
            DrumMap.from_dict(self.drum_map)

    @property
    def wishes(self) -> tuple[TrackWish, ...]:
        """Return the tracks as a tuple: a name or a number alone is one wish."""
        if self.tracks is None or isinstance(self.tracks, (str, int)):
            return (self.tracks,)
        return tuple(self.tracks)

    @property
    def ranges(self) -> tuple[str, ...]:
        """Return the bars as a tuple: a range alone is one."""
        return (self.bars,) if isinstance(self.bars, str) else tuple(self.bars)

    @property
    def bound_wishes(self) -> BoundWishes:
        """Return what is to be kept; ConfigError for bars that are none."""
        return BoundWishes(read_voices(self.keep), read_bars(self.lock_bars), self.scale)

    def as_dict(self) -> dict[str, Any]:
        """Return every option under its name; plain JSON values."""
        kept = self.bound_wishes
        lists = {"tracks": self.wishes, "bars": self.ranges, "keep": kept.voices, "lock_bars": kept.bars}
        return asdict(self) | {name: list(values) for name, values in lists.items()}

    def of_one_clip(self) -> dict[str, Any]:
        """Return the options that count where there is but one clip and no way."""
        return {name: value for name, value in self.as_dict().items() if name not in OF_A_WAY}


def walk_between(
    model: SequenceVAE,
    sources: Sequence[SourceClip],
    places: Sequence[Place],
    *,
    temperature: float,
    generator: torch.Generator,
    options: WalkOptions,
    settings: Mapping[str, Any],
) -> Clips[WalkReport]:
    """Walk through all inputs; every window of theirs goes its own way, at the same pace.

    `settings` go into the report as they are.
    """
    ends = fit_inputs(sources, options.fit, model.config.bars, options.overlap)
    drawing = draw_for(model, ends[0].fit, temperature, generator)
    bounds = bounds_of(ends, model.config.vocab_size, options.bound_wishes)
    ends = bounds.adopt(ends)
    found = find_points(model, ends, options.refine)
    finest = _finer(places, len(ends)) if options.even else places
    z = points_on_path(found.points, finest, options.method)  # (places, windows, latent)
    decoded = bounds.decode(model, z, ends[0].fit, drawing)
    kept = list(range(len(finest)))
    if options.even:
        ids = [one.ids for one in decoded]
        kept = _even_steps(ends, finest, ids, num_steps=len(places), pin_ends=options.pin_ends)
    places = [finest[index] for index in kept]
    pairs = zip(places, [decoded[index] for index in kept], strict=True)
    steps = [_build_step(ends, place, one, bounds, pin_ends=options.pin_ends) for place, one in pairs]
    labels = [f"{number} {_label(ends, place)}" for number, place in enumerate(places, 1)]
    names = numbered("step", len(steps))
    reports = [report_step(*parts, ends) for parts in zip(names, labels, places, steps, strict=True)]
    report = WalkReport(
        settings=settings,
        inputs=report_inputs(model, ends, found),
        steps=tuple(reports),
        bounds=bounds.report,
    )
    scores = at_one_resolution([step.score for step in steps])
    points = tuple(z[index] for index in kept)
    return Clips(scores, names, tuple(labels), report, points)


def _finer(places: Sequence[Place], num_inputs: int) -> tuple[Place, ...]:
    """Return a path with more places on every leg, those given among them."""
    per_leg = (len(places) - 1) // (num_inputs - 1)
    return places_on_path(num_inputs, FINENESS * per_leg + 1)


def _even_steps(
    ends: Sequence[PathEnd],
    places: Sequence[Place],
    decoded: Sequence[Ids],
    *,
    num_steps: int,
    pin_ends: bool,
) -> list[int]:
    """Choose on every leg the places that go on, as evenly as can be."""
    meaning, num_legs = ends[0].source.band.meaning, len(ends) - 1
    length = (len(places) - 1) // num_legs
    kept = [0]
    for leg, (start, end) in enumerate(pairwise(ends)):
        ids = list(decoded[leg * length : (leg + 1) * length + 1])
        if pin_ends:
            ids[0], ids[-1] = start.clip.ids, end.clip.ids
        to_start, to_end = ([distance(one.clip.ids, x, meaning).steps for x in ids] for one in (start, end))
        chosen = choose_steps(to_start, to_end, (num_steps - 1) // num_legs + 1)
        kept += [leg * length + index for index in chosen[1:]]
    return kept


def _build_step(
    ends: Sequence[PathEnd], place: Place, decoded: Decoded, bounds: Bounds, *, pin_ends: bool
) -> Step:
    """Turn what was decoded into music, or take the user's own notes where they stand on the path."""
    if pin_ends and place.input_index is not None:
        return own_step(ends, place.input_index, bounds)
    pair = start, end = ends[place.leg], ends[place.leg + 1]
    mixed = Mixed(
        pair[::-1] if place.nearest > place.leg else pair,
        blend_feel(start.feel, end.feel, place.fraction),
        blend_tempi(start.tempi, end.tempi, place.fraction),
    )
    return mixed_step(mixed, decoded, bounds)


def _label(ends: Sequence[PathEnd], place: Place) -> str:
    if place.input_index is not None:
        return ends[place.input_index].source.label
    return f"{round(100 * place.fraction, 1):g}% {ends[place.leg + 1].source.label}"
