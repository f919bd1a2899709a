"""Music becomes pieces: what the corpus must know of each by itself, found for several at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seqvae.dataset.pieces import Music
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.windows import (
    GRAM_BARS,
    MOST_IDS,
    Ids,
    Keys,
    WindowFacts,
    borders_of,
    describe,
    grams_among,
    grams_of,
    identities_of,
    window_starts,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """The music of one file, its spans one after another, and what is known of it."""

    music: Music
    ids: Ids  # (steps, voices)
    num_bars: int
    facts: WindowFacts  # the windows worth keeping, before anything is known of other pieces
    num_near_empty: int
    identity: int
    grams: Keys


def describe_pieces(music: Sequence[Music], settings: PrepareSettings) -> list[Piece]:
    """Gather what is known of pieces by themselves."""
    return [piece for part in _in_parts(music) for piece in _describe(part, settings)]


def _in_parts(music: Sequence[Music]) -> Iterator[list[Music]]:
    """Divide pieces so that each part takes little memory: one piece, or several that are not long."""
    part: list[Music] = []
    num_ids = 0
    for one in music:
        part.append(one)
        num_ids += sum(span.size for span in one.spans)
        if num_ids >= MOST_IDS:
            yield part
            part, num_ids = [], 0
    if part:
        yield part


def _describe(music: Sequence[Music], settings: PrepareSettings) -> Iterator[Piece]:
    ids = np.concatenate([span for one in music for span in one.spans]).astype(np.int16, copy=False)
    span_steps = [len(span) for one in music for span in one.spans]
    borders = borders_of([sum(map(len, one.spans)) for one in music])
    meaning, steps_per_bar, length = settings.meaning, settings.steps_per_bar, settings.steps_per_window
    starts = window_starts(span_steps, length=length, hop=steps_per_bar)
    facts = describe(ids, starts, length, meaning, bars=settings.bars)
    if settings.bars == GRAM_BARS and ids.shape[1] == 1:
        grams = grams_among(facts, borders)
    else:
        grams = grams_of(ids, span_steps, borders, meaning, steps_per_bar=steps_per_bar)
    identities = identities_of(ids, borders, meaning, steps_per_bar=steps_per_bar)
    kept = facts.chosen(~facts.near_empty)
    windows = np.searchsorted(kept.starts, borders)
    near_empty = np.diff(np.searchsorted(starts, borders)) - np.diff(windows)
    spans = zip(pairwise(borders.tolist()), pairwise(windows.tolist()), near_empty.tolist(), strict=True)
    for one, ((start, stop), span, num_near_empty), identity, own in zip(
        music, spans, identities, grams, strict=True
    ):
        found = kept.chosen(slice(*span))
        yield Piece(
            music=one,
            ids=ids[start:stop],
            num_bars=(stop - start) // steps_per_bar,
            facts=found._replace(starts=found.starts - start),
            num_near_empty=num_near_empty,
            identity=identity,
            grams=own,
        )
