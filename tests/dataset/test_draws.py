from itertools import product

import numpy as np

from seqvae.dataset.draws import Purpose, generator_of


def test_streams_are_known_by_seed_purpose_and_count():
    """The same three give the same numbers; any other three give others."""
    keys = list(product((0, 1), Purpose, (0, 1, 2)))
    draws = {key: generator_of(*key).random(4).tobytes() for key in keys}

    assert len(set(draws.values())) == len(keys)
    assert all(generator_of(*key).random(4).tobytes() == draw for key, draw in draws.items())


def test_large_seeds_and_counts_are_taken():
    """A seed of 64 bits and a step of a very long run have streams of their own."""
    assert not np.array_equal(
        generator_of(2**63, Purpose.ORDER, 10**12).random(4),
        generator_of(2**63, Purpose.ORDER, 10**12 + 1).random(4),
    )
