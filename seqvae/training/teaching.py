"""Language models that learn from a handful of texts, to be asked what they then know of others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from seqvae.checkpoint import LoadedModel
from seqvae.config import Preset
from seqvae.dataset.batches import Batches
from seqvae.dataset.shards import WindowSet
from seqvae.errors import DataError
from seqvae.evaluation.text.sentences import sentence_tokenizer
from seqvae.model.vae import SequenceVAE
from seqvae.training.trainer import Trainer


@dataclass(frozen=True)
class Teacher:
    """Trains a language model on any texts, always by the same recipe, seed and number of steps."""

    loaded: LoadedModel  # whose pieces are read
    recipe: Preset
    device: torch.device | str = "cpu"

    @property
    def num_steps(self) -> int:
        """Return how long each is trained."""
        return self.recipe.train.num_steps

    def __call__(self, texts: Sequence[str]) -> LoadedModel:
        """Return a language model that has learned from these texts alone; DataError where none fits."""
        config = replace(
            self.recipe.model,
            vocab_size=self.loaded.config.vocab_size,
            steps_per_bar=self.loaded.config.time,
            encoder="none",
        )
        recipe = replace(self.recipe, model=config)
        windows = window_set(self.loaded, texts)
        batches = Batches(windows, size=min(recipe.train.batch_size, len(windows)), seed=recipe.train.seed)
        torch.manual_seed(recipe.train.seed)
        model = SequenceVAE(config)
        trainer = Trainer(model, recipe, batches, device=torch.device(self.device))
        for _ in range(self.num_steps):
            trainer.advance()
        with torch.no_grad(), trainer.averaged_weights():
            averaged = SequenceVAE(config).to(self.device)
            averaged.load_state_dict(model.state_dict())
        return replace(self.loaded, model=averaged.eval())


def window_set(loaded: LoadedModel, texts: Sequence[str]) -> WindowSet:
    """Lay the ids of texts one after another, those that are longer than the model reads left out."""
    encoded = [sentence_tokenizer(loaded).encode(text) for text in texts]
    kept = [ids for ids in encoded if len(ids) <= loaded.config.time]
    if not kept:
        raise DataError(f"none of {len(texts)} texts fits into {loaded.config.time} pieces; take more texts")
    lengths = np.array([len(ids) for ids in kept], dtype=np.int32)
    zeros = np.zeros(len(kept), dtype=np.int32)
    return WindowSet(
        ids=np.concatenate(kept),
        starts=np.cumsum([0, *lengths[:-1]], dtype=np.int64),
        lengths=lengths,
        pieces=np.arange(len(kept), dtype=np.int32),
        ranges=np.zeros((len(kept), 2), dtype=np.uint8),
        length=loaded.config.time,
        corpora=("texts",),
        corpus_indices=zeros,
    )
