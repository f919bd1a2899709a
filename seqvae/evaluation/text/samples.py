"""What a model says out of nothing but chance, beside as many held-out sentences."""

from collections.abc import Sequence

import numpy as np

from seqvae.checkpoint import LoadedModel
from seqvae.dataset.shards import WindowSet
from seqvae.errors import TokenError
from seqvae.evaluation.measure import evaluating
from seqvae.evaluation.text.diversity import distinct_share, self_bleu
from seqvae.evaluation.text.judge import judge_texts
from seqvae.evaluation.text.sentences import num_words, sentence_tokenizer, texts_of, words_for_bleu
from seqvae.evaluation.text.writing import BATCH_SIZE
from seqvae.latent.decoding.rules import SAMPLING, Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.fitted import fitted_to
from seqvae.latent.text.codec import write_sentences
from seqvae.latent.text.source import Source, choose_source
from seqvae.tokens.sentences import pad_ids


def sample_source(loaded: LoadedModel, decoding: Decoding = SAMPLING) -> Source:
    """Return where `seqvae sample` draws z unless it is told otherwise."""
    fitted = fitted_to(loaded)
    return choose_source(loaded.model, fitted, decoding=decoding)


def sample_texts(loaded: LoadedModel, num_samples: int, *, decoding: Decoding, seed: int) -> list[str]:
    """Write texts as `seqvae sample` does."""
    lines = range(num_samples)
    with evaluating(loaded.model):
        z = sample_source(loaded, decoding).draw(lines, seed)
        ids = write_sentences(loaded.model, z, decoding, Draws(seed, lines))
    return texts_of(loaded, pad_ids(ids)) if ids else []


def describe_texts(
    loaded: LoadedModel, texts: Sequence[str], train: WindowSet, judge: LoadedModel | None
) -> dict[str, float]:
    """Measure how different texts are, how long, how many are copied, and what a judge says of them."""
    described = {
        "texts": float(len(texts)),
        "distinct_share": distinct_share(texts),
        "self_bleu": self_bleu([words_for_bleu(loaded, text) for text in texts]),
        "mean_words": float(np.mean([num_words(text) - 1 for text in texts])),
        "in_train_share": known_share(loaded, texts, train),
    }
    if judge is None:
        return described
    judgement = judge_texts(judge, texts, batch_size=BATCH_SIZE)
    return described | {
        "forward_perplexity": judgement.perplexity,
        "texts_judged": float(judgement.num_texts),
    }


def known_share(loaded: LoadedModel, texts: Sequence[str], train: WindowSet) -> float:
    """Return how many of the texts stand in the train split, id for id; of paragraphs word for word."""
    if loaded.config.bars > 1:
        paragraphs = {texts_of(loaded, train.window(index)[None])[0] for index in range(len(train))}
        return float(np.mean([text in paragraphs for text in texts]))
    ids = np.asarray(train.ids)
    known = {
        ids[start : start + length].tobytes()
        for start, length in zip(train.starts.tolist(), train.lengths.tolist(), strict=True)
    }
    return float(np.mean([_encoded(loaded, text) in known for text in texts]))


def _encoded(loaded: LoadedModel, text: str) -> bytes:
    try:
        return sentence_tokenizer(loaded).encode(text).tobytes()
    except TokenError:
        return b""
