"""z laid out by bars: codes of bars as waves over them."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqvae.config import ModelConfig
from seqvae.errors import ConfigError
from seqvae.model.layers import mix_bars
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset

FOUR_BARS = replace(
    preset("debug-trio").model,
    bars=4,
    encoder="hierarchical",
    decoder="hierarchical",
    latent_size=32,
    latent_layout="bars",
    bar_size=16,
    top_encoder_size=8,
    conductor_size=16,
    plan_size=8,
)


@given(st.integers(0, 5), st.integers(1, 7), st.integers(0, 2**31))
def test_mixing_bars_keeps_lengths_and_undoes_itself(power: int, size: int, seed: int) -> None:
    """The transform is orthonormal and its own inverse."""
    codes = torch.randn(3, 2**power, size, generator=torch.Generator().manual_seed(seed))

    assert torch.allclose(mix_bars(mix_bars(codes)), codes, atol=1e-5)
    assert torch.allclose(mix_bars(codes).norm(dim=(1, 2)), codes.norm(dim=(1, 2)), rtol=1e-4)


@pytest.mark.parametrize("period", [1, 2, 4, 8])
def test_what_repeats_takes_as_many_waves_as_its_period(period: int) -> None:
    """Sixteen bars that repeat leave all other waves at 0."""
    codes = torch.randn(2, period, 5).repeat(1, 16 // period, 1)
    lengths = mix_bars(codes).norm(dim=-1)

    assert ((lengths > 1e-4).sum(dim=1) == period).all()


def test_a_new_model_codes_each_bar_alone() -> None:
    """Before any training z is the codes of the bars, and a bar's plan its own code."""
    torch.manual_seed(0)
    model = SequenceVAE(FOUR_BARS).eval()
    ids = torch.randint(3, 20, (2, 64, 3))
    other = ids.clone()
    other[:, 16:32] = torch.randint(20, 40, (2, 16, 3))
    codes = [mix_bars(model.encode(x).mu.view(2, 4, 8)) for x in (ids, other)]
    moved = (codes[0] - codes[1]).abs().amax(dim=(0, 2)) > 1e-5
    features, _ = model.encoder.read_bars(ids.view(-1, 16, 3))
    views = model.decoder.contexts(model.encode(ids).mu)[..., 16:]

    assert moved.tolist() == [False, True, False, False]
    assert torch.allclose(
        views, model.decoder.code_plan(model.encoder.code(features)).view(2, 4, 8), atol=1e-5
    )


def test_single_bars_are_coded_by_the_weights_that_code_z() -> None:
    """What the phase of single bars costs depends on code and code_plan, and on no adapter."""
    model = SequenceVAE(FOUR_BARS)
    model.score_bars(torch.randint(3, 20, (5, 16, 3)), torch.randn(5, 16)).nats.sum().backward()

    assert model.bar_adapter is None
    assert model.encoder.code.weight.grad.abs().sum() > 0
    assert model.decoder.code_plan.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bars": 3, "latent_size": 33}, "bars is 3; choose a power of 2"),
        ({"latent_size": 34}, "latent_size is 34; choose a multiple of the 4 bars"),
        ({"decoder": "flat"}, "encoder and decoder have to be hierarchical"),
        ({"bar_size": 7}, "bar_size is 7; choose at least 8"),
    ],
)
def test_layouts_that_do_not_fit_are_refused(settings: dict[str, object], message: str) -> None:
    """What bars cannot be laid out by is told."""
    with pytest.raises(ConfigError, match=message):
        ModelConfig.from_dict(FOUR_BARS.to_dict() | settings)
