"""The conductor: an LSTM that turns z into one plan per bar; bars are then written in parallel."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig
from seqvae.model.decoder import PAD_ID, Choice, StepDecoder
from seqvae.model.layers import InitialState, mix_bars, run_lstm


class HierarchicalDecoder(nn.Module):
    """A conductor over bars above a step decoder.

    Given its plan a bar is independent of the others, so 16 bars of 16 steps take 16 + 16 sequential steps.
    With `carry_token` a bar begins with the last ids of the bar before it (Roberts et al. 2018), and with
    `lookback` it hears bars before it: both take 16 + 16 * 16. The plan is the conductor's output beside the
    view of z that it was given for that bar; the shortcut shows each step some features of z past the
    conductor.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        views = config.bars if config.conditioning == "positions" else 1
        self.plan = nn.Linear(config.latent_size, views * config.plan_size)
        self.code_plan = (
            nn.Linear(config.code_size, config.plan_size) if config.latent_layout == "bars" else None
        )
        if self.code_plan is not None and not self.plan.weight.is_meta:
            nn.init.zeros_(self.plan.bias)
            nn.init.zeros_(self.plan.weight)  # at first a bar's plan is its code
        self.initial = InitialState(config.latent_size, config.conductor_size)
        self.conductor = nn.LSTM(config.plan_size, config.conductor_size, batch_first=True)
        self.context_size = config.conductor_size + config.plan_size
        self.shortcut = (
            nn.Linear(config.latent_size, config.time * config.voices * config.decoder_shortcut_size)
            if config.decoder_shortcut_size
            else None
        )
        self.steps = StepDecoder(
            config,
            context_size=self.context_size,
            length=config.steps_per_bar,
            shortcut_size=config.decoder_shortcut_size,
        )

    def forward(
        self,
        z: Tensor,
        history: Tensor,
        real: Tensor | None = None,
        *,
        heard: Tensor | None = None,
        past: Tensor | None = None,
    ) -> Tensor:
        """Score each id: `(batch, latent)`, `(batch, time, voices)` -> `(batch, time, voices, vocab)`.

        With `real` `(batch, time)` only the steps where it is true: `(real steps, voices, vocab)`. `heard`
        `(batch, time, voices)` and `past` `(batch, time, voices, lags)` as in `StepDecoder`.
        """
        contexts = self.contexts(z).flatten(0, 1)  # (batch * bars, context)
        bars = history.reshape(-1, self.config.steps_per_bar, self.config.voices)
        heard = None if heard is None else heard.reshape(bars.shape)
        past = None if past is None else past.reshape(*bars.shape, -1)
        if real is not None:
            real = real.reshape(bars.shape[:2])
            scored: Tensor = self.steps(contexts, bars, self._shortcuts(z), real, heard=heard, past=past)
            return scored
        logits: Tensor = self.steps(contexts, bars, self._shortcuts(z), heard=heard, past=past)
        return logits.reshape(len(z), self.config.time, self.config.voices, self.config.vocab_size)

    @torch.no_grad()
    def generate(self, z: Tensor, first: Tensor, *, choose: Choice, past: Tensor | None = None) -> Tensor:
        """Write all bars at once: `(batch, latent)`, `(batch, voices)` -> `(batch, time, voices)`.

        `past` `(batch, time, voices, lags)` is what a lookback hears, which cannot be what is written.
        `choose` sees the bars of a sequence one after another along its batch axis. ValueError without a
        past where there is a lookback.
        """
        if past is None and self.config.lookback:
            raise ValueError("bars that look back on one another are not written at once; they go in turn")
        contexts, shortcuts = self.contexts(z).flatten(0, 1), self._shortcuts(z)
        firsts = first.repeat_interleave(self.config.bars, dim=0)  # (batch * bars, voices)
        past = None if past is None else past.reshape(len(firsts), -1, *past.shape[2:])
        ids = self.steps.generate(contexts, firsts, shortcuts, choose=choose, past=past)
        missing = self.config.steps_per_bar - ids.shape[1]  # of bars that all ended early
        ids = functional.pad(ids, (0, 0, 0, missing), value=PAD_ID)
        return ids.reshape(len(z), self.config.time, self.config.voices)

    @torch.no_grad()
    def generate_in_turn(self, z: Tensor, first: Tensor, *, choose_in_bar: list[Choice]) -> Tensor:
        """Write bar after bar, each hearing those before it (`carry_token`, `lookback`)."""
        contexts, shortcuts = self.contexts(z), self._shortcuts(z)
        if shortcuts is not None:
            shortcuts = shortcuts.view(len(z), self.config.bars, *shortcuts.shape[1:])
        written: list[Tensor] = []
        for bar, choose in enumerate(choose_in_bar):
            shortcut = None if shortcuts is None else shortcuts[:, bar]
            begin = written[-1] if written and self.config.carry_token else first
            ids = self.steps.generate(contexts[:, bar], begin, shortcut, choose=choose, before=written)
            written.extend(ids.unbind(dim=1))
        return torch.stack(written, dim=1)

    def contexts(self, z: Tensor) -> Tensor:
        """Conduct: `(batch, latent)` -> `(batch, bars, context)`."""
        views = self.plan(z).view(len(z), -1, self.config.plan_size)
        views = views.expand(-1, self.config.bars, -1)  # (batch, bars, plan)
        if self.code_plan is not None:
            views = views + self.code_plan(mix_bars(z.view(len(z), self.config.bars, -1)))
        conducted = run_lstm(self.conductor, views, self.initial(z))
        return torch.cat([conducted, views], dim=-1)

    def context_of_code(self, codes: Tensor) -> Tensor:
        """Return what single bars hear without a conductor: `(bars, code)` -> `(bars, context)`."""
        assert self.code_plan is not None
        silence = codes.new_zeros(len(codes), self.config.conductor_size)
        return torch.cat([silence, self.code_plan(codes)], dim=-1)

    def _shortcuts(self, z: Tensor) -> Tensor | None:
        if self.shortcut is None:
            return None
        direct: Tensor = self.shortcut(z)
        size = self.config.voices * self.config.decoder_shortcut_size
        return direct.view(-1, self.config.steps_per_bar, size)
