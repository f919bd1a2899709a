"""The list of files: which corpus each is of."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.corpus import Corpus, Sources


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_places_know_their_corpora_one_by_one_and_together(sizes):
    """An empty corpus has no place."""
    corpora = [Corpus(str(number), Path(), size, {}) for number, size in enumerate(sizes)]
    sources = Sources(corpora, [f"tune{place}" for place in range(sum(sizes))])
    places = np.arange(len(sources), dtype=np.int32)

    assert sources.corpora_of(places).tolist() == [sources.corpus_of(place) for place in places.tolist()]
    assert sources.corpora_of(places).tolist() == np.arange(len(sizes)).repeat(sizes).tolist()
    assert [source.name for source in sources] == [f"tune{place}" for place in range(sum(sizes))]
