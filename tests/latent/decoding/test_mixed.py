"""Two decoders that write together."""

import torch

from seqvae.latent.decoding.mixed import MixedStepper
from seqvae.latent.load import load
from tests.latent.text.making import save_text_model


def steppers(tmp_path):
    """Return two decoders of three rows and their first ids."""
    model = load(save_text_model(tmp_path)).model
    z = torch.randn(2, 3, model.config.latent_size, generator=torch.Generator().manual_seed(1))
    return model.stepper(z[0]), model.stepper(z[1]), model.first_ids(3)


def two_steps(stepper, first, ids):
    """Score two steps, `(rows, 2, vocab)`."""
    one, state = stepper.step(first, stepper.start(), 0)
    two, _ = stepper.step(ids, state, 1)
    return torch.cat([one, two], dim=1).log_softmax(dim=-1)


def test_shares_lead_from_one_to_the_other(tmp_path):
    """A row without a share of the second is the first, one with nothing else the second, others between."""
    one, other, first = steppers(tmp_path)
    ids = torch.tensor([[5], [6], [7]])
    mixed = two_steps(MixedStepper(one, other, torch.tensor([0.0, 0.25, 1.0])), first, ids)
    of_one, of_other = two_steps(one, first, ids), two_steps(other, first, ids)
    between = (0.75 * of_one[1] + 0.25 * of_other[1]).log_softmax(dim=-1)

    assert torch.allclose(mixed[0], of_one[0], atol=1e-5)
    assert torch.allclose(mixed[1], between, atol=1e-5)
    assert torch.allclose(mixed[2], of_other[2], atol=1e-5)


def test_rows_can_be_selected(tmp_path):
    """Rows go on alike in any order and number."""
    one, other, first = steppers(tmp_path)
    mixed = MixedStepper(one, other, torch.tensor([0.1, 0.5, 0.9]))
    rows, ids = torch.tensor([2, 0, 2, 1]), torch.tensor([[5], [6], [7]])

    chosen = two_steps(mixed.select(rows), first[rows], ids[rows])
    assert torch.allclose(chosen, two_steps(mixed, first, ids)[rows], atol=1e-5)


def test_what_one_cannot_write_stays_impossible(tmp_path):
    """Padding has no chance at any share."""
    one, other, first = steppers(tmp_path)
    mixed = MixedStepper(one, other, torch.tensor([0.0, 0.5, 1.0]))
    logits, _ = mixed.step(first, mixed.start(), 0)

    assert logits[..., 0].isneginf().all()
    assert not logits.isnan().any()
