import pytest
import torch

from seqvae.expression.fit import cost_of
from seqvae.expression.model import ExpressionModel, Played
from seqvae.expression.noise import logistic_noise
from seqvae.expression.settings import ExpressionConfig
from tests.expression.making import SMALL, small_model, some_drums


def test_shapes():
    """Clips of any length have one feel, and every hit two costs."""
    model, played = small_model(), some_drums(batch=2, steps=48)
    mu, log_sigma = model.encode(played)

    assert mu.shape == log_sigma.shape == (2, SMALL.feel_size)
    assert model.nats(mu, played).shape == (2, 48, 18)
    assert model.play(mu, played.hits, temperature=0, noise=torch.zeros(2, 48, 18)).offsets.shape == (
        2,
        48,
        9,
    )


def test_the_shipped_size_is_small():
    """Half a million weights are a megabyte in float16."""
    with torch.device("meta"):
        assert ExpressionModel(ExpressionConfig()).num_parameters < 600_000


def test_silent_cells_cost_nothing_whatever_stands_in_them():
    """The loss is of hits alone: garbage where nothing is hit changes neither it nor its slope."""
    model, clean = small_model(), some_drums()
    garbage = clean._replace(
        velocities=clean.velocities.where(clean.hits, torch.tensor(99)),
        offsets=clean.offsets.where(clean.hits, torch.tensor(-17)),
    )
    noise = torch.zeros(3, SMALL.feel_size)
    slopes = []
    for played in (clean, garbage):
        model.zero_grad()
        cost = cost_of(model, played, noise)
        (cost.velocity + cost.offset + cost.kl).sum().backward()
        slopes.append([parameter.grad.clone() for parameter in model.parameters()])
    nats = model.nats(noise, clean)

    assert nats[~torch.cat([clean.hits, clean.hits], dim=-1)].abs().max() == 0
    assert (nats[torch.cat([clean.hits, clean.hits], dim=-1)] > 0).all()
    assert cost.num_hits.tolist() == clean.hits.sum(dim=(1, 2)).tolist()
    for one, other in zip(*slopes, strict=True):
        assert torch.equal(one, other)


def test_slope_reaches_every_weight():
    """Nothing in the model is idle."""
    model = small_model()
    cost = cost_of(model, some_drums(), torch.ones(3, SMALL.feel_size))
    (cost.velocity + cost.offset + cost.kl).sum().backward()
    idle = [name for name, parameter in model.named_parameters() if not parameter.grad.abs().sum() > 0]

    assert idle == []


def test_clips_of_a_batch_do_not_hear_one_another():
    """A clip costs the same alone as among others."""
    model, played = small_model(), some_drums()
    noise = torch.ones(3, SMALL.feel_size)
    alone = cost_of(model, Played(*(part[1:2] for part in played)), noise[1:2])
    among = cost_of(model, played, noise)

    for one, all_of_them in zip(alone, among, strict=True):
        torch.testing.assert_close(one[0], all_of_them[1])


def test_a_hit_hears_the_past_and_its_own_step_alone():
    """How a later step was played changes the cost of none before it."""
    model, played = small_model(), some_drums(batch=1)
    later = played._replace(velocities=played.velocities.clone())
    later.velocities[:, 20:] = later.velocities[:, 20:] // 2 + 1
    z = torch.ones(1, SMALL.feel_size)

    torch.testing.assert_close(model.nats(z, later)[:, :20], model.nats(z, played)[:, :20])


def test_step_by_step_is_all_at_once():
    """At temperature 0 each hit played is the median of what is heard of those before it."""
    model, drums = small_model(), some_drums()
    z = torch.randn(3, SMALL.feel_size, generator=torch.Generator().manual_seed(1))
    played = model.play(z, drums.hits, temperature=0, noise=torch.ones(3, 32, 18))
    guessed = model.medians(z, played)

    assert played.velocities[drums.hits].min() >= 1
    for one, other in ((played.velocities, guessed.velocities), (played.offsets, guessed.offsets)):
        assert (one[drums.hits] == other[drums.hits]).double().mean() > 0.98  # but for rounding at an edge
        assert (one - other)[drums.hits].abs().max() <= 2
    assert played.velocities[~drums.hits].abs().max() == played.offsets[~drums.hits].abs().max() == 0


def test_play_draws_from_the_mixtures():
    """Many performances of one hit are as likely as the model says."""
    model = small_model()
    hits = torch.zeros(4000, 1, 9, dtype=torch.bool)
    hits[..., 1] = True
    noise = logistic_noise((4000, 1, 18), torch.Generator().manual_seed(0))
    played = model.play(torch.zeros(4000, SMALL.feel_size), hits, temperature=1, noise=noise)
    numbers = torch.arange(1, 128)
    each = Played(hits[:127], (numbers[:, None, None] * hits[:127]), torch.zeros(127, 1, 9))
    mass = (-model.nats(torch.zeros(127, SMALL.feel_size), each)[:, 0, 1]).exp()
    mean = (mass * numbers).sum()

    assert played.velocities[:, 0, 1].double().mean() == pytest.approx(float(mean.detach()), abs=2.5)


def test_a_clip_without_hits_has_a_feel():
    """Silence divides by nothing."""
    model = small_model()
    silent = Played(*(torch.zeros(1, 16, 9, dtype=kind) for kind in (torch.bool, torch.int64, torch.int64)))

    assert torch.isfinite(model.encode(silent).mu).all()
