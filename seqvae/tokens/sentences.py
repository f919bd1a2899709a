"""What all sentences have in common: ids `(time, 1)` with an end, and padding behind it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqvae.errors import TokenError

Ids = NDArray[np.int16]

PAD = 0  # behind the end of a sentence shorter than others of its batch
END = 1  # every sentence ends with it
MAX_VOCABULARY = 1 << 15  # ids are int16


def end_ids(pieces: Sequence[int], *, max_length: int | None) -> Ids:
    """Write pieces and their end as ids `(time, 1)`; TokenError beyond `max_length` ids."""
    if max_length is not None and len(pieces) >= max_length:
        raise TokenError(
            f"the sentence takes {len(pieces) + 1} ids with its end, at most {max_length} fit; shorten it"
        )
    return np.array([*pieces, END], dtype=np.int16)[:, None]


def pieces_before_end(ids: ArrayLike, *, vocab_size: int) -> list[int]:
    """Return what stands before the first end in ids `(time, 1)`, without padding."""
    flat = np.asarray(ids, dtype=np.int64).reshape(-1)
    ends = np.flatnonzero(flat == END)
    before = flat[: ends[0]] if len(ends) else flat
    odd = np.flatnonzero((before < 0) | (before >= vocab_size))
    if len(odd):
        raise TokenError(f"id {before[odd[0]]} at step {odd[0]} is outside 0..{vocab_size - 1}")
    return [int(piece) for piece in before if piece != PAD]


def pad_ids(sentences: Sequence[Ids]) -> Ids:
    """Lay sentences `(time, 1)` side by side as `(batch, longest time, 1)`, padded behind their ends."""
    padded = np.full((len(sentences), max(map(len, sentences), default=0), 1), PAD, dtype=np.int16)
    for row, ids in zip(padded, sentences, strict=True):
        row[: len(ids)] = ids
    return padded
