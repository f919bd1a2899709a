"""What one step minimises: the terms of a batch, and those of single bars in the first phase."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqvae.config import Preset
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.losses import free_bits, kl_per_dimension
from seqvae.model.vae import Posterior, SequenceVAE
from seqvae.training.absence import drop_latents, drop_voices
from seqvae.training.history import hide_tokens, mix_history
from seqvae.training.schedules import true_history_share

BARS_PER_STEP = 96  # of the first phase


@dataclass(frozen=True)
class Terms:
    """The parts of a loss; scalars are means over the batch."""

    loss: Tensor  # ()
    reconstruction: Tensor  # (), nats per sequence; per bar in the first phase
    kl: Tensor | None  # (), nats per sequence; None in the first phase
    mu: Tensor | None  # (batch, latent)
    logits: Tensor  # (steps, voices, vocab), of all sequences, padding behind an end left out
    ids: Tensor  # (steps, voices), what the logits should have said


def batch_terms(model: SequenceVAE, ids: Tensor, preset: Preset, *, step: int, beta: float) -> Terms:
    """Return the terms for `(batch, time, voices)` ids; everything drawn depends on seed and step alone."""
    posterior, z = _encode(model, ids, preset, step)
    scored = model.score(z, ids, _history(model, z, ids, preset, step))
    reconstruction = scored.nats.mean()
    kl_dims = kl_per_dimension(posterior)
    objective = preset.objective
    charged = free_bits(kl_dims, nats=objective.free_bits, mode=objective.free_bits_mode)
    kl = kl_dims.detach().sum(dim=-1).mean()
    loss = reconstruction + beta * charged
    return Terms(loss, reconstruction, kl, posterior.mu.detach(), scored.logits, scored.ids)


def bar_terms(model: SequenceVAE, ids: Tensor, preset: Preset, *, step: int) -> Terms:
    """Return the terms for random bars of `(batch, time, voices)` ids, each coded alone, without a z."""
    bars = ids.reshape(-1, preset.model.steps_per_bar, ids.shape[-1])  # (batch * bars, steps, voices)
    generator = generator_of(preset.train.seed, Purpose.BARS, step)
    chosen = generator.choice(len(bars), size=min(BARS_PER_STEP, len(bars)), replace=False)
    bars = bars[torch.from_numpy(chosen).to(ids.device)]
    noise = torch.Generator(ids.device).manual_seed(int(generator.integers(2**62)))
    scored = model.score_bars(bars, generator=noise)
    reconstruction = scored.nats.mean()
    return Terms(reconstruction, reconstruction, None, None, scored.logits, scored.ids)


def _encode(model: SequenceVAE, ids: Tensor, preset: Preset, step: int) -> tuple[Posterior, Tensor]:
    posterior = model.encode(_left_to_hear(ids, preset, step))
    posterior = Posterior(posterior.mu.float(), posterior.log_sigma.float())
    generator = generator_of(preset.train.seed, Purpose.LATENT_NOISE, step)
    noise = torch.from_numpy(generator.standard_normal(posterior.mu.shape, dtype=np.float32))
    z = posterior.sample(noise.to(ids.device))
    generator = generator_of(preset.train.seed, Purpose.LATENTS, step)
    return posterior, drop_latents(z, preset.model.latent_dropout, generator=generator)


def _left_to_hear(ids: Tensor, preset: Preset, step: int) -> Tensor:
    share, absent = preset.train.voice_dropout, preset.model.absent_ids
    generator = generator_of(preset.train.seed, Purpose.VOICES, step)
    return drop_voices(ids, share, absent_ids=absent, generator=generator) if share else ids


def _history(model: SequenceVAE, z: Tensor, ids: Tensor, preset: Preset, step: int) -> Tensor:
    train = preset.train
    inputs = ids
    true_share = true_history_share(step - train.bar_steps, train.sampling_rate)
    if true_share < 1:
        with torch.no_grad():
            logits = model.decode(z, ids)
        generator = generator_of(train.seed, Purpose.SAMPLED_HISTORY, step)
        inputs = mix_history(ids, logits, true_share=true_share, generator=generator)
    generator = generator_of(train.seed, Purpose.TOKEN_DROPOUT, step)
    return hide_tokens(inputs, train.token_dropout, hidden_id=preset.model.vocab_size, generator=generator)
