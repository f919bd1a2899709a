"""The only place where pieces hear of one another: groups, splits and the windows that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqvae.dataset.grouping import assign_splits, group_pieces
from seqvae.dataset.pieces import Piece
from seqvae.dataset.selection import select_windows
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.writing import Chosen


@dataclass(frozen=True)
class Arrangement:
    """What was decided about the pieces, in their order."""

    chosen: tuple[Chosen, ...]  # every piece, also one that keeps no window
    groups: tuple[int, ...]
    splits: tuple[str, ...]
    dropped: dict[str, int]  # windows, by reason

    def of_split(self, split: str) -> list[Chosen]:
        """Return the pieces that give windows to a split."""
        both = zip(self.chosen, self.splits, strict=True)
        return [chosen for chosen, place in both if place == split and chosen.kept.any()]


def arrange(pieces: Sequence[Piece], settings: PrepareSettings) -> Arrangement:
    """Group and split whole pieces, the same for every number of bars, then choose windows."""
    identities = [piece.identity for piece in pieces]
    groups = group_pieces(identities, [piece.grams for piece in pieces], min_share=settings.same_music_share)
    splits = assign_splits(
        groups,
        identities,
        [piece.source.corpus for piece in pieces],
        [piece.num_bars for piece in pieces],
        seed=settings.seed,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
    )
    selection = select_windows([piece.facts for piece in pieces], splits)
    borders = np.cumsum([len(piece.facts.starts) for piece in pieces])[:-1]
    kept = np.split(selection.kept, borders)
    chosen = map(Chosen, range(len(pieces)), pieces, kept)
    near_empty = {"near-empty": sum(piece.num_near_empty for piece in pieces)}
    return Arrangement(tuple(chosen), tuple(groups), tuple(splits), near_empty | selection.dropped)
