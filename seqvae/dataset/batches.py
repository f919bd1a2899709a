"""An endless stream of batches over the windows of a split, each one known by its number alone."""

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.augment import AS_WRITTEN, Augmentation, augment
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.shards import WindowSet

BUCKET = 64  # batches that are sorted by length together


class Batches:
    """Windows in random order, epoch after epoch, each augmented anew.

    Batch k takes places k * size to (k + 1) * size of the stream of all epochs' permutations, so that it
    may span two epochs and none is left out. It is the same whatever was read before: a resumed run needs
    nothing but k, and a process among several may take its share of it.

    Windows of different lengths are batched with others of about their length, anew in every epoch: each
    run of 64 batches is sorted by length and its batches are shuffled again. Batches then never span two
    epochs; the windows left over at the end of an epoch, less than a batch, are others each time.

    With a `corpus_balance` above 0 an epoch, as long as without, has more of small corpora and less of large
    ones: each has a share that goes with the number of its windows to the power of 1 - balance, so that at 1
    all are equal. What is wanted more often than it is there is drawn as whole permutations and the beginning
    of another.
    """

    def __init__(
        self,
        windows: WindowSet,
        *,
        size: int,
        seed: int,
        augmentation: Augmentation = AS_WRITTEN,
        corpus_balance: float = 0.0,
    ) -> None:
        self._windows = windows
        self._balance = corpus_balance
        self._size = size
        self._seed = seed
        self._augmentation = augmentation
        self._order: tuple[int, NDArray[np.int64]] = (-1, np.empty(0, dtype=np.int64))
        lengths = windows.lengths
        self._is_bucketed = len(lengths) > 0 and bool((lengths != lengths[0]).any())
        self._epoch_size = len(windows) // size * size if self._is_bucketed else len(windows)

    def batch(self, number: int) -> NDArray[np.int64]:
        """Return the ids of one batch, `(batch, time, voices)`."""
        indices = self.indices(number)
        ids = self._windows.windows(indices).astype(np.int64)
        return augment(ids, self._windows.ranges[indices], self._augmentation, seed=self._seed, number=number)

    def indices(self, number: int) -> NDArray[np.int64]:
        """Return which windows one batch holds, `(batch,)`."""
        places = np.arange(number * self._size, (number + 1) * self._size)
        epochs, inside = np.divmod(places, self._epoch_size)
        parts = [self._epoch(int(epoch))[inside[epochs == epoch]] for epoch in np.unique(epochs)]
        return np.concatenate(parts)

    def _epoch(self, epoch: int) -> NDArray[np.int64]:
        """Return the permutation of one epoch; the last one asked for is kept."""
        if self._order[0] != epoch:
            generator = generator_of(self._seed, Purpose.ORDER, epoch)
            order = self._permutation(generator)
            if self._is_bucketed:
                order = self._bucketed(order[: self._epoch_size], generator)
            self._order = (epoch, order)
        return self._order[1]

    def _permutation(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Draw the windows of an epoch."""
        if not self._balance:
            return generator.permutation(len(self._windows))
        parts = [
            np.concatenate([generator.permutation(own) for _ in range(max(1, -(-wanted // len(own))))])[
                :wanted
            ]
            for own, wanted in zip(*self._wanted(), strict=True)
        ]
        return generator.permutation(np.concatenate(parts))

    def _wanted(self) -> tuple[list[NDArray[np.int64]], list[int]]:
        """Return the windows of each corpus, and how many of them an epoch has, which add up to all."""
        corpus_of = self._windows.corpus_indices
        owned = [np.flatnonzero(corpus_of == corpus) for corpus in np.unique(corpus_of)]
        shares = np.cumsum([len(own) ** (1 - self._balance) for own in owned])
        ends = np.floor(shares / shares[-1] * len(self._windows) + 0.5).astype(int)
        return owned, np.diff(ends, prepend=0).tolist()

    def _bucketed(self, order: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
        """Sort runs of batches by length and shuffle their batches."""
        parts = []
        for start in range(0, len(order), BUCKET * self._size):
            run = order[start : start + BUCKET * self._size]
            run = run[np.argsort(self._windows.lengths[run], kind="stable")]
            parts.append(generator.permutation(run.reshape(-1, self._size)).ravel())
        return np.concatenate(parts)
