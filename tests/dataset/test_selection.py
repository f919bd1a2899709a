import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.selection import select_windows
from seqvae.dataset.windows import WindowFacts

windows = st.tuples(st.integers(0, 6), st.integers(0, 1))  # content, key


def facts_of(content):
    """Stand in for windows of this content and key."""
    exact = np.array([10 * tune + key for tune, key in content], dtype=np.uint64)
    relative = np.array([tune for tune, _ in content], dtype=np.uint64)
    starts = np.arange(len(content), dtype=np.int64)
    return WindowFacts(starts, exact, relative, np.zeros((len(content), 2), dtype=np.uint8))


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

    kept, dropped = select_windows([facts_of(piece) for piece in pieces], splits)

    assert (kept.tolist(), list(dropped.values())) == slow_selection(pieces, splits)
