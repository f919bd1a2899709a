"""Voices that the encoder is told are absent, and z that the decoder does not get."""

import numpy as np
import torch

from seqvae.training.absence import drop_latents, drop_voices

ABSENT = (131, 131, 513)


def trios(batch: int = 400) -> torch.Tensor:
    """Make `(batch, 16, 3)` ids in 3/4; every fourth has no bass and every eighth nothing but drums."""
    ids = torch.tensor([60, 40, 9]).repeat(batch, 16, 1)
    ids[::4, :, 1] = 131
    ids[::8, :, 0] = 131
    ids[:, 12:] = 0
    return ids


def drop(share: float) -> torch.Tensor:
    """Drop a share, always the same way."""
    return drop_voices(trios(), share, absent_ids=ABSENT, generator=np.random.default_rng(0))


def test_a_share_of_the_voices_is_dropped_whole() -> None:
    """About so many voices are absent from beginning to end, and the others are as they were."""
    dropped, ids = drop(0.3), trios()
    is_absent = dropped[:, :12] == torch.tensor(ABSENT)

    assert (is_absent.all(dim=1) == is_absent.any(dim=1)).all()
    assert torch.equal(dropped[:, :12][~is_absent], ids[:, :12][~is_absent])
    assert 0.2 < (dropped != ids).any(dim=1)[:, 2].float().mean() < 0.32


def test_one_voice_at_least_stays() -> None:
    """However large the share, some voice that is there is heard."""
    heard = (drop(0.95)[:, :12] != torch.tensor(ABSENT)).any(dim=1)

    assert heard.any(dim=1).all()


def test_padding_stays() -> None:
    """The metre is heard whatever is dropped."""
    assert torch.equal(drop(0.9) == 0, trios() == 0)


def test_a_share_of_the_points_is_hidden_whole() -> None:
    """About so many rows are 0 from the first dimension to the last, the others are as they were."""
    z = torch.ones(1000, 3)
    hidden = drop_latents(z, 0.3, generator=np.random.default_rng(0))

    assert ((hidden == 0).all(dim=1) | (hidden == 1).all(dim=1)).all()
    assert 0.25 < (hidden == 0).float().mean() < 0.35
    assert torch.equal(drop_latents(z, 0.0, generator=np.random.default_rng(0)), z)
