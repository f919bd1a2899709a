"""What an independent language model thinks of sentences: the perplexity of each word under it."""

from collections.abc import Sequence
from math import exp, inf
from typing import NamedTuple

import numpy as np
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.errors import ConfigError, TokenError
from seqvae.evaluation.measure import evaluating
from seqvae.evaluation.text.sentences import num_words, sentence_tokenizer
from seqvae.tokens.sentences import Ids, pad_ids

MOST_NATS = 700.0  # per word; beyond, the perplexity is no float


class Judgement(NamedTuple):
    """The perplexity of some texts, and how many of them the judge could read."""

    perplexity: float
    num_texts: int


def check_judge(judge: LoadedModel) -> None:
    """Raise ConfigError for what is no language model of sentences."""
    if judge.config.encoder != "none" or not judge.model.is_variable:
        raise ConfigError(
            f"{judge.folder}: no language model; train one with seqvae train SHARDS --preset language-model"
        )


def judge_texts(judge: LoadedModel, texts: Sequence[str], *, batch_size: int) -> Judgement:
    """Return exp(-sum of log p / sum of words), each text closed by an end that counts as a word.

    The judge cuts texts into its own pieces; those it has no room or no words for are left out.
    """
    readable = [(text, ids) for text in texts if (ids := _encode(judge, text)) is not None]
    readable.sort(key=lambda pair: len(pair[1]))
    nats = 0.0
    with evaluating(judge.model):
        device = next(judge.model.parameters()).device
        for start in range(0, len(readable), batch_size):
            padded = pad_ids([ids for _, ids in readable[start : start + batch_size]])
            z = torch.zeros(len(padded), judge.config.latent_size, device=device)
            targets = torch.from_numpy(padded.astype(np.int64)).to(device)
            nats += float(judge.model.score(z, targets).nats.double().sum())
    words = sum(num_words(text) for text, _ in readable)
    mean = nats / words if words else float("nan")
    return Judgement(exp(mean) if not mean > MOST_NATS else inf, len(readable))


def _encode(judge: LoadedModel, text: str) -> Ids | None:
    try:
        return sentence_tokenizer(judge).encode(text, max_length=judge.config.time)
    except TokenError:
        return None
