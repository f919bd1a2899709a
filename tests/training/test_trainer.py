from math import isnan

import pytest
import torch

from seqvae.errors import TrainingError
from seqvae.model.vae import SequenceVAE
from seqvae.training.objective import Objective
from seqvae.training.parts import WHOLE
from seqvae.training.trainer import MAX_BAD_STEPS, Trainer, build_optimizer
from tests.training.making import BARS, debug_preset, trainer_of, window_set


def weights_of(trainer) -> dict[str, torch.Tensor]:
    """Copy the weights."""
    return {name: weight.clone() for name, weight in trainer.model.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    """Compare to the bit."""
    return all(torch.equal(first[name], second[name]) for name in first)


def test_a_few_windows_are_learned():
    """100 steps on eight windows bring 32 steps of music below 40 nats, from 156."""
    preset = debug_preset("train.num_steps=1000", "train.transpose_semitones=0", "objective.beta=0.01")
    trainer = trainer_of(preset, window_set(num_bars=9))

    losses = [trainer.advance().terms.loss.item() for _ in range(100)]

    assert losses[0] > 140
    assert losses[-1] < 40


@pytest.mark.parametrize(
    "assignments",
    [
        (),
        ("train.precision=bfloat16",),
        ("train.token_dropout=0.2", "train.sampling_rate=2"),
        BARS,
        (*BARS, "model.lookback=[16]", "train.own_past=0.5"),
    ],
    ids=["plain", "bfloat16", "history", "hierarchical", "own past"],
)
def test_a_step_depends_on_seed_and_number_alone(assignments):
    """Two trainers take the same path, to the bit, whatever torch's own generator has drawn."""
    first, second = (trainer_of(debug_preset(*assignments)) for _ in range(2))
    for _ in range(3):
        first.advance()
        torch.rand(1)
        second.advance()

    assert same(weights_of(first), weights_of(second))


def own_past_step(share: float) -> tuple[Trainer, float, list[tuple[torch.Tensor, ...]]]:
    """Take a step; return the trainer, its reconstruction and what was rewritten: z, ids and own ids."""
    changes = (*BARS, "model.lookback=[16]", f"train.own_past={share}", "train.transpose_semitones=0")
    trainer = trainer_of(debug_preset(*changes))
    written: list[tuple[torch.Tensor, ...]] = []
    rewrite = trainer.model.rewrite

    def keep(z: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        written.append((z, ids, rewrite(z, ids)))
        return written[-1][2]

    trainer.model.rewrite = keep
    return trainer, trainer.advance().terms.reconstruction.item(), written


def test_windows_that_hear_their_own_past_cost_what_the_model_says_of_it():
    """With a share of 1 all rows are rewritten, and scored where the lookback hears that."""
    trainer, loss, [(z, ids, once), (_, heard, own)] = own_past_step(1)
    fresh = trainer_of(trainer.preset).model

    assert len(ids) == trainer.preset.train.batch_size
    assert torch.equal(heard, once)
    assert loss == pytest.approx(fresh.score(z, ids, earlier=own).nats.mean().item(), rel=1e-5)


def test_a_share_of_windows_hears_its_own_past():
    """With a half some rows are rewritten, each by its own z, the others hear the truth; with 0 all do."""
    _, loss_of_truth, nothing = own_past_step(0)
    _, _, [(all_z, all_ids, _), _] = own_past_step(1)
    trainer, loss, [(z, ids, _), (_, _, own)] = own_past_step(0.5)
    rows = [int((all_ids == one).all(dim=(1, 2)).nonzero()[0, 0]) for one in ids]
    earlier = all_ids.clone()
    earlier[rows] = own
    expected = trainer_of(trainer.preset).model.score(all_z, all_ids, earlier=earlier).nats.mean()

    assert nothing == []
    assert 0 < len(z) < trainer.preset.train.batch_size
    assert torch.equal(z, all_z[rows])
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert loss != loss_of_truth


def test_bfloat16_is_close_to_float32():
    """Half the precision changes the loss of the first step by less than 1 %."""
    losses = [
        trainer_of(debug_preset(f"train.precision={precision}")).advance().terms.loss.item()
        for precision in ("float32", "bfloat16")
    ]

    assert losses[0] == pytest.approx(losses[1], rel=0.01)


def test_a_step_that_is_not_finite_is_skipped():
    """Weights, moments and average stay as they were, and the step is counted."""
    trainer = trainer_of(debug_preset("train.ema_decay=0.9"))
    trainer.advance()
    weight = next(trainer.model.parameters())
    handle = weight.register_hook(lambda gradient: gradient * float("nan"))
    before = weights_of(trainer)

    result = trainer.advance()
    handle.remove()

    assert result.skipped
    assert isnan(result.grad_norm)
    assert same(before, weights_of(trainer))
    assert (trainer.counters.step, trainer.counters.skipped) == (2, 1)
    assert not trainer.advance().skipped
    assert trainer.counters.skipped_in_a_row == 0


def test_too_many_bad_steps_in_a_row_end_the_run():
    """A run that can no longer move says so instead of going on for a week."""
    trainer = trainer_of(debug_preset())
    with torch.no_grad():
        next(trainer.model.parameters()).fill_(float("nan"))

    for _ in range(MAX_BAD_STEPS - 1):
        trainer.advance()
    with pytest.raises(TrainingError, match="not finite for 20 steps in a row"):
        trainer.advance()


def test_gradients_are_clipped():
    """However large the loss, the gradient that moves the weights is no longer than asked for."""
    trainer = trainer_of(debug_preset("train.clip_norm=0.5"))

    result = trainer.advance()
    norm = torch.stack([weight.grad.norm() for weight in trainer.model.parameters()]).norm()

    assert result.grad_norm > 0.5
    assert float(norm) == pytest.approx(0.5, rel=1e-3)


def test_only_matrices_decay():
    """Weight decay leaves biases alone."""
    trainer = trainer_of(debug_preset("train.weight_decay=0.3"))
    decayed, free = build_optimizer(trainer.model, trainer.preset.train).param_groups

    assert {weight.ndim for weight in decayed["params"]} == {2}
    assert {weight.ndim for weight in free["params"]} == {1}
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.3, 0.0)


def test_the_average_follows_the_weights():
    """The averaged weights are lent to the model for a while, and its own come back."""
    trainer = trainer_of(debug_preset("train.ema_decay=0.9"))
    first = next(trainer.model.parameters()).detach().clone()
    trainer.advance()
    own = weights_of(trainer)
    name = next(iter(trainer.average))

    with trainer.averaged_weights():
        lent = trainer.model.state_dict()[name].clone()

    assert torch.allclose(lent, 0.1 * first + 0.9 * own[name])  # at first the average is quick
    assert same(own, weights_of(trainer))


def test_the_first_phase_trains_bars_without_z():
    """Until train.bar_steps the encoder of bars and the step decoder learn; z is not asked."""
    trainer = trainer_of(debug_preset(*BARS, "train.bar_steps=2"))
    before = weights_of(trainer)

    results = [trainer.advance() for _ in range(2)]
    moved = {name for name, weight in weights_of(trainer).items() if not torch.equal(weight, before[name])}
    after = trainer.advance()

    assert all(result.terms.kl is None and result.beta == 0 for result in results)
    assert results[0].terms.logits.shape == (16 * 16, 1, 131)
    assert any(name.startswith("decoder.steps") for name in moved)
    assert not any(name.startswith(("decoder.conductor", "encoder.posterior")) for name in moved)
    assert after.terms.kl is not None


def test_a_language_model_may_come_first():
    """Until train.language_model_steps the decoder learns without z, which has a price afterwards."""
    trainer = trainer_of(
        debug_preset(
            "train.language_model_steps=2", "objective.beta_start=0.5", "objective.beta_hold_steps=1"
        )
    )
    before = weights_of(trainer)

    results = [trainer.advance() for _ in range(2)]
    moved = {name for name, weight in weights_of(trainer).items() if not torch.equal(weight, before[name])}
    after = trainer.advance()

    assert all(result.terms.kl is None and result.beta == 0 for result in results)
    assert any(name.startswith("decoder.lstm") for name in moved)
    assert not any(name.startswith("encoder.") for name in moved)
    assert after.terms.kl is not None
    assert after.beta == 0.5


def test_the_rate_controller_moves_beta():
    """With a KL far above its target, beta rises step by step."""
    trainer = trainer_of(debug_preset("objective.target_kl=0.01", "objective.beta=0.5"))

    betas = [trainer.advance().beta for _ in range(20)]

    assert betas[0] == pytest.approx(0.5)
    assert betas[-1] > 0.5


def test_the_loss_is_reconstruction_plus_beta_times_kl():
    """Nats per sequence, without any other scale; the KL to a learned prior, where there is one."""
    for more in ((), ("model.prior=learned",)):
        result = trainer_of(debug_preset("objective.beta_schedule=constant", *more)).advance()
        terms = result.terms

        assert terms.loss.item() == pytest.approx((terms.reconstruction + 0.1 * terms.kl).item())


ONES = "objective.voice_weights=[1, 1.0, 1]"
PHASES = {
    "with z": (),
    "single bars": (*BARS, "model.bars=2", "train.bar_steps=10"),
    "a language model": ("train.language_model_steps=10",),
}


@pytest.mark.parametrize("phase", PHASES.values(), ids=PHASES)
def test_voices_count_by_their_weights(phase):
    """The gradients of three voices, weighed, are the sum of each alone; what is told is not weighed."""
    weights = (0.5, 2.0, 1.0)
    choices = [weights, *(tuple(float(one == voice) for one in range(3)) for voice in range(3))]
    results = [trio_step(*phase, f"objective.voice_weights={list(choice)}") for choice in choices]
    (whole, told), *alone = results

    for name, gradient in whole.items():
        parts = sum(weight * of_one[name] for weight, (of_one, _) in zip(weights, alone, strict=True))
        torch.testing.assert_close(gradient, parts, atol=2e-5, rtol=2e-4)
    assert {float(one) for _, one in results} == {float(told)}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_weights_of_one_change_nothing(precision):
    """To the bit, in bfloat16 too."""
    as_ever, weighed = (trio_step(*more, precision=precision)[0] for more in ((), (ONES,)))

    assert same(as_ever, weighed)


def trio_step(*assignments: str, precision: str = "float32") -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Return the gradients of one batch of trios without a KL, and the reconstruction that is told."""
    preset = debug_preset(*assignments, name="debug-trio")
    ids = torch.randint(3, 100, (4, preset.model.time, 3), generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    objective = Objective(SequenceVAE(preset.model), preset)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
        terms = objective(ids, part=WHOLE, step=0, beta=0.0)
    terms.loss.backward()
    gradients = {name: one.grad for name, one in objective.model.named_parameters() if one.grad is not None}
    return gradients, terms.reconstruction.detach()
