"""The list of files: names in little room, and which corpus each is of."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.corpus import Corpus, Names, Sources


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.just("caf\udce9.mid")))
def test_names_end_to_end_are_the_names(names):
    """Also where they are no text to the system, from either end, and in slices."""
    kept = Names(names)

    assert list(kept) == names
    assert [kept[place - len(names)] for place in range(len(names))] == names
    assert kept[1:-1:2] == names[1:-1:2]
    with pytest.raises(IndexError):
        kept[len(names)]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_places_know_their_corpora_one_by_one_and_together(sizes):
    """An empty corpus has no place."""
    corpora = [Corpus(str(number), Path(), ["tune"] * size, {}) for number, size in enumerate(sizes)]
    sources = Sources(corpora)
    places = np.arange(len(sources), dtype=np.int32)

    assert sources.corpora_of(places).tolist() == [sources.corpus_of(place) for place in places.tolist()]
    assert sources.corpora_of(places).tolist() == np.arange(len(sizes)).repeat(sizes).tolist()
