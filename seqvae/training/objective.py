"""What one step minimises: the terms of a batch, and those of a first phase without z."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from seqvae.config import Preset
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.losses import free_bits, kl_per_dimension
from seqvae.model.vae import Posterior, Scored, SequenceVAE
from seqvae.training.absence import drop_latents, drop_voices
from seqvae.training.history import hide_tokens, mix_history
from seqvae.training.parts import BARS_PER_STEP, Part
from seqvae.training.processes import ALONE, Processes
from seqvae.training.schedules import true_history_share


@dataclass(frozen=True)
class Terms:
    """What a loss is made of; scalars are means over the batch, those of a part its share of them."""

    loss: Tensor  # ()
    reconstruction: Tensor  # (), nats per sequence, no voice weighed; per bar in the first phase
    kl: Tensor | None  # (), nats per sequence; None in the first phase
    mu: Tensor | None  # (batch, latent)
    logits: Tensor  # (steps, voices, vocab), of all sequences of the last part that this process saw
    ids: Tensor  # (steps, voices), what they should have said; padding behind an end is left out


class Objective(nn.Module):
    """What one step minimises, as the forward pass of a module over a part of a batch.

    Everything drawn depends on seed, step and row of the batch alone.
    """

    def __init__(self, model: SequenceVAE, preset: Preset, processes: Processes = ALONE) -> None:
        super().__init__()
        self.model = model
        self.preset = preset
        self.processes = processes

    def forward(self, ids: Tensor, *, part: Part, step: int, beta: float) -> Terms:
        """Return what a part adds to the terms of a batch of ids, `(batch, time, voices)`."""
        if step < self.preset.train.bar_steps:
            return self._bar_terms(ids, part, step)
        if step < self.preset.train.language_model_steps:
            return self._language_model_terms(ids[part.rows], part, step)
        return self._batch_terms(ids[part.rows], part, step, beta)

    def _batch_terms(self, ids: Tensor, part: Part, step: int, beta: float) -> Terms:
        posterior, z = self._encode(ids, part, step)
        history = self._history(z, ids, part, step)
        scored = self.model.score(z, ids, history, self._earlier(z, ids, history, part, step))
        reconstruction = scored.nats.mean() / part.count
        if self.model.prior is not None:
            charged = self.model.rate(posterior, z).mean()
            kl = charged.detach() / part.count
        else:
            kl_dims = kl_per_dimension(posterior)
            kl = kl_dims.detach().sum(dim=-1).mean() / part.count
            charged = self._charged(kl_dims)
        loss = self._weighed(scored) / part.count + beta * (charged / part.count)
        return Terms(loss, reconstruction, kl, posterior.mu.detach(), scored.logits, scored.ids)

    def _bar_terms(self, ids: Tensor, part: Part, step: int) -> Terms:
        """Return the terms for random bars, each coded alone, without a z."""
        config = self.preset.model
        bars = ids.reshape(-1, config.steps_per_bar, ids.shape[-1])  # (batch * bars, steps, voices)
        generator = generator_of(self.preset.train.seed, Purpose.BARS, step)
        chosen = generator.choice(len(bars), size=min(BARS_PER_STEP, len(bars)), replace=False)
        drawn = torch.Generator(ids.device).manual_seed(int(generator.integers(2**62)))
        noise = torch.randn((len(chosen), config.bar_size), generator=drawn, device=ids.device)
        bars = bars[torch.from_numpy(chosen[part.rows]).to(ids.device)]
        scored = self.model.score_bars(bars, noise[part.rows])
        return self._terms_without_z(scored, part)

    def _language_model_terms(self, ids: Tensor, part: Part, step: int) -> Terms:
        """Return the terms where z is 0 for all, and the encoder is not asked."""
        z = torch.zeros(len(ids), self.preset.model.latent_size, device=ids.device)
        scored = self.model.score(z, ids, self._history(z, ids, part, step))
        return self._terms_without_z(scored, part)

    def _terms_without_z(self, scored: Scored, part: Part) -> Terms:
        loss, reconstruction = (nats / part.count for nats in (self._weighed(scored), scored.nats.mean()))
        return Terms(loss, reconstruction, None, None, scored.logits, scored.ids)

    def _weighed(self, scored: Scored) -> Tensor:
        """Return what a sequence costs in the mean, each voice by its weight."""
        weights = self.preset.objective.voice_weights
        if not weights:
            return scored.nats.mean()
        weighed = scored.nats_of_voices * scored.nats_of_voices.new_tensor(weights)  # no product in bfloat16
        return weighed.sum(dim=1).mean()

    def _charged(self, kl_dims: Tensor) -> Tensor:
        """Return the KL that costs something, `(batch, latent)` -> `()`, as the whole batch tells."""
        objective = self.preset.objective
        batch_mean = None
        if self.processes.count > 1 and objective.free_bits:
            batch_mean = self.processes.sum(kl_dims.mean(dim=0)) / self.processes.count
        return free_bits(
            kl_dims, nats=objective.free_bits, mode=objective.free_bits_mode, batch_mean=batch_mean
        )

    def _encode(self, ids: Tensor, part: Part, step: int) -> tuple[Posterior, Tensor]:
        seed = self.preset.train.seed
        posterior = self.model.encode(self._left_to_hear(ids, part, step))
        posterior = Posterior(posterior.mu.float(), posterior.log_sigma.float())
        draws = part.draws(seed, Purpose.LATENT_NOISE, step)
        noise = torch.from_numpy(draws.standard_normal(posterior.mu.shape, dtype=np.float32))
        z = posterior.sample(noise.to(ids.device))
        draws = part.draws(seed, Purpose.LATENTS, step)
        return posterior, drop_latents(z, self.preset.model.latent_dropout, generator=draws)

    def _left_to_hear(self, ids: Tensor, part: Part, step: int) -> Tensor:
        share, absent = self.preset.train.voice_dropout, self.preset.model.absent_ids
        draws = part.draws(self.preset.train.seed, Purpose.VOICES, step)
        return drop_voices(ids, share, absent_ids=absent, generator=draws) if share else ids

    def _history(self, z: Tensor, ids: Tensor, part: Part, step: int) -> Tensor:
        train = self.preset.train
        inputs = ids
        true_share = true_history_share(step - train.first_steps, train.sampling_rate)
        if true_share < 1:
            with torch.no_grad():
                logits = self.model.decode(z, ids)
            draws = part.draws(train.seed, Purpose.SAMPLED_HISTORY, step)
            inputs = mix_history(ids, logits, true_share=true_share, generator=draws)
        draws = part.draws(train.seed, Purpose.TOKEN_DROPOUT, step)
        hidden_id = self.preset.model.vocab_size
        return hide_tokens(inputs, train.token_dropout, hidden_id=hidden_id, generator=draws)

    def _earlier(self, z: Tensor, ids: Tensor, history: Tensor, part: Part, step: int) -> Tensor:
        """Return what a lookback hears: the history, or in some rows what the model writes itself.

        A copy of a copy keeps every mistake, so that a model that has only ever looked back on the truth
        trusts what it wrote too much.
        """
        train = self.preset.train
        if not train.own_past:
            return history
        draws = part.draws(train.seed, Purpose.OWN_PAST, step)
        rows = np.flatnonzero(draws.random((len(ids),), dtype=np.float32) < train.own_past)
        if not len(rows):
            return history
        own = torch.from_numpy(rows).to(ids.device)
        written = ids[own]
        for _ in range(train.past_rewrites):
            written = self.model.rewrite(z[own], written)
        return history.index_copy(0, own, written)


def whole_terms(parts: Sequence[Terms], processes: Processes) -> Terms:
    """Add up what all parts of a batch added to its terms, those of the other processes too."""
    last = parts[-1]
    if len(parts) == processes.count == 1:
        return last
    sums = torch.stack([_scalars(part) for part in parts]).sum(dim=0)  # (2 or 3,)
    loss, reconstruction, *kl = processes.sum(sums)
    mu = [part.mu for part in parts if part.mu is not None]
    return Terms(
        loss,
        reconstruction,
        kl[0] if kl else None,
        processes.gather(torch.cat(mu)) if mu else None,
        last.logits,
        last.ids,
    )


def _scalars(terms: Terms) -> Tensor:
    found = (terms.loss, terms.reconstruction, terms.kl)
    return torch.stack([term.detach() for term in found if term is not None])
