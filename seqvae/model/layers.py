"""Small pieces shared by encoders and decoders."""

from math import pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig

# A scale of ids is sung in these periods: octaves and their parts, then ever wider registers.
PERIODS = (3.0, 4.0, 6.0, 12.0, 12.0 / 7.0, 24.0, 48.0, 96.0, 256.0)
ORDERLESS_SHARE = 0.3  # how much of the random initialisation an ordered id keeps beside its waves


class VoiceEmbedding(nn.Module):
    """Embed the ids of each voice; `num_extra` ids beyond the vocabulary are start and hidden."""

    def __init__(self, config: ModelConfig, num_extra: int) -> None:
        super().__init__()
        self.rows = config.vocab_size + num_extra
        weight = torch.empty(config.voices * self.rows, config.embedding_size)
        if not weight.is_meta:  # there drawing numbers, as torch.arange, costs a second of imports
            nn.init.normal_(weight)
        self.table = nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight)
        self.first_set = (config.voices - 1) * self.rows + config.set_ids[0]
        self.members = SetMembers(config.set_ids, config.embedding_size) if config.shared_sets else None
        offsets = [voice * self.rows for voice in range(config.voices)]
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)
        if not weight.is_meta:
            self._begin_with_sets(config)
            self._begin_with_waves(config)

    @torch.no_grad()
    def _begin_with_sets(self, config: ModelConfig) -> None:
        """Let sets of the last voice begin as sums over what they hold."""
        if config.set_ids[0] == config.set_ids[1]:
            return
        rows = self._rows_of(config.voices - 1, config.set_ids)
        rows *= ORDERLESS_SHARE
        if self.members is None:
            holds = holds_of(config.set_ids)
            rows += holds @ torch.randn(holds.shape[1], rows.shape[1])

    @torch.no_grad()
    def _begin_with_waves(self, config: ModelConfig) -> None:
        """Let pitches begin as waves."""
        low, high = config.ordered_ids
        if high == low:
            return
        waves = scale_waves(high - low, config.embedding_size)  # (ids, waves)
        for voice in range(min(config.voices, config.ordered_voices)):
            rows = self._rows_of(voice, config.ordered_ids)
            rows *= ORDERLESS_SHARE
            rows[:, : waves.shape[1]] = waves

    def _rows_of(self, voice: int, ids: tuple[int, int]) -> Tensor:
        """Return the embeddings of a half-open range of ids of a voice, `(ids, embedding)`."""
        return self.table.weight[voice * self.rows + ids[0] : voice * self.rows + ids[1]]

    def forward(self, ids: Tensor) -> Tensor:
        """Look up: `(..., voices)` -> `(..., voices, embedding)`."""
        assert isinstance(self.offsets, Tensor)
        return functional.embedding(ids + self.offsets, self.weight())

    def weight(self) -> Tensor:
        """Return all rows, `(voices * ids, embedding)`."""
        table: Tensor = self.table.weight
        if self.members is None:
            return table
        shared = self.members()
        others = len(table) - self.first_set - len(shared)
        return table + functional.pad(shared.to(table.dtype), (0, 0, self.first_set, others))


class SetMembers(nn.Module):
    """What sets have in common: a vector for each thing that they may hold, added up.

    A set that the data hardly ever have, such as a cymbal with three drums, is known by its parts.
    """

    def __init__(self, set_ids: tuple[int, int], size: int) -> None:
        super().__init__()
        holds = holds_of(set_ids)
        self.register_buffer("holds", holds, persistent=False)
        vectors = torch.empty(holds.shape[1], size)
        if not vectors.is_meta:
            nn.init.normal_(vectors)
        self.vectors = nn.Parameter(vectors)

    def forward(self) -> Tensor:
        """Return the sum of each set, `(sets, size)`."""
        assert isinstance(self.holds, Tensor)
        return self.holds @ self.vectors


def holds_of(set_ids: tuple[int, int]) -> Tensor:
    """Tell what each id of a half-open range of sets holds, `(sets, bits)` of 0 and 1."""
    number = set_ids[1] - set_ids[0]
    places = range((number - 1).bit_length())
    return torch.tensor([[float(held >> place & 1) for place in places] for held in range(number)])


class Lookback(nn.Module):
    """What a step hears of its voice some steps before, as in Waite's Lookback RNN (2016).

    Music repeats itself after a bar, two or four: what is a copy needs no place in z.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.lags = config.lookback
        self.start_id = config.vocab_size + 1
        self.tables = nn.ModuleList(VoiceEmbedding(config, num_extra=2) for _ in self.lags)

    def forward(self, past: Tensor) -> Tensor:
        """Add up what was written at each lag: `(..., voices, lags)` -> `(..., voices, embedding)`."""
        heard = [table(past[..., lag]) for lag, table in enumerate(self.tables)]
        return torch.stack(heard).sum(dim=0)

    def past_of(self, ids: Tensor) -> Tensor:
        """Return for every step the ids of each lag before it: `(batch, time, voices)` and lags behind."""
        return torch.stack([self._delayed(ids, lag) for lag in self.lags], dim=-1)

    def past_at(self, written: list[Tensor], blank: Tensor) -> Tensor:
        """Return the same for the step behind those written, each `(batch, voices)`; `blank` is that wide."""
        start = torch.full_like(blank, self.start_id)
        past = [written[-lag] if lag <= len(written) else start for lag in self.lags]
        return torch.stack(past, dim=-1)

    def _delayed(self, ids: Tensor, lag: int) -> Tensor:
        before = torch.full_like(ids[:, :lag], self.start_id)
        return torch.cat([before, ids[:, :-lag]], dim=1)[:, : ids.shape[1]]


def scale_waves(num_ids: int, most: int) -> Tensor:
    """Return sines and cosines over a scale, `(ids, at most `most`)`: near are neighbours and octaves."""
    places = torch.arange(num_ids, dtype=torch.float32)[:, None]
    angles = 2 * pi * places / torch.tensor(PERIODS)  # (ids, periods)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :most]


class VariableBiLSTM(nn.Module):
    """A BiLSTM over sequences of different lengths, padded behind: no real step hears the padding."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.ahead = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.back = nn.LSTM(input_size, hidden_size, batch_first=True)

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Read `(batch, time, size)`, lengths `(batch,)`; return outputs and last states, 2 * hidden wide."""
        mirror = mirrored_places(lengths, inputs.shape[1])[..., None]  # (batch, time, 1)
        ahead: Tensor = self.ahead(inputs)[0]
        back: Tensor = self.back(inputs.take_along_dim(mirror, dim=1))[0]
        final = ahead.take_along_dim((lengths - 1)[:, None, None], dim=1)[:, 0]  # (batch, hidden)
        final_back = back.take_along_dim((lengths - 1)[:, None, None], dim=1)[:, 0]
        outputs = torch.cat([ahead, back.take_along_dim(mirror, dim=1)], dim=-1)
        return outputs, torch.cat([final, final_back], dim=-1)


def mirrored_places(lengths: Tensor, time: int) -> Tensor:
    """Return for each place its counterpart from the end, `(batch, time)`; padding stays in its place."""
    places = torch.arange(time, device=lengths.device)
    mirrored = lengths[:, None] - 1 - places
    return torch.where(mirrored >= 0, mirrored, places)


def mix_bars(codes: Tensor) -> Tensor:
    """Turn codes of bars, `(batch, bars, size)`, into waves over them, or back: Walsh-Hadamard transform.

    It is orthonormal and its own inverse. Where bars repeat with a period of 1, 2, 4 or 8 bars, all that they
    have in common stands in as many waves, and the others are free to say nothing.
    """
    bars = codes.shape[1]
    span = 1
    while span < bars:
        pairs = codes.view(len(codes), bars // (2 * span), 2, span, -1)
        ahead, behind = pairs.unbind(dim=2)
        codes = torch.stack([ahead + behind, ahead - behind], dim=2).view(len(codes), bars, -1)
        span *= 2
    scaled: Tensor = codes / bars**0.5
    return scaled


class InitialState(nn.Module):
    """Start an LSTM from a vector: (h0, c0) = tanh(W x + b)."""

    def __init__(self, size: int, hidden_size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, 2 * hidden_size)

    def forward(self, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return h0 and c0: `(batch, size)` -> twice `(batch, hidden)`."""
        h, c = torch.tanh(self.project(vector)).chunk(2, dim=-1)
        return h.contiguous(), c.contiguous()


def run_lstm(lstm: nn.LSTM, inputs: Tensor, state: tuple[Tensor, Tensor]) -> Tensor:
    """Run one LSTM layer from (h0, c0): `(batch, time, size)` -> `(batch, time, hidden)`."""
    h, c = state
    outputs: Tensor = lstm(inputs, (h[None], c[None]))[0]
    return outputs
