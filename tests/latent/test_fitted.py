"""What a model folder knows of its points: a learned prior, a mixture, or nothing."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqvae.errors import CheckpointError
from seqvae.latent.fitted import CONFIG_KEY, PRIOR_NAME, choose_prior, load_fitted, load_prior, save_fitted
from seqvae.latent.mixture import standard_normal
from seqvae.latent.posterior import FILE_NAME, save_posterior
from seqvae.model.prior import AutoregressivePrior, PriorConfig

SHAPE = PriorConfig(parts=2, part_size=3, hidden_size=4, width=5, components=2)


@pytest.fixture
def prior() -> AutoregressivePrior:
    """Make a prior of weights drawn at random."""
    torch.manual_seed(0)
    prior = AutoregressivePrior(SHAPE).eval().requires_grad_(False)
    for weights in prior.parameters():
        weights.copy_(torch.randn(weights.shape).half())
    prior.mean.add_(1 / 3)
    return prior


def test_load_inverts_save(prior, tmp_path):
    """A folder gives back density and samples, its mixture is gone, and nothing else is left in it."""
    save_posterior(tmp_path, standard_normal(6))
    assert type(load_fitted(tmp_path, 6)) is type(standard_normal(6))
    save_fitted(tmp_path, prior)
    loaded = load_fitted(tmp_path, 6)
    points = torch.randn(4, 6)

    assert [path.name for path in tmp_path.iterdir()] == [PRIOR_NAME]
    save_fitted(tmp_path, standard_normal(6))
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    torch.testing.assert_close(loaded.log_density(points), prior.log_density(points), rtol=0, atol=0)
    assert torch.equal(*(one.sample(3, torch.Generator().manual_seed(1)) for one in (loaded, prior)))


def test_a_learned_prior_goes_before_a_mixture(prior, tmp_path):
    """Where both are it is the one."""
    save_fitted(tmp_path, prior)
    save_posterior(tmp_path, standard_normal(6))

    assert {path.name for path in tmp_path.iterdir()} == {PRIOR_NAME, FILE_NAME}
    assert isinstance(load_fitted(tmp_path, 6), AutoregressivePrior)
    assert choose_prior(load_fitted(tmp_path, 6), 6).density is not None
    assert choose_prior(load_fitted(tmp_path, 6), 6, "normal").name == "N(0, I)"


def test_an_empty_folder_knows_nothing(tmp_path):
    """Samples then come from N(0, I), and who wishes for more is told."""
    assert load_fitted(tmp_path, 6) is None
    assert choose_prior(None, 6).name == "N(0, I)"
    with pytest.raises(CheckpointError, match="no fitted prior; fit one, or choose the normal prior"):
        choose_prior(None, 6, "fitted")


METADATA = {
    "none": (None, "is damaged"),
    "no JSON": ({CONFIG_KEY: "{"}, "is damaged"),
    "brackets in brackets": ({CONFIG_KEY: "[" * 100_000}, "is damaged"),
    "a list": ({CONFIG_KEY: "[1]"}, "is damaged"),
    "an unknown setting": ({CONFIG_KEY: '{"parts": 2, "size": 3}'}, "is damaged"),
    "half a part": ({CONFIG_KEY: '{"parts": 2, "part_size": 1.5}'}, "is damaged"),
    "another latent size": (
        {CONFIG_KEY: json.dumps(replace(SHAPE, part_size=4).to_dict())},
        "is of latent size 8, the model of 6",
    ),
    "every size at its bound": (
        {CONFIG_KEY: json.dumps({"parts": 2, "part_size": 3, "hidden_size": 4096, "width": 4096})},
        r"\d+ weights, at most 100000000 are read",
    ),
    "another width": (
        {CONFIG_KEY: json.dumps(replace(SHAPE, width=6).to_dict())},
        r"is F16 .*, expected floats",
    ),
}


@pytest.mark.parametrize(("metadata", "words"), METADATA.values(), ids=METADATA)
def test_a_hostile_prior_is_refused(metadata, words, prior, tmp_path):
    """The head of the file is checked before memory is taken, in one line that names the file."""
    save_fitted(tmp_path, prior)
    tensors = load_file(tmp_path / PRIOR_NAME)
    save_file(tensors, tmp_path / PRIOR_NAME, metadata=metadata)

    with pytest.raises(CheckpointError, match=words) as caught:
        load_prior(tmp_path, 6)
    assert "\n" not in str(caught.value)
    assert PRIOR_NAME in str(caught.value)


def test_what_is_no_prior_is_refused(prior, tmp_path):
    """Other bytes, spreads of nothing, and values that are not finite."""
    prior.spread[1, 2] = 0
    save_fitted(tmp_path, prior)
    with pytest.raises(CheckpointError, match="a spread is not above 0"):
        load_prior(tmp_path, 6)
    prior.spread.fill_(torch.nan)
    save_fitted(tmp_path, prior)
    with pytest.raises(CheckpointError, match="not finite"):
        load_prior(tmp_path, 6)
    (tmp_path / PRIOR_NAME).write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_prior(tmp_path, 6)
