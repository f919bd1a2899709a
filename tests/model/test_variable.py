"""Models of sequences that end early: padding, company and order change nothing, and the end is the end."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqvae.config import ModelConfig
from seqvae.losses import reconstruction_nats
from seqvae.model.decoder import _advance_cell, _advance_lstm
from seqvae.model.layers import VariableBiLSTM, mirrored_places
from seqvae.model.vae import SequenceVAE

PAD, END, VOCAB = 0, 1, 13
SMALL = {
    "vocab_size": VOCAB,
    "steps_per_bar": 9,
    "bars": 1,
    "end_id": END,
    "latent_size": 6,
    "embedding_size": 8,
    "encoder_size": 7,
    "summary_size": 5,
    "bar_size": 9,
    "top_encoder_size": 6,
    "decoder_size": 24,
    "conductor_size": 8,
    "plan_size": 6,
    "condition_size": 5,
    "head_size": 10,
}
KINDS = {
    "positions": {},
    "max": {"pooling": "max", "conditioning": "constant"},
    "last, tied": {"pooling": "last", "tied_head": True},
    "language model": {"encoder": "none"},
}
LENGTHS = (5, 9, 1, 3)  # ends included


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def model(request: pytest.FixtureRequest) -> SequenceVAE:
    """Build one model of every kind, always with the same weights."""
    torch.manual_seed(0)
    return SequenceVAE(ModelConfig(**{**SMALL, **request.param})).eval()


def sentence(length: int) -> Tensor:
    """Draw ids that close with the end, `(1, length, 1)`, always the same for a length."""
    ids = torch.randint(2, VOCAB, (1, length, 1), generator=torch.Generator().manual_seed(length))
    ids[:, -1] = END
    return ids


def padded(lengths: tuple[int, ...], time: int) -> Tensor:
    """Stack sentences, `(batch, time, 1)`."""
    ids = torch.full((len(lengths), time, 1), PAD)
    for row, length in enumerate(lengths):
        ids[row, :length] = sentence(length)[0]
    return ids


def test_real_steps_end_with_the_end(model: SequenceVAE) -> None:
    """The end belongs to the sentence, the padding behind it does not."""
    real = model.real_steps(padded(LENGTHS, 9))

    assert real.sum(dim=1).tolist() == list(LENGTHS)
    assert all(row[:length].all() for row, length in zip(real, LENGTHS, strict=True))


def test_padding_and_company_change_nothing(model: SequenceVAE) -> None:
    """A sentence has the same z and the same nats alone and among others, in any order."""
    z = torch.randn(len(LENGTHS), 6, generator=torch.Generator().manual_seed(3))
    together = padded(LENGTHS, 9)
    mu, log_sigma = model.encode(together)
    nats = model.score(z, together).nats
    mu_turned = model.encode(together.flip(0)).mu.flip(0)

    torch.testing.assert_close(mu_turned, mu)
    for row, length in enumerate(LENGTHS):
        alone = sentence(length)
        torch.testing.assert_close(model.encode(alone).mu[0], mu[row])
        torch.testing.assert_close(model.encode(alone).log_sigma[0], log_sigma[row])
        torch.testing.assert_close(model.score(z[row : row + 1], alone).nats[0], nats[row])


def test_scores_are_those_of_decode_at_real_steps(model: SequenceVAE) -> None:
    """Scoring real steps alone gives what scoring all of a sentence without padding does."""
    ids, z = padded(LENGTHS, 9), torch.randn(4, 6, generator=torch.Generator().manual_seed(4))
    scored, logits = model.score(z, ids), model.decode(z, ids)

    torch.testing.assert_close(scored.logits, logits[model.real_steps(ids)])
    assert scored.ids.tolist() == ids[model.real_steps(ids)].tolist()
    for row, length in enumerate(LENGTHS):
        plain = reconstruction_nats(logits[row : row + 1, :length], ids[row : row + 1, :length])
        torch.testing.assert_close(scored.nats[row : row + 1], plain)


def test_what_is_written_stops_at_its_end(model: SequenceVAE) -> None:
    """Padding stands behind the end and nowhere else, and nothing is written once all have ended."""
    z = 3 * torch.randn(64, 6, generator=torch.Generator().manual_seed(5))
    noise = torch.distributions.Gumbel(0.0, 1.0).sample((64, 9, 1, VOCAB))
    written = model.generate(z, temperature=1.0, noise=noise)
    real = model.real_steps(written)

    assert (written[real] != PAD).all()
    assert (written[~real] == PAD).all()
    assert written.shape[1] == int(real.sum(dim=1).max())


def test_a_stepper_writes_what_generate_does(model: SequenceVAE) -> None:
    """Step by step, over chosen rows, the likeliest ids are the same."""
    z = torch.randn(5, 6, generator=torch.Generator().manual_seed(6))
    rows = torch.tensor([4, 0, 0])
    stepper = model.stepper(z).select(rows)
    ids, state, written = model.first_ids(3), stepper.start(), []
    for step in range(stepper.length):
        logits, state = stepper.step(ids, state, step)
        ids = logits.argmax(dim=-1)
        written.append(ids)
    expected = model.generate(z)[rows]
    real = model.real_steps(expected)

    assert (torch.stack(written, dim=1)[:, : expected.shape[1]][real] == expected[real]).all()


def test_cells_equal_the_lstm() -> None:
    """A step by hand is a step of nn.LSTM."""
    torch.manual_seed(0)
    lstm = nn.LSTM(5, 7, batch_first=True)
    inputs, state = torch.randn(4, 5), (torch.randn(4, 7), torch.randn(4, 7))

    for ours, its in zip(_advance_cell(lstm, inputs, state), _advance_lstm(lstm, inputs, state), strict=True):
        torch.testing.assert_close(ours, its)


def test_the_variable_lstm_equals_packing() -> None:
    """At real steps, and in its last states, it is a bidirectional nn.LSTM over packed sequences."""
    torch.manual_seed(0)
    ours, packed = VariableBiLSTM(4, 3), nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    weights = {f"{name}": value for name, value in ours.ahead.state_dict().items()}
    weights |= {f"{name}_reverse": value for name, value in ours.back.state_dict().items()}
    packed.load_state_dict(weights)
    inputs, lengths = torch.randn(4, 9, 4), torch.tensor(LENGTHS)
    outputs, last = ours(inputs, lengths)
    reference, (h, _) = packed(pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False))
    expected, _ = pad_packed_sequence(reference, batch_first=True)

    torch.testing.assert_close(last, torch.cat([h[0], h[1]], dim=-1))
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(outputs[row, :length], expected[row, :length])


def test_mirrors_undo_themselves() -> None:
    """Turned twice, every sequence is itself."""
    places = mirrored_places(torch.tensor(LENGTHS), 9)

    assert torch.equal(places.take_along_dim(places, dim=1), torch.arange(9).expand(4, 9))


def test_every_parameter_gets_a_gradient(model: SequenceVAE) -> None:
    """No weight is idle, the padding notwithstanding."""
    ids = padded(LENGTHS, 9)
    mu, log_sigma = model.encode(ids)
    model.score(mu + log_sigma.exp(), ids).nats.sum().backward()
    context = ("initial", "condition") if model.config.encoder == "none" else ()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name
        assert weight.grad.any() or any(part in name for part in context), name


def test_a_language_model_does_not_hear_z() -> None:
    """Every z gives the same scores, and the posterior is the prior."""
    model = SequenceVAE(ModelConfig(**{**SMALL, "encoder": "none"})).eval()
    ids = padded(LENGTHS, 9)
    nats = [model.score(torch.full((4, 6), value), ids).nats for value in (0.0, 5.0)]

    torch.testing.assert_close(nats[0], nats[1])
    assert not any(part.any() for part in model.encode(ids))


def test_sentences_in_bars_are_padded_each() -> None:
    """A hierarchical model of three sentences scores what stands before the end of each."""
    torch.manual_seed(0)
    hierarchical = {"encoder": "hierarchical", "decoder": "hierarchical", "steps_per_bar": 5, "bars": 3}
    shortcuts = {"encoder_shortcut_size": 3, "decoder_shortcut_size": 2}
    model = SequenceVAE(ModelConfig(**{**SMALL, **hierarchical, **shortcuts})).eval()
    ids = torch.cat([padded((3, 5), 5), padded((1, 2), 5), padded((5, 1), 5)], dim=1)  # (2, 15, 1)
    z = torch.randn(2, 6, generator=torch.Generator().manual_seed(7))
    other = ids.clone()
    other[:, 3:5][ids[:, 3:5] == PAD] = 7  # padding that says something
    written = model.generate(z)

    assert model.real_steps(ids).sum(dim=1).tolist() == [9, 8]
    torch.testing.assert_close(model.score(z, ids).nats, model.score(z, other, history=ids).nats)
    torch.testing.assert_close(model.encode(ids).mu, model.encode(other).mu)
    assert written.shape == ids.shape
    assert (written[~model.real_steps(written)] == PAD).all()


def test_dropout_is_for_training_alone() -> None:
    """In evaluation mode nothing is dropped."""
    model = SequenceVAE(ModelConfig(**{**SMALL, "dropout": 0.5}))
    ids, z = padded(LENGTHS, 9), torch.zeros(4, 6)

    assert not torch.equal(model.train().score(z, ids).nats, model.train().score(z, ids).nats)
    assert torch.equal(model.eval().score(z, ids).nats, model.eval().score(z, ids).nats)


def test_fifty_steps_learn_a_batch_by_heart() -> None:
    """A small model soon knows four sentences."""
    torch.manual_seed(0)
    model = SequenceVAE(ModelConfig(**{**SMALL, "tied_head": True}))
    ids, optimizer = padded(LENGTHS, 9), torch.optim.Adam(model.parameters(), lr=3e-2)
    for _ in range(50):
        optimizer.zero_grad()
        loss = model.score(model.encode(ids).mu, ids).nats.mean()
        loss.backward()
        optimizer.step()

    assert float(loss.detach()) < 0.5


def test_single_sentences_are_scored_without_their_padding() -> None:
    """In the first phase, too, nothing behind an end counts."""
    torch.manual_seed(0)
    sizes = {"encoder": "hierarchical", "decoder": "hierarchical", "steps_per_bar": 5, "bars": 3}
    model = SequenceVAE(ModelConfig(**{**SMALL, **sizes})).eval()
    ids = padded((3, 5, 1), 5)
    other = ids.clone()
    other[0, 3:] = 7
    scores = [model.score_bars(one) for one in (ids, other)]

    assert torch.isfinite(scores[0].nats).all()
    torch.testing.assert_close(scores[0].nats, scores[1].nats)
    assert len(scores[0].ids) == 3 + 5 + 1
