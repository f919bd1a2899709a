"""Maps of tempo and metre as what changes, and nothing that only repeats."""

from collections.abc import Sequence
from typing import TypeVar

from seqvae.midi.notes import Metre, Tempo

Change = TypeVar("Change", Tempo, Metre)


def only_changes(events: Sequence[Change]) -> tuple[Change, ...]:
    """Leave out tempi or metres that only repeat the one in force."""
    kept = list(events[:1])
    for event in events[1:]:
        if event[1:] != kept[-1][1:]:
            kept.append(event)
    return tuple(kept)
