"""Which sentences lie near one another in the latent space."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.text.layout import Layout
from seqvae.latent.text.results import Neighbour
from seqvae.latent.text.sentences import Sentence, encode_sentence
from seqvae.tokens.sentences import Ids

MAX_NEIGHBOURS = 1000


class Candidate(NamedTuple):
    """A sentence that the model can take, and its number among those given."""

    text: str
    place: int
    ids: Ids


class Candidates(NamedTuple):
    """What can be searched, and why the first of the others cannot, where there are others."""

    usable: list[Candidate]
    first_fault: str


def usable_candidates(sentences: Sequence[Sentence], layout: Layout) -> Candidates:
    """Leave out what the model cannot take; TokenError, the first reason, if nothing stays."""
    kept, first = list[Candidate](), ""
    for place, sentence in enumerate(sentences, 1):
        try:
            kept.append(Candidate(sentence.text, place, encode_sentence(sentence, layout)))
        except TokenError as error:
            first = first or str(error)
    if not kept:
        raise TokenError(f"no candidate can be used: {first or 'there are none'}")
    return Candidates(kept, first)


def nearest_candidates(
    queries: Tensor, points: Tensor, candidates: Sequence[Candidate], count: int
) -> tuple[tuple[Neighbour, ...], ...]:
    """Find the nearest candidates, which lie at `points`, for each of `(queries, latent)`."""
    if not 1 <= count <= MAX_NEIGHBOURS:
        raise ConfigError(f"the number of neighbours is {count}; choose 1 to {MAX_NEIGHBOURS}")
    found = []
    for query in queries.double():
        apart = (points.double() - query).norm(dim=1)  # (candidates,)
        rows = torch.sort(apart, stable=True).indices[:count].tolist()
        found.append(tuple(_neighbour(candidates[row], float(apart[row])) for row in rows))
    return tuple(found)


def _neighbour(candidate: Candidate, distance: float) -> Neighbour:
    return Neighbour(text=candidate.text, place=candidate.place, distance=distance)
