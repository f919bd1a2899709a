"""Texts in order, however many."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice, pairwise

from seqvae.dataset.table import Texts

IN_MEMORY = 1 << 14
OF_EACH_RUN = 256  # in memory while runs are merged


def in_order(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts as `sorted` lists them; sorted runs of those beyond some thousand wait on the disk."""
    waiting = iter(texts)
    run = sorted(islice(waiting, IN_MEMORY))
    if len(run) < IN_MEMORY:
        yield from run
        return
    runs = Texts()
    borders = [0]
    while run:
        runs.extend(run)
        borders.append(len(runs))
        run = sorted(islice(waiting, IN_MEMORY))
    yield from merge(*(runs.between(*pair, at_once=OF_EACH_RUN) for pair in pairwise(borders)))
