"""Changes of program as arrays by channel, so that a million of them cost no more than their room."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqvae.midi.smf import PROGRAM_CHANGE, Events

Integers = NDArray[np.int64]


class Programs(NamedTuple):
    """The changes of one channel, by tick."""

    ticks: Integers  # (changes,)
    programs: Integers  # (changes,)
    others: Integers  # (changes,) how many up to each are to another program than the one before it

    def at(self, tick: int) -> int | None:
        """Return the program that is in force at a tick; None before the first change."""
        place = int(self.ticks.searchsorted(tick, side="right"))
        return int(self.programs[place - 1]) if place else None

    def num_changes(self, first: int, last: int, program: int) -> int:
        """Count the changes to another program after tick `first`, where `program` is heard, up to `last`."""
        start, stop = self.ticks.searchsorted([first, last], side="right").tolist()
        if start >= stop:
            return 0
        return int(self.programs[start] != program) + int(self.others[stop - 1] - self.others[start])


NO_PROGRAMS = Programs(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def programs_of(tracks: Sequence[Events]) -> Mapping[int, Programs]:
    """Gather the changes in the events of tracks; of those at a tick the highest program comes last.

    In a single track they stay in the order of the file.
    """
    found = [events[events[:, 1] >= PROGRAM_CHANGE] for events in tracks if len(events)]
    found = [events[:, :3] for events in found if len(events)]
    if not found:
        return {}
    changes = np.concatenate(found)  # (changes, 3): tick, status, program
    if len(tracks) > 1:
        changes = changes[np.lexsort((changes[:, 2], changes[:, 0]))]
    channels = changes[:, 1] & 0x0F
    return {
        channel: _of_one_channel(changes[channels == channel])
        for channel in np.flatnonzero(np.bincount(channels)).tolist()
    }


def _of_one_channel(changes: Integers) -> Programs:
    ticks, programs = np.ascontiguousarray(changes[:, 0]), np.ascontiguousarray(changes[:, 2])
    others = np.zeros(len(programs), dtype=np.int64)
    np.cumsum(programs[1:] != programs[:-1], out=others[1:])
    return Programs(ticks, programs, others)
