"""The step decoder: an LSTM that writes one segment (a bar or the whole sequence) from a context vector."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig
from seqvae.model.layers import InitialState, Lookback, VoiceEmbedding, run_lstm
from seqvae.model.voices import VoiceHeads

Choice = Callable[[Tensor, int], Tensor]  # logits (batch, voices, vocab) and step -> ids (batch, voices)
State = tuple[Tensor, Tensor]  # h and c, each (batch, hidden)

PAD_ID = 0  # of sequences that may end early
MANY_ROWS = 128  # from here on a call of nn.LSTM for one step costs less than a cell by hand


class StepDecoder(nn.Module):
    """Write `length` steps from a context, which is z for a flat decoder and a bar's plan for a conductor.

    Each step hears the id before it and its own view of the context: a linear map for every position, so
    that no information has to survive the recurrence ("constant": the same view at every step, as in
    Roberts et al. 2018). Each voice has its own LSTM, which hears its own past alone ("apart", as there) or
    the past of all ("in turn"). With `lookback` it hears its own ids of some steps before too, as part of
    what it sees at a step.
    """

    def __init__(
        self, config: ModelConfig, *, context_size: int, length: int, shortcut_size: int = 0
    ) -> None:
        super().__init__()
        self.config = config
        self.length = length
        lookback_size = config.embedding_size if config.lookback else 0
        condition_size = config.condition_size + shortcut_size + lookback_size
        heard_voices = config.voices if config.voice_coupling == "in turn" else 1
        input_size = heard_voices * config.embedding_size + condition_size
        self.embedding = VoiceEmbedding(config, num_extra=2)
        self.lookback = Lookback(config) if config.lookback else None
        self.initial = InitialState(context_size, config.voices * config.decoder_size)
        views = length if config.conditioning == "positions" else 1
        self.condition = nn.Linear(context_size, views * config.voices * config.condition_size)
        self.lstm = nn.LSTM(input_size, config.decoder_size, batch_first=True)  # of the first voice
        self.other_lstms = nn.ModuleList(
            nn.LSTM(input_size, config.decoder_size, batch_first=True) for _ in range(1, config.voices)
        )
        self.head = _build_head(config, condition_size)
        if config.tied_head:
            self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(
        self,
        context: Tensor,
        history: Tensor,
        shortcut: Tensor | None = None,
        real: Tensor | None = None,
        *,
        heard: Tensor | None = None,
        past: Tensor | None = None,
    ) -> Tensor:
        """Score the next ids: `(batch, context)` -> `(batch, time, voices, vocab)`.

        `history` `(batch, time, voices)` holds for every step the ids of the step before it; `shortcut`
        `(batch, time, voices * shortcut)` is further condition. With `real` `(batch, time)` only the steps
        where it is true are scored: `(real steps, voices, vocab)`. `heard` `(batch, time, voices)` are the
        ids of the steps themselves, of which a voice hears those of the voices before it where these go in
        turn. `past` `(batch, time, voices, lags)` is what a lookback hears.
        """
        condition = self._condition(context, shortcut, history.shape[1])  # (batch, time, voices, condition)
        if past is not None:
            condition = _join(condition, self._drop(self.lookback_of(past)))
        inputs = self.inputs(self._drop(self.embedding(history)), condition).unbind(dim=-2)
        starts = self.states_of_voices(self.initial(context))
        outputs = [run_lstm(*one) for one in zip(self.lstms, inputs, starts, strict=True)]
        features = torch.cat([self._drop(torch.stack(outputs, dim=-2)), condition], dim=-1)
        if real is not None:
            features = features[real]  # (real steps, voices, hidden + condition)
            heard = None if heard is None else heard[real]
        return self.logits(features, heard)

    @torch.no_grad()
    def generate(
        self,
        context: Tensor,
        first: Tensor,
        shortcut: Tensor | None = None,
        *,
        choose: Choice,
        before: Sequence[Tensor] = (),
        past: Tensor | None = None,
    ) -> Tensor:
        """Write ids: `(batch, context)`, `(batch, voices)` -> `(batch, time, voices)`.

        `before` are the ids of earlier steps, each `(batch, voices)`, as far as a lookback hears them; with
        `past` `(batch, time, voices, lags)` it hears that instead of what is written.
        Sequences that may end early are padded behind their end, and the last one's end is that of all.
        """
        stepper = self.stepper(context, shortcut, past)
        state, ids, written = stepper.start(), first, list(before)
        ended = torch.zeros(len(first), dtype=torch.bool, device=first.device)
        for step in range(self.length):
            own = self.lookback.past_at(written, first) if self.lookback and past is None else None
            ids, state = stepper.write(ids, state, step, choose, own)
            if self.config.end_id >= 0:
                ids = ids.masked_fill(ended[:, None], PAD_ID)
                ended = ended | (ids[:, 0] == self.config.end_id)
            written.append(ids)
            if ended.all():
                break
        return torch.stack(written[len(before) :], dim=1)

    def stepper(
        self, context: Tensor, shortcut: Tensor | None = None, past: Tensor | None = None
    ) -> "Stepper":
        """Return what goes on step by step from `(batch, context)`; `past` is as in `generate`."""
        condition = self._condition(context, shortcut, self.length)
        condition = condition if past is None else _join(condition, self.lookback_of(past))
        return Stepper(self, self.initial(context), condition)

    @property
    def lstms(self) -> list[nn.LSTM]:
        """Return the LSTM of each voice."""
        return [self.lstm, *(lstm for lstm in self.other_lstms if isinstance(lstm, nn.LSTM))]

    def inputs(self, embedded: Tensor, condition: Tensor) -> Tensor:
        """Join what each LSTM hears: two of `(..., voices, size)` -> `(..., voices, input)`."""
        if self.config.voice_coupling == "in turn":
            all_voices = embedded.flatten(-2)[..., None, :]  # (..., 1, voices * embedding)
            embedded = all_voices.expand(*embedded.shape[:-1], -1)
        return torch.cat([embedded, condition], dim=-1)

    def states_of_voices(self, state: State) -> list[State]:
        """Split h and c, each `(batch, voices * hidden)`, into those of each voice."""
        parts = (half.chunk(self.config.voices, dim=-1) for half in state)
        return [(h.contiguous(), c.contiguous()) for h, c in zip(*parts, strict=True)]

    def logits(self, features: Tensor, heard: Tensor | None = None) -> Tensor:
        """Score: `(..., voices, hidden + condition)` -> `(..., voices, vocab)`."""
        if isinstance(self.head, VoiceHeads):
            scores: Tensor = self.head(features, heard)
            return scores
        if not (self.config.head_size or self.config.tied_head):
            features = features[..., : self.config.decoder_size]
        logits: Tensor = self.head(features)
        if self.config.tied_head:
            table = self.embedding.weight()[: self.config.vocab_size]
            logits = functional.linear(logits * table.shape[1] ** -0.5, table, self.bias)
        if self.config.end_id >= 0:
            logits[..., PAD_ID] = -torch.inf  # padding is never an answer
        return logits

    def _condition(self, context: Tensor, shortcut: Tensor | None, time: int) -> Tensor:
        """Return what each step of each voice sees, `(batch, time, voices, condition)`."""
        size = self.config.voices, self.config.condition_size
        views: Tensor = self.condition(context).view(len(context), -1, *size)
        views = views[:, :time].expand(-1, time, -1, -1)
        if shortcut is None:
            return views
        direct = shortcut.view(*shortcut.shape[:2], self.config.voices, -1)
        return torch.cat([views, direct], dim=-1)

    def lookback_of(self, past: Tensor) -> Tensor:
        """Return what a lookback hears of ids `(..., voices, lags)`: `(..., voices, embedding)`."""
        assert self.lookback is not None
        heard: Tensor = self.lookback(past)
        return heard

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self.config.dropout, self.training)


class Stepper:
    """A step decoder between two steps; the state is the caller's, so that beams may fork.

    Few rows go through LSTM cells by hand on the weights of nn.LSTM, of which a call costs more than they
    do; many go through nn.LSTM, whose fused cell writes less to memory.
    """

    def __init__(self, decoder: StepDecoder, initial: State, condition: Tensor) -> None:
        self._decoder = decoder
        self._initial = initial
        self._condition = condition  # (batch, length, voices, condition)

    @property
    def length(self) -> int:
        """Return the largest number of steps."""
        return self._decoder.length

    def start(self) -> State:
        """Return the state before the first step."""
        return self._initial

    def select(self, rows: Tensor) -> "Stepper":
        """Return a stepper for some of the rows, in any order, repeats allowed."""
        h, c = self._initial
        return Stepper(self._decoder, (h[rows], c[rows]), self._condition[rows])

    @torch.no_grad()
    def step(self, ids: Tensor, state: State, step: int) -> tuple[Tensor, State]:
        """Hear `(batch, voices)` and score what comes: `(batch, voices, vocab)`, and the state after it.

        Voices that go in turn cannot be scored before the first of them is written: see `write`.
        """
        features, state = self._advance(ids, state, step)
        return self._decoder.logits(features), state

    @torch.no_grad()
    def write(
        self, ids: Tensor, state: State, step: int, choose: Choice, past: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Hear `(batch, voices)` and choose what comes: `(batch, voices)`, and the state after it.

        `past` `(batch, voices, lags)` is what a lookback hears.
        """
        features, state = self._advance(ids, state, step, past)
        heads = self._decoder.head
        if isinstance(heads, VoiceHeads):
            return heads.write(features, lambda logits: choose(logits, step)), state
        return choose(self._decoder.logits(features), step), state

    def _advance(
        self, ids: Tensor, state: State, step: int, past: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Hear ids; return features to score by, `(batch, voices, hidden + condition)`, and the state."""
        decoder, condition = self._decoder, self._condition[:, step]
        if past is not None:
            condition = _join(condition, decoder.lookback_of(past))
        inputs = decoder.inputs(decoder.embedding(ids), condition).unbind(dim=-2)
        advance = _advance_lstm if len(ids) >= MANY_ROWS else _advance_cell
        before = decoder.states_of_voices(state)
        states = [advance(*one) for one in zip(decoder.lstms, inputs, before, strict=True)]
        h, c = (torch.stack(half, dim=1) for half in zip(*states, strict=True))  # (batch, voices, hidden)
        return torch.cat([h, condition], dim=-1), (h.flatten(1), c.flatten(1))


def _join(condition: Tensor, heard: Tensor) -> Tensor:
    """Let what a lookback hears be part of what a step sees, `(..., voices, size)` both."""
    return torch.cat([condition, heard], dim=-1)


def _advance_cell(lstm: nn.LSTM, inputs: Tensor, state: State) -> State:
    h, c = state
    weight, recurrent, bias, recurrent_bias = lstm.all_weights[0]
    gates = inputs @ weight.T + h @ recurrent.T + (bias + recurrent_bias)
    i, f, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _advance_lstm(lstm: nn.LSTM, inputs: Tensor, state: State) -> State:
    h, c = state
    _, (h, c) = lstm(inputs[:, None], (h[None], c[None]))
    return h[0], c[0]


def _build_head(config: ModelConfig, condition_size: int) -> nn.Module:
    if config.voice_sizes:
        return VoiceHeads(config, config.decoder_size + condition_size)
    if config.tied_head:
        return nn.Linear(config.decoder_size + condition_size, config.embedding_size)
    if not config.head_size:
        return nn.Linear(config.decoder_size, config.vocab_size)
    return nn.Sequential(
        nn.Linear(config.decoder_size + condition_size, config.head_size),
        nn.GELU(),
        nn.Linear(config.head_size, config.vocab_size),
    )
