"""The only place where pieces hear of one another: groups, splits and the windows that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqvae.dataset.grouping import assign_splits, follow_official, group_pieces
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
    splits = _split(pieces, groups, settings)
    selection = select_windows([piece.facts for piece in pieces], splits)
    borders = np.cumsum([len(piece.facts.starts) for piece in pieces])[:-1]
    kept = np.split(selection.kept, borders)
    chosen = map(Chosen, range(len(pieces)), pieces, kept)
    near_empty = {"near-empty": sum(piece.num_near_empty for piece in pieces)}
    return Arrangement(tuple(chosen), tuple(groups), tuple(splits), near_empty | selection.dropped)


def _split(pieces: Sequence[Piece], groups: Sequence[int], settings: PrepareSettings) -> list[str]:
    """Leave pieces in the official split of their corpus and share out the others."""
    free = [place for place, piece in enumerate(pieces) if not piece.source.split]
    assigned = assign_splits(
        [groups[place] for place in free],
        [pieces[place].identity for place in free],
        [pieces[place].source.corpus for place in free],
        [pieces[place].num_bars for place in free],
        seed=settings.seed,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
    )
    splits = [piece.source.split for piece in pieces]
    for place, split in zip(free, assigned, strict=True):
        splits[place] = split
    return follow_official(splits, groups, [bool(piece.source.split) for piece in pieces])
