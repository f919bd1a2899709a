"""From one sentence to another, step by step, equal neighbours told once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, get_args

from seqvae.errors import ConfigError
from seqvae.latent.paths import PathMethod, Place
from seqvae.latent.text.results import Line
from seqvae.midi.counts import counted
from seqvae.tokens.sentences import Ids


@dataclass(frozen=True, kw_only=True)
class TextWalkOptions:
    """How to walk between sentences."""

    method: PathMethod = "slerp"
    pin_ends: bool = True  # the sentences themselves stand on the path, not what the model makes of them
    fluent: bool = True  # greedy walks of models that can: sentences near the path that read best
    collapse: bool = True  # equal neighbours become one line, counted

    def __post_init__(self) -> None:
        """Check the method."""
        if self.method not in get_args(PathMethod):
            raise ConfigError(f"method is {self.method!r}; choose from {', '.join(get_args(PathMethod))}")

    def as_dict(self) -> dict[str, Any]:
        """Return every option under its name; plain JSON values."""
        return asdict(self)


DEFAULT_WALK = TextWalkOptions()


def pin_ends(written: Sequence[Ids], own: Sequence[Ids], places: Sequence[Place]) -> list[Ids]:
    """Put the user's own sentences where they stand on the path."""
    pairs = zip(places, written, strict=True)
    return [ids if place.input_index is None else own[place.input_index] for place, ids in pairs]


def place_lines(lines: Sequence[Line], places: Sequence[Place], *, are_pinned: bool) -> list[Line]:
    """Tell of each line where it stands."""
    return [
        replace(
            line, facts={"leg": place.leg, "fraction": round(place.fraction, 6)} | _own(place, are_pinned)
        )
        for line, place in zip(lines, places, strict=True)
    ]


def collapse_lines(lines: Sequence[Line]) -> list[Line]:
    """Tell equal neighbours once, as often as they came; one of the user's own stands for its equals."""
    runs = [list(run) for _, run in groupby(lines, key=lambda line: line.text)]
    kept = []
    for run in runs:
        own = next((line for line in run if line.facts["is_own"]), run[0])
        kept.append(replace(own, facts={**own.facts, "steps": len(run)}))
    return kept


def walk_notes(lines: Sequence[Line], num_steps: int) -> tuple[str, ...]:
    """Say how much changed on the way."""
    num_different = len({line.text for line in lines})
    told = f"{counted(num_steps, 'step')}, {counted(num_different, 'different sentence')}"
    collapsed = num_steps - len(lines)
    return (told + (f", {collapsed} equal to the one before left out" if collapsed else ""),)


def _own(place: Place, are_pinned: bool) -> dict[str, bool]:
    return {"is_own": are_pinned and place.input_index is not None}
