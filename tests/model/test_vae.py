"""Every kind of model: shapes, gradients, independence, causality, and cells that equal the LSTM."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from seqvae.config import ModelConfig
from seqvae.losses import kl_per_dimension, reconstruction_nats
from seqvae.model.vae import SequenceVAE, gumbel_noise

SMALL = {
    "vocab_size": 11,
    "steps_per_bar": 4,
    "bars": 3,
    "ordered_ids": (3, 11),
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
BARS = {"encoder": "hierarchical", "decoder": "hierarchical"}
SIZES = {"voices": 3, "voice_sizes": (7, 7, 11), "ordered_ids": (3, 6), "ordered_voices": 2}
KINDS = {
    "flat": {},
    "flat of three voices": SIZES,
    "flat, plain": {"pooling": "last", "conditioning": "constant", "head_size": 0},
    "hierarchical": {**BARS, "encoder_shortcut_size": 3, "decoder_shortcut_size": 2},
    "hierarchical, voices apart": {**BARS, **SIZES},
    "flat, voices in turn": {**SIZES, "voice_coupling": "in turn", "set_ids": (1, 9)},
    "flat, sets shared, tied": {
        "set_ids": (1, 9),
        "ordered_ids": (0, 0),
        "shared_sets": True,
        "tied_head": True,
    },
    "hierarchical, voices in turn, sets shared": {
        **BARS,
        **SIZES,
        "voice_coupling": "in turn",
        "set_ids": (2, 10),
        "shared_sets": True,
    },
    "hierarchical, voices in turn": {**BARS, **SIZES, "voice_coupling": "in turn"},
    "MusicVAE's": {
        "decoder": "hierarchical",
        "pooling": "last",
        "conditioning": "constant",
        "carry_token": True,
        "head_size": 0,
    },
    "carrying, with shortcuts": {**BARS, "carry_token": True, "decoder_shortcut_size": 2},
    "flat, looking back": {"lookback": (2, 4, 1)},
    "hierarchical, looking back": {**BARS, "lookback": (4, 8), "decoder_shortcut_size": 2},
    "carrying and looking back, voices in turn": {
        **BARS,
        **SIZES,
        "voice_coupling": "in turn",
        "carry_token": True,
        "lookback": (3, 9),
    },
}


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def model(request: pytest.FixtureRequest) -> SequenceVAE:
    """Build one model of every kind, always with the same weights."""
    torch.manual_seed(0)
    return SequenceVAE(ModelConfig(**{**SMALL, **request.param})).eval()


def ids_for(model: SequenceVAE, batch: int = 5) -> Tensor:
    """Draw ids that fit the model, always the same."""
    config = model.config
    shape = (batch, config.time, config.voices)
    ids = torch.randint(config.vocab_size, shape, generator=torch.Generator().manual_seed(1))
    return ids % torch.tensor(config.voice_sizes or [config.vocab_size])


def test_shapes(model: SequenceVAE) -> None:
    """Encoding, scoring and generating return what their docstrings say."""
    ids, config = ids_for(model), model.config
    posterior = model.encode(ids)
    z = posterior.sample(torch.zeros_like(posterior.mu))

    assert posterior.mu.shape == posterior.log_sigma.shape == (5, config.latent_size)
    assert model.decode(z, ids).shape == (*ids.shape, config.vocab_size)
    assert model.generate(z).shape == ids.shape


def test_every_parameter_gets_a_gradient(model: SequenceVAE) -> None:
    """No weight is idle."""
    ids = ids_for(model)
    mu, log_sigma = model.encode(ids)
    loss = reconstruction_nats(model.decode(mu + log_sigma.exp(), ids), ids).sum()
    if model.bar_adapter is not None:
        bars = ids.reshape(-1, model.config.steps_per_bar, model.config.voices)
        loss = loss + model.score_bars(bars).nats.sum()
    loss.backward()

    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []
    assert all(weight.grad.abs().sum() > 0 for weight in model.parameters() if weight.grad is not None)


def test_sequences_of_a_batch_are_independent(model: SequenceVAE) -> None:
    """One sequence alone gives the numbers that it gives among others, in any order."""
    ids = ids_for(model)
    mu = model.encode(ids).mu
    order = torch.tensor([3, 1, 4, 0, 2])

    torch.testing.assert_close(model.encode(ids[:1]).mu, mu[:1])
    torch.testing.assert_close(model.encode(ids[order]).mu, mu[order])
    torch.testing.assert_close(model.decode(mu[order], ids[order]), model.decode(mu, ids)[order])
    assert torch.equal(model.generate(mu[order]), model.generate(mu)[order])


def test_a_step_never_sees_itself_or_what_follows(model: SequenceVAE) -> None:
    """Changing one id, of the last voice, leaves the scores of all steps up to it unchanged."""
    ids = ids_for(model)
    changed = ids.clone()
    step = model.config.steps_per_bar + 1
    changed[:, step, -1] = (changed[:, step, -1] + 1) % model.config.vocab_size
    z = torch.randn(5, model.config.latent_size, generator=torch.Generator().manual_seed(2))
    before, after = model.decode(z, ids), model.decode(z, changed)

    torch.testing.assert_close(after[:, : step + 1], before[:, : step + 1])
    assert not torch.allclose(after[:, step + 1], before[:, step + 1])


@pytest.mark.parametrize("temperature", [0.0, 0.7], ids=["argmax", "sampled"])
def test_generation_agrees_with_scoring(model: SequenceVAE, temperature: float) -> None:
    """Each generated id is the best one when nn.LSTM scores the whole sequence with the same noise."""
    generator = torch.Generator().manual_seed(3)
    z = torch.randn(4, model.config.latent_size, generator=generator)
    shape = (4, model.config.time, model.config.voices, model.config.vocab_size)
    noise = gumbel_noise(shape, generator) if temperature else None
    ids = model.generate(z, temperature=temperature, noise=noise)
    scores = model.decode(z, ids)
    if noise is not None:
        scores = scores / temperature + noise

    assert torch.equal(scores.argmax(dim=-1), ids)


def test_shared_noise_makes_equal_points_equal(model: SequenceVAE) -> None:
    """Noise for one sequence serves several: equal z give equal ids."""
    generator = torch.Generator().manual_seed(4)
    z = torch.randn(1, model.config.latent_size, generator=generator).expand(3, -1)
    noise = gumbel_noise((1, model.config.time, model.config.voices, model.config.vocab_size), generator)
    ids = model.generate(z, temperature=1.0, noise=noise)

    assert torch.equal(ids[0], ids[1])
    assert torch.equal(ids[0], ids[2])


def test_a_batch_can_be_learned_by_heart(model: SequenceVAE) -> None:
    """Fifty steps on one batch bring the reconstruction below half of where it began."""
    model.train()
    ids = ids_for(model, batch=8)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(50):
        mu, log_sigma = model.encode(ids)
        noise = torch.randn(mu.shape, generator=torch.Generator().manual_seed(len(losses)))
        nats = reconstruction_nats(model.decode(mu + (log_sigma - 2).exp() * noise, ids), ids).mean()
        optimizer.zero_grad()
        nats.backward()
        optimizer.step()
        losses.append(nats.item())

    assert losses[-1] < 0.5 * losses[0]


def test_bars_are_independent_given_their_plan() -> None:
    """Without carry_token the history of one bar never reaches the next."""
    torch.manual_seed(0)
    model = SequenceVAE(ModelConfig(**{**SMALL, **BARS})).eval()
    ids = ids_for(model)
    changed = ids.clone()
    changed[:, :4] = (changed[:, :4] + 1) % 11
    z = torch.randn(5, 6)

    torch.testing.assert_close(model.decode(z, changed)[:, 4:], model.decode(z, ids)[:, 4:])


def test_lookback_hears_what_stood_so_many_steps_before() -> None:
    """In bars that are independent otherwise, a changed id is heard as many steps later as the lags say."""
    torch.manual_seed(0)
    model = SequenceVAE(ModelConfig(**{**SMALL, **BARS, "lookback": (4, 7)})).eval()
    ids = ids_for(model)
    changed = ids.clone()
    changed[:, 3] = (changed[:, 3] + 1) % 11  # the last step of its bar
    z = torch.randn(5, 6)
    difference = (model.decode(z, changed) - model.decode(z, ids)).abs().amax(dim=(0, 2, 3))

    assert (difference[:7] < 1e-5).all()  # up to the lag
    assert (difference[7] > 1e-4).all()
    assert (difference[8:10] < 1e-5).all()  # a new bar, before the other lag
    assert (difference[10:] > 1e-4).all()


def test_what_is_written_is_written_again_where_it_is_heard(model: SequenceVAE) -> None:
    """All bars at once, each hearing what was written bar by bar, write the same; of a carried token not."""
    if model.config.carry_token:
        pytest.skip("bars that begin with a carried token are not written at once")
    z = torch.randn(5, model.config.latent_size, generator=torch.Generator().manual_seed(5))
    written = model.generate(z)

    assert torch.equal(model.rewrite(z, written), written)


def test_the_past_of_a_lookback_can_be_another_than_the_history() -> None:
    """Scores hear `earlier` at the lags alone, and the history as ever."""
    torch.manual_seed(0)
    model = SequenceVAE(ModelConfig(**{**SMALL, **BARS, "lookback": (4,)})).eval()
    ids, z = ids_for(model), torch.randn(5, 6)
    other = ids.clone()
    other[:, :4] = (other[:, :4] + 1) % 11
    logits = model.score(z, ids).logits.view(5, 12, 1, 11)
    changed = model.score(z, ids, earlier=other).logits.view(5, 12, 1, 11)
    difference = (changed - logits).abs().amax(dim=(0, 2, 3))

    assert (difference[:4] == 0).all()  # the history of the first bar is the true one
    assert (difference[4:8] > 1e-4).all()
    assert (difference[8:] == 0).all()


def test_bars_that_look_back_are_not_written_at_once() -> None:
    """The way that takes all bars in parallel says so instead of hearing nothing."""
    model = SequenceVAE(ModelConfig(**{**SMALL, **BARS, "lookback": (4,)}))
    with pytest.raises(ValueError, match="they go in turn"):
        model.decoder.generate(
            torch.zeros(2, 6), model.first_ids(2), choose=lambda logits, _: logits.argmax(dim=-1)
        )


def test_a_copy_of_the_bar_before_is_learned_without_z() -> None:
    """Where z says nothing, random bars that repeat are told by a lookback, and by nothing else."""
    torch.manual_seed(0)
    first = torch.randint(3, 11, (256, 4, 1))
    ids = first.repeat(1, 3, 1)
    nats = {}
    for lookback in ((), (4,)):
        model = SequenceVAE(ModelConfig(**{**SMALL, **BARS, "lookback": lookback}))
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        z = torch.zeros(len(ids), 6)
        for _ in range(60):
            logits = model.decode(z, ids)[:, 4:]
            loss = reconstruction_nats(logits, ids[:, 4:]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        nats[lookback] = loss.item()

    assert nats[4,] < 1
    assert nats[()] > 8  # 8 steps, ln 8 nats each, less what 256 rows let it learn by heart


def test_a_fresh_posterior_has_a_finite_kl(model: SequenceVAE) -> None:
    """The log of sigma is clamped from the first step on."""
    kl = kl_per_dimension(model.encode(ids_for(model)))

    assert torch.isfinite(kl).all()
    assert (kl >= 0).all()


def test_a_louder_path_lets_z_change_more_of_what_is_scored() -> None:
    """With path_gain the first weights let the same two points differ more in their scores."""
    config = ModelConfig(**{**SMALL, **BARS})
    apart = []
    for gain in (1.0, 4.0):
        torch.manual_seed(0)
        model = SequenceVAE(replace(config, path_gain=gain)).eval()
        ids = ids_for(model)
        near, far = (model.decode(torch.full((5, config.latent_size), value), ids) for value in (-1.0, 1.0))
        apart.append((near.log_softmax(-1) - far.log_softmax(-1)).abs().mean())

    assert apart[1] > 3 * apart[0]
