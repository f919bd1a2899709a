"""Posteriors moved by gradient steps of their own, for each window by itself.

An encoder answers for all windows with one set of weights and falls behind what its decoder could do, most of
all with windows unlike those it learned from: the amortisation gap (Cremer et al. 2018). Steps on mu and
log sigma close some of it (semi-amortised inference, Kim et al. 2018). What comes out is a posterior like any
other, with a KL that counts: that to the model's prior, or to one that was fitted to it. Where it is
weighed by less than 1, the cost is not -ELBO, which may rise.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seqvae.latent.fitted import LatentDensity
from seqvae.model.encoder import LOG_SIGMA_RANGE, Posterior
from seqvae.model.vae import SequenceVAE

BETA = 0.1  # weight of the KL, about that of the bundled models while they were trained
MU_RATE = 0.2  # of Adam, in standard deviations of the encoder's posterior; both rates fall to 0 along a line
LOG_SIGMA_RATE = 0.05
ADAM_BETAS = (0.9, 0.98)
NOISE_SEED = 20_180  # all windows hear the same noise, whatever stands beside them
BATCH_SIZE = 32  # windows at once


class Refined(NamedTuple):
    """Posteriors of windows, and what each costs before and after: -log p(x | z) + beta * KL, in nats."""

    posterior: Posterior  # (windows, latent) twice
    before: Tensor  # (windows,)
    after: Tensor  # (windows,)


def refine_posterior(
    model: SequenceVAE,
    ids: Tensor,
    posterior: Posterior,
    num_steps: int,
    *,
    beta: float = BETA,
    prior: LatentDensity | None = None,
) -> Refined:
    """Take steps down the cost of each of `(windows, time, voices)` ids, where the model is.

    A window keeps what the encoder said unless one and the same draw of z's noise says that it gained. The
    model, in evaluation mode, keeps its weights and gets no gradients. A `prior` other than the model's is on
    the CPU, where z is weighed by it.
    """
    if not len(ids):
        return Refined(posterior, ids.new_zeros(0, dtype=torch.float), ids.new_zeros(0, dtype=torch.float))
    rows = torch.split(torch.arange(len(ids)), BATCH_SIZE)
    parts = []
    for some in rows:
        own = Posterior(*(one[some].detach().to(ids.device) for one in posterior))
        parts.append(_refine_batch(_Cost(model, ids[some], beta, prior), own, num_steps))
    posteriors, before, after = zip(*parts, strict=True)
    joined = Posterior(*(torch.cat(one) for one in zip(*posteriors, strict=True)))
    return Refined(joined, torch.cat(before), torch.cat(after))


class _Cost(NamedTuple):
    """What posteriors of these windows cost, `(windows,)`, at z drawn with a noise that they share."""

    model: SequenceVAE
    ids: Tensor
    beta: float
    prior: LatentDensity | None

    def __call__(self, posterior: Posterior, noise: Tensor) -> Tensor:
        z = posterior.sample(noise)
        return self.model.score(z, self.ids).nats + self.beta * self._rate(posterior, z)

    def _rate(self, posterior: Posterior, z: Tensor) -> Tensor:
        """Return the KL, and by what it is more or less to a prior that is not the model's, at z alone."""
        rate = self.model.rate(posterior, z)
        if self.prior is None:
            return rate
        return rate + self.model.log_prior(z) - self.prior.log_density(z.cpu()).to(z.device)


def _refine_batch(cost: _Cost, first: Posterior, num_steps: int) -> Refined:
    generator = torch.Generator().manual_seed(NOISE_SEED)
    judging = _draw(first, generator)
    with torch.no_grad():
        before = cost(first, judging)
    shift, spread = (torch.zeros_like(first.mu, requires_grad=True) for _ in range(2))
    rates = {MU_RATE: [shift], LOG_SIGMA_RATE: [spread]}
    optimizer = torch.optim.Adam([{"params": own} for own in rates.values()], betas=ADAM_BETAS)
    for step in range(num_steps):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * (1 - step / num_steps)
        noise = _draw(first, generator)
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # no backward in eval mode there
            nats = cost(_moved(first, shift, spread), noise)
            shift.grad, spread.grad = torch.autograd.grad(nats.sum(), (shift, spread))
        optimizer.step()
    with torch.no_grad():
        moved = _moved(first, shift, spread)
        after = cost(moved, judging)
    is_better = (after < before)[:, None]
    kept = Posterior(*(torch.where(is_better, new, old) for new, old in zip(moved, first, strict=True)))
    return Refined(kept, before, torch.where(is_better[:, 0], after, before))


def _moved(first: Posterior, shift: Tensor, spread: Tensor) -> Posterior:
    log_sigma = (first.log_sigma + spread).clamp(*LOG_SIGMA_RANGE)
    return Posterior(first.mu + first.log_sigma.exp() * shift, log_sigma)


def _draw(posterior: Posterior, generator: torch.Generator) -> Tensor:
    """Draw noise that all windows share, `(1, latent)`; on the CPU, so alike on all devices."""
    return torch.randn(1, posterior.mu.shape[1], generator=generator).to(posterior.mu.device)
