"""Small models of expression and drums for them."""

from pathlib import Path

import torch

from seqvae.expression.model import ExpressionModel, Played
from seqvae.expression.settings import ExpressionConfig
from seqvae.expression.storage import save_expression

SMALL = ExpressionConfig(
    feel_size=3, encoder_size=4, context_size=5, decoder_size=6, num_logistics=2, dropout=0.0
)


def small_model(seed: int = 0) -> ExpressionModel:
    """Build a model with random weights, its chain among them."""
    torch.manual_seed(seed)
    model = ExpressionModel(SMALL).eval()
    with torch.no_grad():
        model.chain.normal_(std=0.3)
    return model


def save_small_model(folder: Path) -> Path:
    """Save such a model."""
    save_expression(folder, small_model())
    return folder


def some_drums(batch: int = 3, steps: int = 32, seed: int = 0) -> Played:
    """Draw hits in a fifth of the cells, with any velocity and offset."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, steps, 9)
    hits = torch.rand(shape, generator=generator) < 0.2
    velocities = torch.randint(1, 128, shape, generator=generator) * hits
    offsets = torch.randint(-60, 60, shape, generator=generator) * hits
    return Played(hits, velocities, offsets)
