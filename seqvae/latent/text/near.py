"""The sentence near a point that reads best: several are written there, and one is chosen.

They are written with more and with less of a say for the language model (`fluency.py`), and each is encoded,
which tells how far from the point it lies.
"""

from collections.abc import Sequence
from math import inf

import torch
from torch import Tensor

from seqvae.latent.decoding.rules import Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.text.codec import BATCH_SIZE, encode_ids
from seqvae.latent.text.fluency import fluency_of, write_with_say
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.sentences import Ids

SHARES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.2, 0.4)  # of the language model in the lines of a point
DISTANCE_PRICE = 3.0  # nats per id, for a line whose point is as far away as 0 is


def sentences_near(
    model: SequenceVAE, z: Tensor, rules: Decoding, *, seed: int, unlike: Sequence[Ids] = ()
) -> list[Ids]:
    """Return a sentence for each of `(points, latent)`, none of `unlike` where there is another.

    What is written for point i depends on the seed, i and the point alone.
    """
    found: list[Ids] = []
    for rows in torch.split(torch.arange(len(z)), max(1, BATCH_SIZE // len(SHARES))):
        lines = [row * len(SHARES) + line for row in rows.tolist() for line in range(len(SHARES))]
        found += _best_of_each(model, z[rows], rules, Draws(seed, lines), unlike)
    return found


def _best_of_each(
    model: SequenceVAE, z: Tensor, rules: Decoding, draws: Draws, unlike: Sequence[Ids]
) -> list[Ids]:
    points = z.repeat_interleave(len(SHARES), dim=0)  # (points * shares, latent)
    written = write_with_say(model, points, torch.tensor(SHARES).repeat(len(z)), rules, draws)
    away = (encode_ids(model, written).mu - points).norm(dim=-1) / points.norm(dim=-1).clamp_min(1e-6)
    worth = fluency_of(model, written) - DISTANCE_PRICE * away
    known = {line.tobytes() for line in unlike}
    worth = worth.masked_fill(torch.tensor([line.tobytes() in known for line in written]), -inf)
    best = worth.view(len(z), -1).argmax(dim=1).tolist()  # of equals the first, so the plainest
    return [written[point * len(SHARES) + line] for point, line in enumerate(best)]
