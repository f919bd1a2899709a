from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seqvae.dataset.grouping import COMMON_GRAM, SPLITS, group_pieces
from seqvae.dataset.settings import PrepareSettings
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import arranged, melody_ids, piece_of

TOKENIZER = MelodyTokenizer()
HALVES = PrepareSettings(valid_share=0.25, test_share=0.25)
gram_sets = st.lists(st.sets(st.integers(0, 30), max_size=8), max_size=12)


def groups_of(identities, sets, min_share):
    """Group pieces by sets of grams, whose postings come in two parts."""
    grams = [np.array(sorted(grams), dtype=np.uint64) for grams in sets]
    postings = [(gram, piece) for piece, grams in enumerate(sets) for gram in grams]
    parts = [np.array([row for row in postings if row[0] % 2 == part], np.uint64) for part in (0, 1)]
    owners = np.stack([np.array(identities, np.uint64), np.arange(len(sets), dtype=np.uint64)], axis=1)
    return group_pieces(
        len(sets),
        [owners[owners[:, 0] % 2 == part] for part in (0, 1)],
        grams.__getitem__,
        [part.reshape(-1, 2) for part in parts],
        min_share=min_share,
    ).tolist()


def slow_groups(sets, min_share):
    """Join until nothing changes: the oracle."""
    groups = list(range(len(sets)))
    related = [
        (one, other)
        for one, other in combinations(range(len(sets)), 2)
        if sets[one] & sets[other]
        and len(sets[one] & sets[other]) >= min_share * min(len(sets[one]), len(sets[other]))
    ]
    for _ in sets:
        for one, other in related:
            groups[one] = groups[other] = min(groups[one], groups[other])
    return groups


@given(gram_sets, st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_groups_agree_with_comparing_all_pairs(sets, min_share):
    """The inverted index finds the same groups as the comparison of every piece with every other."""
    groups = groups_of(range(len(sets)), sets, min_share=min_share)

    assert groups == slow_groups(sets, min_share)


def test_equal_pieces_without_grams_are_joined():
    """Copies too short to have a gram are copies all the same."""
    assert groups_of([7, 8, 7], [set(), set(), set()], min_share=0.25) == [0, 1, 0]


def test_very_many_variants_of_one_piece_are_joined():
    """More near-copies than a gram may have pieces to count still form one group."""
    sets = [{1, 2, 3, 100 + number} for number in range(2 * COMMON_GRAM)]

    groups = groups_of(range(len(sets)), sets, min_share=0.25)

    assert set(groups) == {0}


def test_a_common_gram_alone_joins_nothing():
    """A figure that everybody uses is no sign of a copy."""
    sets = [{1, *range(100 * number, 100 * number + 20)} for number in range(1, 2 * COMMON_GRAM)]

    groups = groups_of(range(len(sets)), sets, min_share=0.25)

    assert groups == list(range(len(sets)))


def heard_in(pieces, result, split):
    """Collect the keys of the windows that a split keeps."""
    relative = np.concatenate([piece.facts.relative for piece in pieces])
    place = np.repeat(result.splits, [len(piece.facts.starts) for piece in pieces])
    return set(relative[result.kept.between(0, len(place)) & (place == SPLITS.index(split))].tolist())


@given(
    st.lists(st.integers(4, 12), min_size=4, max_size=10),
    st.lists(st.tuples(st.integers(0, 9), st.integers(-7, 7)), max_size=10),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40)
def test_no_piece_nor_copy_lies_in_two_splits(lengths, copies, random):
    """Copies under another name, in another key and in any order, go where the piece goes."""
    tunes = [(seed, melody_ids(seed, num_bars)) for seed, num_bars in enumerate(lengths)]
    tunes += [
        (seed, TOKENIZER.transpose(tunes[seed][1], shift)) for seed, shift in copies if seed < len(lengths)
    ]
    random.shuffle(tunes)

    result = arranged([piece_of(ids, str(place)) for place, (_, ids) in enumerate(tunes)], HALVES)

    splits_of_tune = {}
    for (seed, _), split in zip(tunes, result.splits.tolist(), strict=True):
        splits_of_tune.setdefault(seed, set()).add(split)
    assert all(len(splits) == 1 for splits in splits_of_tune.values())


@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=5), min_size=4, max_size=12))
@settings(max_examples=40)
def test_no_split_holds_a_window_of_another_in_any_key(tunes):
    """Tunes that share bars by chance may lie apart, but no window of theirs is then heard twice."""
    bars = [melody_ids(seed, 1) for seed in range(6)]
    melodies = [np.concatenate([bars[number] for number in tune]) for tune in tunes]
    moved = [TOKENIZER.transpose(ids, place % 9 - 4) for place, ids in enumerate(melodies)]
    apart = PrepareSettings(valid_share=0.25, test_share=0.25, same_music_share=1.0)

    pieces = [piece_of(ids, str(place)) for place, ids in enumerate(moved)]
    result = arranged(pieces, apart)

    heard = [heard_in(pieces, result, split) for split in SPLITS]
    assert not any(one & other for one, other in combinations(heard, 2))


def test_variants_stay_together():
    """A tune with another second half lies in the split of the tune."""
    tunes = [melody_ids(seed, 16) for seed in range(10)]
    variants = [np.concatenate([ids[:128], melody_ids(100 + seed, 8)]) for seed, ids in enumerate(tunes)]

    result = arranged([piece_of(ids, str(place)) for place, ids in enumerate(tunes + variants)], HALVES)

    assert result.splits[:10].tolist() == result.splits[10:].tolist()
    assert set(result.splits.tolist()) == set(range(len(SPLITS)))


def test_splits_are_the_same_for_every_number_of_bars():
    """A model of 16 bars may start from one of 2 bars: neither has seen the other's test pieces."""
    tunes = [melody_ids(seed, 2 + seed) for seed in range(20)]

    results = [
        arranged([piece_of(ids, str(place), prepared) for place, ids in enumerate(tunes)], prepared)
        for prepared in (PrepareSettings(bars=2), PrepareSettings(bars=16))
    ]

    assert results[0].splits.tolist() == results[1].splits.tolist()
