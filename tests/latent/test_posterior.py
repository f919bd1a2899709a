import pytest
import torch

from seqvae.errors import CheckpointError
from seqvae.latent.posterior import FILE_NAME, Gaussian, fit_posterior, load_posterior, standard_normal
from seqvae.model.encoder import Posterior


@pytest.fixture
def gaussian() -> Gaussian:
    """Fit a Gaussian to posteriors of two latent dimensions."""
    mu = torch.tensor([[1.0, 0], [3, 0], [1, 4], [3, 4]])
    halves = Posterior(mu, torch.full_like(mu, -1.0))
    return fit_posterior(Posterior(*parts) for parts in zip(*(p.split(3) for p in halves), strict=True))


def test_fit_has_the_moments_of_the_aggregate(gaussian):
    """The mean of mu, and the covariance of mu plus the mean of sigma squared."""
    covariance = gaussian.cholesky @ gaussian.cholesky.T
    noise = torch.tensor(-2.0).exp()

    torch.testing.assert_close(gaussian.mean, torch.tensor([2.0, 2]))
    torch.testing.assert_close(covariance, torch.diag(torch.tensor([1.0, 4]) + noise), rtol=1e-3, atol=1e-3)


def test_few_windows_are_enough():
    """Fewer windows than dimensions still give a distribution."""
    flat = Posterior(torch.ones(2, 8), torch.full((2, 8), -7.0))

    assert torch.isfinite(fit_posterior([flat]).cholesky).all()


def test_samples_have_the_moments(gaussian):
    """Many samples scatter as the Gaussian says."""
    z = gaussian.sample(20_000, torch.Generator().manual_seed(0))

    torch.testing.assert_close(z.mean(dim=0), gaussian.mean, rtol=0, atol=0.1)
    torch.testing.assert_close(z.T.cov(), gaussian.cholesky @ gaussian.cholesky.T, rtol=0, atol=0.15)


def test_load_inverts_save(gaussian, tmp_path):
    """A model folder gives back the Gaussian it was given."""
    gaussian.save(tmp_path)
    loaded = load_posterior(tmp_path, 2)

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert torch.equal(loaded.mean, gaussian.mean)
    assert torch.equal(loaded.cholesky, gaussian.cholesky)


def test_no_file_is_no_posterior(tmp_path):
    """Most model folders have none."""
    assert load_posterior(tmp_path, 2) is None


def test_standard_normal_is_the_prior():
    """N(0, I) has mean zero and unit covariance."""
    prior = standard_normal(3)

    assert torch.equal(prior.mean, torch.zeros(3))
    assert torch.equal(prior.cholesky, torch.eye(3))


def test_foreign_or_broken_files_are_refused(gaussian, tmp_path):
    """A posterior of another model or a damaged file is named."""
    gaussian.save(tmp_path)
    with pytest.raises(CheckpointError, match="not of latent size 3"):
        load_posterior(tmp_path, 3)
    (tmp_path / FILE_NAME).write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_posterior(tmp_path, 2)
