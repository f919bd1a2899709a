import pytest
import torch

from seqvae.errors import CheckpointError
from seqvae.latent.mixture import Mixture, fit_mixture, standard_normal
from seqvae.latent.posterior import FILE_NAME, load_posterior, save_posterior


def generator() -> torch.Generator:
    """Start chance anew."""
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def clouds() -> torch.Tensor:
    """Draw 300 points around (0, 0) and 100 around (50, 50)."""
    noise = torch.randn(400, 2, generator=generator())
    return noise + 50 * (torch.arange(400) >= 300)[:, None]


@pytest.fixture(scope="module")
def mixture(clouds) -> Mixture:
    """Fit two Gaussians to them."""
    return fit_mixture(clouds, torch.zeros(2), 2, generator())


def test_two_clouds_are_found(mixture):
    """Each cloud has its Gaussian, with the share of its points."""
    order = mixture.means[:, 0].argsort()

    torch.testing.assert_close(mixture.weights[order], torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(mixture.means[order], torch.tensor([[0.0, 0], [50, 50]]), rtol=0, atol=0.3)


def test_one_component_has_the_moments(clouds):
    """One Gaussian has the mean of the points and their covariance plus the variance given."""
    one = fit_mixture(clouds, torch.tensor([100.0, 0]), 1, generator())
    expected = clouds.T.cov(correction=0) + torch.diag(torch.tensor([100.0, 0]))

    torch.testing.assert_close(one.means[0], clouds.mean(dim=0))
    torch.testing.assert_close(one.roots[0] @ one.roots[0].T, expected, rtol=1e-3, atol=1e-3)


def test_few_points_are_enough():
    """Fewer points than dimensions or components still give a distribution, equal ones too."""
    for points in (torch.eye(2, 8), torch.ones(2, 8)):
        assert torch.isfinite(fit_mixture(points, torch.full((8,), 0.1), 32, generator()).roots).all()


def test_samples_fall_where_the_points_are(mixture, clouds):
    """Drawn points have the shares and the moments of those fitted."""
    z = mixture.sample(20_000, generator())

    assert float((z[:, 0] > 25).float().mean()) == pytest.approx(0.25, abs=0.02)
    torch.testing.assert_close(z.mean(dim=0), clouds.mean(dim=0), rtol=0, atol=0.6)


def test_density_is_that_of_torch():
    """Up to its constant the log density of N(0, I) is that of torch.distributions."""
    points = torch.randn(5, 3, generator=generator())
    oracle = torch.distributions.MultivariateNormal(torch.zeros(3), torch.eye(3)).log_prob(points)

    found = standard_normal(3).log_densities(points)[:, 0]
    torch.testing.assert_close(found - found[0], oracle - oracle[0])


def test_density_of_a_mixture_is_that_of_torch(mixture):
    """Shares, means and covariances are those that torch.distributions would take, constant and all."""
    points = torch.randn(7, 2, generator=generator()) * 20
    parts = torch.distributions.MultivariateNormal(mixture.means, scale_tril=mixture.roots)
    shares = torch.distributions.Categorical(mixture.weights)
    oracle = torch.distributions.MixtureSameFamily(shares, parts).log_prob(points)

    torch.testing.assert_close(mixture.log_density(points), oracle)


def test_load_inverts_save(mixture, tmp_path):
    """A model folder gives back what it was given, roots as precise as float16."""
    save_posterior(tmp_path, mixture)
    loaded = load_posterior(tmp_path, 2)

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert torch.equal(loaded.means, mixture.means)
    assert torch.equal(loaded.roots, mixture.roots.half().float())


def test_no_file_is_no_posterior(tmp_path):
    """Most model folders have none."""
    assert load_posterior(tmp_path, 2) is None


def test_foreign_or_broken_files_are_refused(mixture, tmp_path):
    """A posterior of another model or a damaged file is named."""
    save_posterior(tmp_path, mixture)
    with pytest.raises(CheckpointError, match="not of latent size 3"):
        load_posterior(tmp_path, 3)
    (tmp_path / FILE_NAME).write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_posterior(tmp_path, 2)
