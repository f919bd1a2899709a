"""Random numbers that depend on a seed, a purpose and a count alone, never on what was drawn before."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a draw is for; each has a stream of its own."""

    ORDER = 0
    SHIFT = 1
    LATENT_NOISE = 2
    TOKEN_DROPOUT = 3
    SAMPLED_HISTORY = 4
    BARS = 5
    VALIDATION = 6
    DROPOUT = 7
    RESET = 8
    VOICES = 9
    LATENTS = 10
    SETS = 11
    MIXED_VOICES = 12
    OWN_PAST = 13
    SHUFFLED_SETS = 14
    MIXED_BEATS = 15
    SHUFFLED_PITCHES = 16
    SHUFFLED_BEATS = 17
    SWAPPED_VOICES = 18


def generator_of(seed: int, purpose: Purpose, count: int = 0) -> np.random.Generator:
    """Return the generator of one epoch or step: Philox with seed and purpose as key, count as counter."""
    key = np.array([seed, purpose], dtype=np.uint64)
    counter = np.array([0, 0, 0, count], dtype=np.uint64)  # the last word: 2 ** 192 numbers for each count
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def seed_of(seed: int, purpose: Purpose, count: int = 0) -> int:
    """Return a seed for a generator that is not ours, as torch's."""
    return int(generator_of(seed, purpose, count).integers(2**62))
