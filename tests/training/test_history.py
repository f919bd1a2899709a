import numpy as np
import torch

from seqvae.training.history import hide_tokens, mix_history


def generator(seed: int = 0) -> np.random.Generator:
    """Return a fixed source of randomness."""
    return np.random.default_rng(seed)


def test_tokens_are_hidden_in_all_voices_at_once():
    """About the share asked for is hidden; the rest is untouched."""
    ids = torch.arange(5).repeat(400, 20, 1)[..., :3]  # (batch, time, voices)

    hidden = hide_tokens(ids, 0.25, hidden_id=9, generator=generator())
    gone = hidden == 9

    assert torch.equal(gone.all(dim=-1), gone.any(dim=-1))
    assert abs(gone.float().mean() - 0.25) < 0.02
    assert torch.equal(hidden[~gone], ids[~gone])


def test_no_dropout_hides_nothing():
    """A share of 0 gives the ids back."""
    ids = torch.ones(2, 3, 1, dtype=torch.long)

    assert hide_tokens(ids, 0.0, hidden_id=9, generator=generator()) is ids


def test_replaced_steps_are_drawn_from_the_softmax():
    """Where nothing of the history is true, ids occur as often as their probability says."""
    logits = torch.tensor([0.0, 1.0, 2.0, -30.0])
    ids = torch.full((5000, 8, 1), 3)

    mixed = mix_history(ids, logits.expand(5000, 8, 1, 4), true_share=0.0, generator=generator())
    shares = torch.bincount(mixed.flatten(), minlength=4) / mixed.numel()

    assert torch.allclose(shares, logits.softmax(dim=0), atol=0.01)


def test_true_steps_stay():
    """The share of true steps is what was asked for."""
    ids = torch.zeros(2000, 8, 2, dtype=torch.long)
    logits = torch.tensor([-100.0, 0.0]).expand(2000, 8, 2, 2)

    mixed = mix_history(ids, logits, true_share=0.7, generator=generator())

    assert abs((mixed == 0).float().mean() - 0.7) < 0.02
    assert torch.equal(mixed[..., 0], mixed[..., 1])
