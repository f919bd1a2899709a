"""A text model as a writer meets it: sentences in, sentences out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from seqvae.checkpoint import LoadedModel
from seqvae.errors import CheckpointError, ConfigError
from seqvae.latent.around import points_around
from seqvae.latent.decoding.rules import GREEDY, SAMPLING, Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.fitted import PriorWish, fitted_to
from seqvae.latent.paths import PathMethod, Place, places_on_path, points_on_path
from seqvae.latent.points import check_points
from seqvae.latent.text.between import fluent_rules, sentences_between
from seqvae.latent.text.codec import encode_ids, log_probabilities, write_sentences
from seqvae.latent.text.fluency import can_judge
from seqvae.latent.text.layout import layout_of
from seqvae.latent.text.near import sentences_near
from seqvae.latent.text.nearest import nearest_candidates, usable_candidates
from seqvae.latent.text.results import Line, Lines, Neighbours, told_once, variety
from seqvae.latent.text.sentences import Sentence, encode_sentence, name_sentences
from seqvae.latent.text.source import choose_source
from seqvae.latent.text.walk import (
    DEFAULT_WALK,
    TextWalkOptions,
    collapse_lines,
    pin_ends,
    place_lines,
    walk_notes,
)
from seqvae.midi.counts import counted
from seqvae.tokens.sentences import Ids
from seqvae.tokens.text import TextTokenizer
from seqvae.tokens.words import WordTokenizer

MAX_LINES = 10_000  # of one result

Texts = Sequence[str | Sentence]


class TextModel:
    """A model that reads and writes sentences; the same inputs, rules and seed give the same lines."""

    def __init__(self, loaded: LoadedModel, *, name: str) -> None:
        config = loaded.config
        if not isinstance(loaded.tokenizer, TextTokenizer | WordTokenizer):
            raise CheckpointError(
                f"{name} writes {loaded.tokenizer.name}, not sentences; choose another model"
            )
        if config.end_id < 0 or config.carry_token:
            raise CheckpointError(f"{name} does not write sentences that end; choose another model")
        self.name = name
        self.model = loaded.model
        self.tokenizer = loaded.tokenizer
        self.layout = layout_of(config, loaded.tokenizer)
        self.fitted = fitted_to(loaded)

    @property
    def latent_size(self) -> int:
        """The number of dimensions of a point z."""
        return self.model.config.latent_size

    @property
    def max_length(self) -> int:
        """How many ids a sentence may have, its end included; a paragraph all its sentences together."""
        return self.layout.max_length

    def encode(self, sentences: str | Texts) -> Tensor:
        """Return the point z of each sentence, the mean of its posterior: `(sentences, latent)`."""
        return encode_ids(self.model, self._ids(sentences)).mu

    def decode(self, z: Tensor, *, decoding: Decoding = GREEDY, seed: int = 0) -> Lines:
        """Return a sentence for each point, `(sentences, latent)`."""
        check_points(z, self.latent_size)
        return self._finish(self._write(z, decoding, seed), self._settings("decode", decoding, seed))

    def sample(
        self,
        num_samples: int = 1,
        *,
        decoding: Decoding = SAMPLING,
        seed: int = 0,
        prior: PriorWish | None = None,
    ) -> Lines:
        """Draw sentences from where training sentences lie in the latent space, if known, else from N(0, I).

        Sample i depends on `seed` and i alone, so more samples begin with the same ones. Where that is, the
        module `seqvae.latent.text.source` tells.
        """
        _check_count(num_samples)
        source = choose_source(self.model, self.fitted, prior, decoding)
        settings = self._settings("sample", decoding, seed, number=num_samples, prior=source.name)
        return self._finish(self._write(source.draw(range(num_samples), seed), decoding, seed), settings)

    def vary(
        self,
        sentence: str | Sentence,
        num_variations: int = 8,
        *,
        amount: float = 0.3,
        decoding: Decoding = SAMPLING,
        seed: int = 0,
        fluent: bool = True,
    ) -> Lines:
        """Return sentences like this one: z turned by `amount` of a right angle towards random samples.

        The norm of z stays. Variation i depends on `seed` and i alone; equal ones are told once. `fluent`
        takes of several near each point one that reads well, where the model can judge (see
        `seqvae.latent.text.near`), and one that is not the sentence itself, if they are not all that.
        """
        _check_count(num_variations)
        own = self._ids([sentence])
        z = encode_ids(self.model, own).mu  # (1, latent)
        towards = choose_source(self.model, self.fitted).draw(range(num_variations), seed)
        points = points_around(z, towards, amount)
        written = self._write(points, decoding, seed, fluent=fluent and amount > 0, unlike=own)
        text = _text_of(sentence)
        lines = told_once(written)
        same = sum(line.text == text.strip() for line in written)
        told = f"{counted(num_variations, 'variation')}, {counted(len(lines), 'different sentence')}"
        notes = [told + ("; a larger amount changes more" if len(lines) < num_variations else "")]
        notes += [f"{same} the same as the sentence itself"] if same else []
        chosen = {"number": num_variations, "amount": amount, "sentence": text, "fluent": fluent}
        settings = self._settings("vary", decoding, seed, **chosen)
        return Lines(settings=settings, lines=tuple(lines), notes=tuple(notes))

    def interpolate(
        self,
        *sentences: str | Sentence,
        steps: int = 9,
        decoding: Decoding = GREEDY,
        seed: int = 0,
        options: TextWalkOptions = DEFAULT_WALK,
    ) -> Lines:
        """Walk from each sentence to the next in `steps` steps, both ends counted, corners once.

        Greedy walks are `fluent` where the model can judge (see `seqvae.latent.text.between`): the sentences
        between are chosen among many near the path. At a temperature they are what stands on it, and the
        steps share their noise, so that they differ because z does.
        """
        places = places_on_path(len(sentences), steps)
        own = self._ids(sentences)
        z = points_on_path(encode_ids(self.model, own).mu, places, options.method)  # (places, latent)
        ids = write_sentences(self.model, z, decoding, Draws(seed, [0] * len(z)))
        is_fluent = options.fluent and not decoding.temperature and can_judge(self.model)
        if is_fluent:
            decoding = fluent_rules(decoding)
            ids = self._read_well(own, ids, places, options.method, rules=decoding, seed=seed)
        ids = pin_ends(ids, own, places) if options.pin_ends else ids
        lines = place_lines(self._lines(z, ids), places, are_pinned=options.pin_ends)
        lines = collapse_lines(lines) if options.collapse else lines
        chosen = options.as_dict() | {"fluent": is_fluent}
        settings = self._settings("interpolate", decoding, seed, steps=steps, **chosen)
        return Lines(
            settings=settings,
            lines=tuple(lines),
            notes=walk_notes(lines, len(places)),
            facts={"sentences": [_text_of(one) for one in sentences], "collapsed": len(places) - len(lines)},
        )

    def reconstruct(self, sentences: str | Texts, *, decoding: Decoding = GREEDY, seed: int = 0) -> Lines:
        """Return what the model gives back of each sentence."""
        own = self._ids(sentences)
        z = encode_ids(self.model, own).mu
        originals = self._lines(z, own)
        lines = [
            replace(line, facts=_beside(original, line))
            for original, line in zip(originals, self._write(z, decoding, seed), strict=True)
        ]
        exact = sum(line.facts["is_exact"] for line in lines)
        settings = self._settings("reconstruct", decoding, seed)
        notes = (f"{exact} of {counted(len(lines), 'sentence')} exact",)
        return Lines(settings=settings, lines=tuple(lines), notes=notes)

    def arithmetic(
        self,
        a: str | Sentence,
        b: str | Sentence,
        c: str | Sentence,
        *,
        decoding: Decoding = GREEDY,
        seed: int = 0,
        fluent: bool = True,
    ) -> Lines:
        """Return the sentence at a - b + c, or of several near it the one that reads best, as in `vary`."""
        first, less, more = self.encode([a, b, c])
        written = self._write((first - less + more)[None], decoding, seed, fluent=fluent)
        terms = {name: _text_of(term) for name, term in (("a", a), ("b", b), ("c", c))}
        return self._finish(written, self._settings("arithmetic", decoding, seed, **terms, fluent=fluent))

    def nearest(self, queries: str | Texts, candidates: Texts, *, count: int = 5) -> Neighbours:
        """Find the candidates whose points z lie nearest to those of the queries.

        Candidates that the model cannot take, such as too long ones, are left out and counted.
        """
        named = self._named(queries)
        usable, first_fault = usable_candidates(self._named(candidates), self.layout)
        points = encode_ids(self.model, [candidate.ids for candidate in usable]).mu
        left_out = counted(len(candidates) - len(usable), "candidate")
        return Neighbours(
            settings={"command": "nearest", "model": self.name, "count": count, "candidates": len(usable)},
            queries=tuple(sentence.text for sentence in named),
            found=nearest_candidates(self.encode(named), points, usable, count),
            notes=(f"{left_out} left out, the first because {first_fault}",) if first_fault else (),
        )

    def _named(self, sentences: str | Texts) -> list[Sentence]:
        texts = [sentences] if isinstance(sentences, str) else list(sentences)
        names = name_sentences([_text_of(one) for one in texts])
        return [one if isinstance(one, Sentence) else name for one, name in zip(texts, names, strict=True)]

    def _ids(self, sentences: str | Texts) -> list[Ids]:
        named = self._named(sentences)
        if not named:
            raise ConfigError("no sentence given; give one or more")
        if self.model.config.encoder == "none":
            raise ConfigError(f"{self.name} is a language model and has no z of a sentence; choose another")
        return [encode_sentence(one, self.layout) for one in named]

    def _read_well(
        self,
        own: Sequence[Ids],
        written: Sequence[Ids],
        places: Sequence[Place],
        method: PathMethod,
        *,
        rules: Decoding,
        seed: int,
    ) -> list[Ids]:
        """Put sentences that read well between the inputs, where there are any."""
        points = encode_ids(self.model, own).mu
        ids = list(written)
        for leg in range(len(own) - 1):
            inner = [i for i, place in enumerate(places) if place.leg == leg and place.input_index is None]
            pair = slice(leg, leg + 2)
            found = sentences_between(
                self.model,
                points[pair],
                own[pair],
                [places[i].fraction for i in inner],
                method=method,
                rules=rules,
                seed=seed,
            )
            for i, sentence in zip(inner, found or (), strict=False):
                ids[i] = sentence
        return ids

    def _write(
        self, z: Tensor, decoding: Decoding, seed: int, *, fluent: bool = False, unlike: Sequence[Ids] = ()
    ) -> list[Line]:
        if fluent and can_judge(self.model):
            return self._lines(z, sentences_near(self.model, z, decoding, seed=seed, unlike=unlike))
        return self._lines(z, write_sentences(self.model, z, decoding, Draws(seed, range(len(z)))))

    def _lines(self, z: Tensor, ids: Sequence[Ids]) -> list[Line]:
        log_p = log_probabilities(self.model, z, ids).tolist()
        return [Line(self.layout.decode(one), nats) for one, nats in zip(ids, log_p, strict=True)]

    def _finish(self, lines: Sequence[Line], settings: Mapping[str, Any]) -> Lines:
        notes = (variety([line.text for line in lines]),) if len(lines) > 1 else ()
        return Lines(settings=settings, lines=tuple(lines), notes=notes)

    def _settings(self, command: str, decoding: Decoding, seed: int, **more: Any) -> dict[str, Any]:
        return {"command": command, "model": self.name, "seed": seed, **decoding.as_dict(), **more}


def _beside(original: Line, written: Line) -> dict[str, Any]:
    """Tell of a reconstruction what it should have been."""
    is_exact = original.text == written.text
    return {"original": original.text, "is_exact": is_exact, "log_p_of_original": round(original.log_p, 4)}


def _text_of(sentence: str | Sentence) -> str:
    return sentence.text if isinstance(sentence, Sentence) else sentence


def _check_count(number: int) -> None:
    if not 1 <= number <= MAX_LINES:
        raise ConfigError(f"the number of lines is {number}; choose 1 to {MAX_LINES}")
