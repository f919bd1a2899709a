"""Music becomes pieces: what the corpus must know of each by itself, found for several at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqvae.dataset.pieces import Music
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.windows import (
    ENSEMBLE,
    GRAM_BARS,
    MOST_IDS,
    Flags,
    Ids,
    Integers,
    Keys,
    WindowFacts,
    borders_of,
    describe,
    grams_among,
    grams_of,
    identities_of,
    joined,
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
    for_training: Flags  # (windows,) those that no other split may have


def describe_pieces(music: Sequence[Music], settings: PrepareSettings) -> list[Piece]:
    """Gather what is known of pieces by themselves."""
    return [piece for part in _in_parts(music) for piece in _describe(part, settings)]


def _in_parts(music: Sequence[Music]) -> Iterator[list[Music]]:
    """Divide pieces so that each part takes little memory: one piece, or several that are not long."""
    part: list[Music] = []
    num_ids = 0
    for one in music:
        part.append(one)
        num_ids += sum(span.size for span in (*one.spans, *one.more_spans))
        if num_ids >= MOST_IDS:
            yield part
            part, num_ids = [], 0
    if part:
        yield part


class _Part(NamedTuple):
    """The music of several pieces end to end, and the windows worth keeping."""

    ids: Ids  # (steps, voices)
    span_steps: list[int]
    borders: Integers  # (pieces + 1,) steps
    all_windows: WindowFacts
    kept: WindowFacts
    windows: Integers  # (pieces + 1,) borders of what is kept
    num_near_empty: Integers  # (pieces,)

    def of_piece(self, piece: int) -> tuple[Ids, WindowFacts]:
        """Return the music of one piece and its windows, whose starts are counted from its own first step."""
        start, stop = self.borders[piece : piece + 2].tolist()
        found = self.kept.chosen(slice(*self.windows[piece : piece + 2].tolist()))
        return self.ids[start:stop], found._replace(starts=found.starts - start)


def _part(pieces: Sequence[Sequence[Ids]], settings: PrepareSettings) -> _Part:
    """Lay the spans of pieces end to end and look at all windows."""
    voices = settings.tokenizer.voices
    spans = [span for piece in pieces for span in piece]
    ids = np.concatenate([np.empty((0, voices), dtype=np.int16), *spans]).astype(np.int16, copy=False)
    span_steps = [len(span) for span in spans]
    borders = borders_of([sum(map(len, piece)) for piece in pieces])
    starts = window_starts(span_steps, length=settings.steps_per_window, hop=settings.steps_per_bar)
    facts = describe(ids, starts, settings.steps_per_window, settings.meaning, bars=settings.bars)
    kept = facts.chosen(facts.playing >= (1 if settings.more_voices else min(ENSEMBLE, voices)))
    windows = np.searchsorted(kept.starts, borders)
    near_empty = np.diff(np.searchsorted(starts, borders)) - np.diff(windows)
    return _Part(ids, span_steps, borders, facts, kept, windows, near_empty)


def _describe(music: Sequence[Music], settings: PrepareSettings) -> Iterator[Piece]:
    own = _part([one.spans for one in music], settings)
    more = _part([one.more_spans for one in music], settings)
    meaning, steps_per_bar = settings.meaning, settings.steps_per_bar
    if settings.bars == GRAM_BARS and own.ids.shape[1] == 1:
        grams = grams_among(own.all_windows, own.borders)
    else:
        grams = grams_of(own.ids, own.span_steps, own.borders, meaning, steps_per_bar=steps_per_bar)
    identities = identities_of(own.ids, own.borders, meaning, steps_per_bar=steps_per_bar)
    for number, (one, identity, known) in enumerate(zip(music, identities, grams, strict=True)):
        ids, facts = own.of_piece(number)
        more_ids, more_facts = more.of_piece(number)
        more_facts = more_facts._replace(starts=more_facts.starts + len(ids))
        for_training = facts.playing < min(ENSEMBLE, ids.shape[1])
        yield Piece(
            music=one,
            ids=np.concatenate([ids, more_ids]),
            num_bars=len(ids) // steps_per_bar,
            facts=joined([facts, more_facts]),
            num_near_empty=int(own.num_near_empty[number] + more.num_near_empty[number]),
            identity=identity,
            grams=known,
            for_training=np.append(for_training, np.ones(len(more_facts.starts), dtype=bool)),
        )
