"""Generation that may not write every id."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from seqvae.model.vae import SequenceVAE, gumbel_noise
from tests.model.test_vae import BARS
from tests.model.test_voices import VARIANTS, config_of, draw_points

KINDS = {
    **VARIANTS,
    "carry": {**BARS, "carry_token": True, "voice_coupling": "in turn"},
    "lookback": {**BARS, "lookback": (4, 2), "voice_coupling": "in turn"},
}


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def model(request: pytest.FixtureRequest) -> SequenceVAE:
    """Build one model of every variant of a trio."""
    torch.manual_seed(0)
    return SequenceVAE(config_of(**request.param)).eval()


def draw_ids(model: SequenceVAE, seed: int) -> Tensor:
    """Draw ids that each voice has, `(3, time, voices)`."""
    chance = torch.Generator().manual_seed(seed)
    columns = [torch.randint(size, (3, model.config.time), generator=chance) for size in (11, 11, 9)]
    sizes = torch.tensor(model.config.voice_sizes)
    return torch.stack(columns, dim=-1) % sizes


def noise_for(model: SequenceVAE) -> Tensor:
    """Draw noise for three points."""
    return gumbel_noise((3, model.config.time, 3, 11), torch.Generator().manual_seed(3))


def test_all_allowed_is_no_limit(model: SequenceVAE) -> None:
    """Where every id may be written the same ids are."""
    z, noise = draw_points(model, 3), noise_for(model)
    free = model.generate(z, temperature=1.0, noise=noise)

    assert torch.equal(
        model.generate(z, temperature=1.0, noise=noise, allowed=torch.ones(1, 1, 1, 1) > 0), free
    )


def test_what_is_not_allowed_is_not_written(model: SequenceVAE) -> None:
    """However hot the sampling, each step keeps to the ids it may write."""
    own = one_hot(draw_ids(model, 0), 11) + one_hot(draw_ids(model, 1), 11) > 0
    written = model.generate(draw_points(model, 3), temperature=10.0, noise=noise_for(model), allowed=own)

    assert own.gather(-1, written[..., None]).all()


@pytest.mark.parametrize("voice", [0, 2], ids=["melody", "drums"])
def test_given_voice_is_heard_as_in_a_plain_loop(model: SequenceVAE, voice: int) -> None:
    """The others are what comes of scoring everything anew with the given ids in its place."""
    z, ids = draw_points(model, 3), draw_ids(model, 0)
    allowed = torch.ones(*ids.shape, 11, dtype=torch.bool)
    allowed[:, :, voice] = one_hot(ids[..., voice], 11) > 0
    for step in range(model.config.time):
        for other in {0, 1, 2} - {voice}:
            ids[:, step, other] = model.decode(z, ids)[:, step, other].argmax(dim=-1)

    assert torch.equal(model.generate(z, allowed=allowed), ids)
