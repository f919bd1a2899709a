"""Sentences between two others that read well: many are written near the way, and the best way is chosen.

What a decoder writes half way between two sentences is often no sentence. So at every point of a finer path,
and near it, lines are written with more and with less of a say for the language model (`fluency.py`). Each
is encoded, which tells where it lies, and judged by the language model; `way.py` chooses. The likeliest
sentences are the blandest, so nothing counts as more fluent than the ends are.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.paths import PathMethod, Place, points_on_path
from seqvae.latent.text.codec import encode_ids
from seqvae.latent.text.fluency import fluency_of, write_with_say
from seqvae.latent.text.way import REPEAT_PRICE, Candidate, choose_way
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids

SHARES = (0.0, 0.25, 0.5, 0.7)  # of the language model in what is written on the path
NEAR_SHARES = (0.2, 0.2, 0.4, 0.4)  # and in what is written near it
NEAR = 0.4  # standard deviation from the path, where a posterior has 0.8
FINER = 2  # points of the path for each step
MOST_POINTS = 64  # of a leg
MARGIN = 0.25  # nats per id above the ends from which on nothing reads better
BEAMS = 4
NO_REPEAT = 4


def fluent_rules(rules: Decoding) -> Decoding:
    """Return rules with several beams and a guard against repeats, unless they ask for others."""
    beams = rules.beams if rules.beams > 1 else BEAMS
    return replace(rules, beams=beams, no_repeat=rules.no_repeat or NO_REPEAT)


def sentences_between(
    model: SequenceVAE,
    ends: Tensor,
    own: Sequence[Ids],
    fractions: Sequence[float],
    *,
    method: PathMethod,
    rules: Decoding,
    seed: int,
) -> list[Ids] | None:
    """Return a sentence for each fraction of the leg between two points, `(2, latent)`.

    `own` are the sentences at the ends; one may stand for the steps beside it, where whatever else lies
    between is a detour. None where both are one, and the way has no length.
    """
    if own[0].tobytes() == own[1].tobytes() or torch.equal(ends[0], ends[1]):
        return None
    num_points = min(max(FINER * len(fractions), 1), MOST_POINTS)
    places = [Place(0, (point + 1) / (num_points + 1)) for point in range(num_points)]
    z = points_on_path(ends, places, method)  # (points, latent)
    sentences = [own[0], *_write_near(model, z, own, rules, seed), own[1]]
    judged = _judge(model, ends, sentences)
    enough = max(judged[0].fluency, judged[-1].fluency) + MARGIN
    judged = [one._replace(fluency=min(one.fluency, enough)) for one in judged]
    for place in (0, -1):  # an end again, as a step that repeats the one beside it
        judged[place] = judged[place]._replace(fluency=judged[place].fluency - REPEAT_PRICE)
    way = choose_way(judged, fractions)
    return [sentences[index] for index in way]


def _write_near(model: SequenceVAE, z: Tensor, own: Sequence[Ids], rules: Decoding, seed: int) -> list[Ids]:
    """Write on and near `(points, latent)`; each sentence once, none of the own."""
    noise = torch.randn((len(NEAR_SHARES), *z.shape), generator=torch.Generator().manual_seed(seed))
    points = torch.cat([z.repeat(len(SHARES), 1), (z + NEAR * noise).flatten(0, 1)])
    shares = torch.tensor(SHARES + NEAR_SHARES).repeat_interleave(len(z))  # (rows,)
    written = write_with_say(model, points, shares, rules, Draws(seed, [0] * len(points)))
    known = {line.tobytes() for line in own}
    return list({line.tobytes(): line for line in written if line.tobytes() not in known}.values())


def _judge(model: SequenceVAE, ends: Tensor, sentences: Sequence[Ids]) -> list[Candidate]:
    fluency = fluency_of(model, sentences)
    mu = encode_ids(model, sentences).mu
    ways = torch.cdist(mu.double(), ends.double())  # (sentences, 2)
    over = ways.sum(dim=1).clamp_min(1e-12)
    places = ways[:, 0] / over
    detours = over / (ends[0] - ends[1]).double().norm().clamp_min(1e-12) - 1
    facts = zip(places.tolist(), detours.tolist(), fluency.tolist(), strict=True)
    return [Candidate(*fact) for fact in facts]
