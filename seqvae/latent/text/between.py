"""Sentences between two others that read well: many are written near the way, and the best way is chosen.

What a decoder writes half way between two sentences is often no sentence. So at every point of a finer path,
and near it, lines are written with more and with less of a say for the decoder without z, which is a
language model where it was trained to do without (`model.latent_dropout`). Each is encoded, which tells
where it lies, and judged by the language model; `way.py` chooses.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from seqvae.latent.decoding.mixed import MixedStepper
from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.paths import PathMethod, Place, points_on_path
from seqvae.latent.text.codec import encode_ids, log_probabilities, write_flat
from seqvae.latent.text.way import Candidate, choose_way
from seqvae.model.decoder import StepDecoder
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids

SHARES = (0.0, 0.25, 0.5, 0.7)  # of the language model in what is written on the path
NEAR_SHARES = (0.2, 0.2, 0.4, 0.4)  # and in what is written near it
NEAR = 0.4  # standard deviation from the path, where a posterior has 0.8
FINER = 2  # points of the path for each step
MOST_POINTS = 64  # of a leg
RULES = Decoding(beams=4, no_repeat=4)


def can_judge(model: SequenceVAE) -> bool:
    """Tell whether a model is a language model too, that writes id by id."""
    return model.config.latent_dropout > 0 and isinstance(model.decoder, StepDecoder)


def sentences_between(
    model: SequenceVAE,
    ends: Tensor,
    own: Sequence[Ids],
    fractions: Sequence[float],
    *,
    method: PathMethod,
    seed: int,
) -> list[Ids] | None:
    """Return a sentence for each fraction of the leg between two points, `(2, latent)`; None without any.

    `own` are the sentences at the ends, which stand nowhere between.
    """
    num_points = min(max(FINER * len(fractions), 1), MOST_POINTS)
    places = [Place(0, (point + 1) / (num_points + 1)) for point in range(num_points)]
    z = points_on_path(ends, places, method)  # (points, latent)
    sentences = _write_near(model, z, own, seed)
    if not sentences:
        return None
    way = choose_way(_judge(model, ends, sentences), fractions)
    return [sentences[index] for index in way]


def _write_near(model: SequenceVAE, z: Tensor, own: Sequence[Ids], seed: int) -> list[Ids]:
    """Write on and near `(points, latent)`; each sentence once, none of the own."""
    noise = torch.randn((len(NEAR_SHARES), *z.shape), generator=torch.Generator().manual_seed(seed))
    points = torch.cat([z.repeat(len(SHARES), 1), (z + NEAR * noise).flatten(0, 1)])
    shares = torch.tensor(SHARES + NEAR_SHARES).repeat_interleave(len(z))  # (rows,)
    device = next(model.parameters()).device
    points, shares = points.to(device), shares.to(device)
    stepper = MixedStepper(model.stepper(points), model.stepper(torch.zeros_like(points)), shares)
    written = write_flat(model, stepper, len(points), RULES, Draws(seed, [0] * len(points)))
    known = {line.tobytes() for line in own}
    return list({line.tobytes(): line for line in written if line.tobytes() not in known}.values())


def _judge(model: SequenceVAE, ends: Tensor, sentences: Sequence[Ids]) -> list[Candidate]:
    lengths = torch.tensor([len(line) for line in sentences])
    nowhere = torch.zeros(len(sentences), model.config.latent_size)
    fluency = log_probabilities(model, nowhere, sentences) / lengths
    mu = encode_ids(model, sentences).mu
    ways = torch.cdist(mu.double(), ends.double())  # (sentences, 2)
    over = ways.sum(dim=1).clamp_min(1e-12)
    places = ways[:, 0] / over
    detours = over / (ends[0] - ends[1]).double().norm().clamp_min(1e-12) - 1
    facts = zip(places.tolist(), detours.tolist(), fluency.tolist(), strict=True)
    return [Candidate(*fact) for fact in facts]
