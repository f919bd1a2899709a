"""Heads of several voices: each scores its own ids, apart or hearing those before it at the same step."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqvae.config import ModelConfig
from seqvae.model.layers import holds_of

HEARD_SCALE = 0.3  # of the first weights of what is heard: the features have the first word


class VoiceHeads(nn.Module):
    """A hidden layer and scores for each voice, over as many ids as it has.

    "in turn" adds to the hidden layer of a voice an embedding of each id that the voices before it have at
    this very step: the bass hears the melody's note, the drums hear both.
    """

    def __init__(self, config: ModelConfig, feature_size: int) -> None:
        super().__init__()
        self.config = config
        self.hidden = nn.ModuleList(nn.Linear(feature_size, config.head_size) for _ in range(config.voices))
        self.scores = nn.ModuleList(nn.Linear(config.head_size, size) for size in config.voice_sizes)
        self.members = SetScores(config) if config.shared_sets else None
        self.rows = config.vocab_size + 2  # start and hidden too, as in a history
        listeners = range(1, config.voices) if config.voice_coupling == "in turn" else ()
        self.heard = nn.ModuleList(self._embedding(before) for before in listeners)
        offsets = [voice * self.rows for voice in range(config.voices)]
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)

    def forward(self, features: Tensor, ids: Tensor | None) -> Tensor:
        """Score a step: features `(..., voices, size)`, ids `(..., voices)` -> `(..., voices, vocab)`.

        Scores of ids that a voice does not have are -inf. Ids are heard "in turn" alone.
        """
        scores = [self._score(voice, features[..., voice, :], ids) for voice in range(self.config.voices)]
        return torch.stack(scores, dim=-2)

    def write(self, features: Tensor, choose: Callable[[Tensor], Tensor]) -> Tensor:
        """Choose the ids of one step, voice after voice: `(batch, voices, size)` -> `(batch, voices)`."""
        size = (len(features), self.config.voices, self.config.vocab_size)
        logits = features.new_full(size, -torch.inf)
        ids = torch.zeros(size[:2], dtype=torch.long, device=features.device)
        for voice in range(self.config.voices):
            logits[:, voice] = self._score(voice, features[:, voice], ids)
            ids[:, voice] = choose(logits)[:, voice]
        return ids

    def _embedding(self, num_voices: int) -> nn.Embedding:
        weight = torch.empty(num_voices * self.rows, self.config.head_size)
        if not weight.is_meta:
            nn.init.normal_(weight, std=HEARD_SCALE)
        return nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight)

    def _score(self, voice: int, features: Tensor, ids: Tensor | None) -> Tensor:
        """Score the ids of one voice, `(..., size)` -> `(..., vocab)`."""
        hidden: Tensor = self.hidden[voice](features)
        if voice and len(self.heard):
            assert ids is not None
            assert isinstance(self.offsets, Tensor)
            before = ids[..., :voice] + self.offsets[:voice]
            hidden = hidden + self.heard[voice - 1](before).sum(dim=-2)
        hidden = functional.gelu(hidden)
        scores = self.scores[voice](hidden)
        if self.members is not None and voice == self.config.voices - 1:
            scores = scores + self.members(hidden)
        return functional.pad(scores, (0, self.config.vocab_size - scores.shape[-1]), value=-torch.inf)


class SetScores(nn.Module):
    """Score sets by what they hold: each thing has a score, and those of a set are added up."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        low, high = config.set_ids
        holds = holds_of(config.set_ids)
        self.things = nn.Linear(config.head_size, holds.shape[1])
        self.around = (low, config.voice_sizes[-1] - high)
        self.register_buffer("holds", holds, persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the sums: `(..., head)` -> `(..., ids of the last voice)`, 0 for ids that are no sets."""
        assert isinstance(self.holds, Tensor)
        return functional.pad(functional.linear(self.things(hidden), self.holds), self.around)
