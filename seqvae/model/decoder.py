"""The step decoder: an LSTM that writes one segment (a bar or the whole sequence) from a context vector."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqvae.config import ModelConfig
from seqvae.model.layers import InitialState, VoiceEmbedding, run_lstm

Choice = Callable[[Tensor, int], Tensor]  # logits (batch, voices, vocab) and step -> ids (batch, voices)


class StepDecoder(nn.Module):
    """Write `length` steps from a context, which is z for a flat decoder and a bar's plan for a conductor.

    Each step hears the id before it and its own view of the context: a linear map for every position, so
    that no information has to survive the recurrence ("constant": the same view at every step, as in
    Roberts et al. 2018).
    """

    def __init__(
        self, config: ModelConfig, *, context_size: int, length: int, shortcut_size: int = 0
    ) -> None:
        super().__init__()
        self.config = config
        self.length = length
        condition_size = config.condition_size + shortcut_size
        self.embedding = VoiceEmbedding(config, num_extra=2)
        self.initial = InitialState(context_size, config.decoder_size)
        views = length if config.conditioning == "positions" else 1
        self.condition = nn.Linear(context_size, views * config.condition_size)
        self.lstm = nn.LSTM(config.embedding_size + condition_size, config.decoder_size, batch_first=True)
        self.head = _build_head(config, condition_size)

    def forward(self, context: Tensor, history: Tensor, shortcut: Tensor | None = None) -> Tensor:
        """Score the next ids: `(batch, context)` -> `(batch, length, voices, vocab)`.

        `history` `(batch, length, voices)` holds for every step the ids of the step before it; `shortcut`
        `(batch, length, shortcut)` is further condition.
        """
        condition = self._condition(context, shortcut)
        inputs = torch.cat([self.embedding(history), condition], dim=-1)
        outputs = run_lstm(self.lstm, inputs, self.initial(context))
        return self._logits(outputs, condition)

    @torch.no_grad()
    def generate(
        self, context: Tensor, first: Tensor, shortcut: Tensor | None = None, *, choose: Choice
    ) -> Tensor:
        """Write ids: `(batch, context)`, `(batch, voices)` -> `(batch, length, voices)`.

        LSTM cells by hand on the weights of nn.LSTM: all that does not depend on the ids before is computed
        once, and nn.LSTM called for single steps costs several times as much.
        """
        condition = self._condition(context, shortcut)
        width = self.config.embedding_size
        weight, recurrent, *biases = self.lstm.all_weights[0]
        static = condition @ weight[:, width:].T + sum(biases)  # (batch, length, 4 * hidden)
        h, c = self.initial(context)
        ids, written = first, []
        for step in range(self.length):
            gates = static[:, step] + self.embedding(ids) @ weight[:, :width].T + h @ recurrent.T
            i, f, g, o = gates.chunk(4, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            logits = self._logits(h[:, None], condition[:, step : step + 1])[:, 0]  # (batch, voices, vocab)
            ids = choose(logits, step)
            written.append(ids)
        return torch.stack(written, dim=1)

    def _condition(self, context: Tensor, shortcut: Tensor | None) -> Tensor:
        views: Tensor = self.condition(context).view(len(context), -1, self.config.condition_size)
        views = views.expand(-1, self.length, -1)  # (batch, length, condition)
        return views if shortcut is None else torch.cat([views, shortcut], dim=-1)

    def _logits(self, outputs: Tensor, condition: Tensor) -> Tensor:
        if self.config.head_size:
            outputs = torch.cat([outputs, condition], dim=-1)
        logits: Tensor = self.head(outputs)
        return logits.view(*logits.shape[:-1], self.config.voices, self.config.vocab_size)


def _build_head(config: ModelConfig, condition_size: int) -> nn.Module:
    num_logits = config.voices * config.vocab_size
    if not config.head_size:
        return nn.Linear(config.decoder_size, num_logits)
    return nn.Sequential(
        nn.Linear(config.decoder_size + condition_size, config.head_size),
        nn.GELU(),
        nn.Linear(config.head_size, num_logits),
    )
