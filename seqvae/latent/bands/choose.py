"""The band of each tokenizer."""

from collections.abc import Callable, Mapping
from typing import Any

from seqvae.errors import CheckpointError
from seqvae.latent.bands.base import Band
from seqvae.latent.bands.drums import DrumBand
from seqvae.latent.bands.melody import MelodyBand
from seqvae.latent.bands.trio import TrioBand
from seqvae.tokens.base import Tokenizer

BANDS: Mapping[str, Callable[[Any], Band[Any]]] = {"melody": MelodyBand, "drums": DrumBand, "trio": TrioBand}


def band_of(tokenizer: Tokenizer) -> Band[Any]:
    """Return the band that plays what a tokenizer writes; CheckpointError where there is none."""
    if tokenizer.name not in BANDS:
        raise CheckpointError(f"{tokenizer.name} is no music that can be played; choose another model")
    return BANDS[tokenizer.name](tokenizer)
