"""A corpus is cut into tasks of a few files each, and their results are left in the journal."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Protocol

from seqvae import __version__
from seqvae.dataset.catalogue import Chunk
from seqvae.dataset.corpus import Sources
from seqvae.dataset.journal import Journal
from seqvae.dataset.pieces import Source
from seqvae.dataset.places import stamp_of
from seqvae.dataset.settings import PrepareSettings

FILES_PER_TASK = 128  # at most
TASKS_WISHED = 64  # of a small corpus, so that many processes share it evenly
FEWEST_FILES = 8  # of a task even so
FORMAT_VERSION = 3  # of what lies in the journal


def task_size(num_files: int, most: int) -> int:
    """Return how many files a task has, by the size of the corpus alone, whoever works on it."""
    return min(most, max(FEWEST_FILES, num_files // TASKS_WISHED))


@dataclass(frozen=True)
class Work:
    """All tasks of a run; each is known by its number here, and in the journal by what decides its result."""

    sources: Sources
    settings: PrepareSettings
    journal: Journal
    files_per_task: int

    def files(self, number: int) -> list[Source]:
        """Return the files of one task."""
        first = number * self.files_per_task
        last = min(first + self.files_per_task, len(self.sources))
        return [self.sources[place] for place in range(first, last)]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all tasks: hashes of the settings, and of name, size and time of each file."""
        num_tasks = -(-len(self.sources) // self.files_per_task)
        return tuple(self._key(self.files(number)) for number in range(num_tasks))

    def chunk(self, number: int) -> Chunk:
        """Return where the result of one task lies."""
        return Chunk(self.journal.path(self.keys[number]), number * self.files_per_task)

    def chunks(self) -> Iterator[Chunk]:
        """Go through all results, once they are there."""
        return map(self.chunk, range(len(self.keys)))

    def _key(self, files: Sequence[Source]) -> str:
        settings = self.settings
        facts = [FORMAT_VERSION, __version__, settings.tokenizer.to_config(), settings.bars, settings.strict]
        facts.append(settings.more_voices)
        stamps = [[source.corpus, source.name, stamp_of(source.path)] for source in files]
        return blake2b(json.dumps([facts, stamps]).encode(), digest_size=16).hexdigest()


class Engine(Protocol):
    """Where tasks are worked on."""

    def run(self, work: Work, pending: Sequence[int]) -> Iterator[int]:
        """Leave the results of these tasks in the journal; yield their numbers as they are done."""


def chunks_in_order(
    work: Work, engine: Engine, on_progress: Callable[[int, int], None] | None
) -> Generator[Chunk, None, None]:
    """Do what is not done yet and yield each result as soon as all before it are there."""
    pending = [number for number, key in enumerate(work.keys) if not work.journal.holds(key)]
    missing = set(pending)
    due = 0
    for number in chain([-1], engine.run(work, pending)):  # -1: what was there before comes first
        missing.discard(number)
        while due < len(work.keys) and due not in missing:
            yield work.chunk(due)
            due += 1
            if on_progress:
                on_progress(min(due * work.files_per_task, len(work.sources)), len(work.sources))
