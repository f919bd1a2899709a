import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.selection import select_windows

windows = st.tuples(st.integers(0, 6), st.integers(0, 1))  # content, key


def keys_of(pieces):
    """Stand in for windows of this content and key: relative and exact keys."""
    tunes = [window for piece in pieces for window in piece]
    exact = np.array([10 * tune + key for tune, key in tunes], dtype=np.uint64)
    return np.array([tune for tune, _ in tunes], dtype=np.uint64), exact


def splits_of(pieces, splits):
    """Return the number of the split of each window."""
    numbers = [SPLITS.index(split) for split in splits]
    return np.repeat(numbers, [len(piece) for piece in pieces])


def slow_selection(pieces, splits):
    """One window at a time with plain sets: the oracle."""
    kept, seen = {}, {"train": set(), "valid": set(), "test": set()}
    heard, dropped = set(), [0, 0, 0]
    for place, split in enumerate(("train", "valid", "test")):
        new = set()
        for number, piece in enumerate(pieces):
            for index, window in enumerate(piece):
                if splits[number] != split:
                    continue
                kept[number, index] = False
                if window in seen[split]:
                    dropped[0] += 1
                elif window[0] in heard:
                    dropped[place] += 1
                else:
                    kept[number, index] = True
                    new.add(window[0])
                seen[split].add(window)
        heard |= new
    return [kept[key] for key in sorted(kept)], dropped


@given(
    st.lists(
        st.tuples(st.lists(windows, max_size=6), st.sampled_from(["train", "valid", "test"])),
        min_size=1,
        max_size=8,
    )
)
def test_selection_agrees_with_one_window_at_a_time(corpus):
    """The first of equal windows of a split stays, unless an earlier split holds it in some key."""
    pieces, splits = zip(*corpus, strict=True)

    none = np.zeros(sum(map(len, pieces)), dtype=bool)
    kept, dropped = select_windows(*keys_of(pieces), splits_of(pieces, splits), none)

    assert (kept.tolist(), list(dropped.values())) == slow_selection(pieces, splits)


@given(
    st.lists(
        st.tuples(windows, st.sampled_from([0, 1, 2]), st.booleans()), min_size=1, max_size=40, unique=False
    )
)
def test_windows_for_training_take_no_other_s_place(corpus):
    """The others stay or go as without them; of them stays the first that nobody has, in train alone."""
    tunes, splits, flags = zip(*corpus, strict=True)
    (relative, exact), split = keys_of([tunes]), np.array(splits)
    more = np.array(flags)
    kept, dropped = select_windows(relative, exact, split, more)
    plain = ~more
    alone, _ = select_windows(relative[plain], exact[plain], split[plain], np.zeros(plain.sum(), dtype=bool))

    assert np.array_equal(kept[plain], alone)
    held_out = set(relative[kept & (split != 0)].tolist())
    in_train = set(exact[plain & (split == 0)].tolist())
    for place in np.flatnonzero(more).tolist():
        known = exact[place] in in_train or relative[place] in held_out
        assert kept[place] == (split[place] == 0 and not known)
        in_train |= {exact[place]} if split[place] == 0 else set()
    assert kept.sum() + sum(dropped.values()) == len(corpus)
