"""Sentences that came out of the latent space, with what is known of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seqvae.midi.counts import counted


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence."""

    text: str
    log_p: float  # log p(sentence | z), the end included, in nats
    facts: Mapping[str, Any] = field(default_factory=dict)  # plain JSON values

    def as_dict(self) -> dict[str, Any]:
        """Return the sentence and all that is known of it."""
        return {"text": self.text, "log_p": round(self.log_p, 4), **self.facts}


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Sentences in order, the settings they came from, and what is to be said of them."""

    settings: Mapping[str, Any]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # of the whole, plain JSON values

    @property
    def texts(self) -> list[str]:
        """The sentences alone."""
        return [line.text for line in self.lines]

    def rows(self, *, scores: bool) -> list[str]:
        """Return one row for each sentence, log p before it if asked for; no row holds a line break."""
        return [f"{line.log_p:.2f}\t" * scores + one_line(line.text) for line in self.lines]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        lines = [line.as_dict() for line in self.lines]
        return {"settings": dict(self.settings), **self.facts, "lines": lines}


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A candidate near a query."""

    text: str
    place: int  # among the candidates, from 1
    distance: float  # Euclidean, between the means of both posteriors


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """For each query the nearest candidates, the nearest first."""

    settings: Mapping[str, Any]
    queries: tuple[str, ...]
    found: tuple[tuple[Neighbour, ...], ...]
    notes: tuple[str, ...] = ()

    def rows(self, *, scores: bool) -> list[str]:
        """Return a row for each neighbour, distance before it if asked for; an empty row between queries."""
        rows: list[str] = []
        for near in self.found:
            rows += [""] * bool(rows)
            rows += [f"{one.distance:.3f}\t" * scores + one_line(one.text) for one in near]
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        pairs = zip(self.queries, self.found, strict=True)
        queries = [{"query": query, "nearest": [_neighbour(one) for one in near]} for query, near in pairs]
        return {"settings": dict(self.settings), "queries": queries}


def one_line(text: str) -> str:
    """Return text whose line breaks and other controls have become spaces."""
    return "".join(character if character.isprintable() else " " for character in text)


def told_once(lines: Sequence[Line]) -> list[Line]:
    """Tell equal lines once, where and with the log p with which they came first, and how often they came."""
    times = Counter(line.text for line in lines)
    first = {line.text: line for line in reversed(lines)}
    return [replace(first[text], facts={**first[text].facts, "times": times[text]}) for text in times]


def variety(texts: Sequence[str]) -> str:
    """Say how many of the lines are different."""
    return f"{counted(len(texts), 'line')}, {len(set(texts))} distinct"


def _neighbour(one: Neighbour) -> dict[str, Any]:
    return {"text": one.text, "line": one.place, "distance": round(one.distance, 4)}
