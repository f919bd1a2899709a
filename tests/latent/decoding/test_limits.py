import torch
from hypothesis import given
from hypothesis import strategies as st

from seqvae.latent.decoding.limits import keep_top_k, keep_top_p, without_repeats

rows = st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=9, unique=True)


def kept(logits: torch.Tensor) -> set[int]:
    """List the ids that may still be written."""
    return set(logits[0].isfinite().nonzero()[:, 0].tolist())


@given(rows, st.integers(1, 9))
def test_top_k_keeps_the_likeliest(row, count):
    """The ids that stay are the first of the sorted list."""
    order = sorted(range(len(row)), key=lambda place: -row[place])

    assert kept(keep_top_k(torch.tensor([row]), count)) == set(order[:count])


@given(rows, st.floats(0.01, 0.99))
def test_top_p_keeps_the_fewest_that_reach_the_share(row, share):
    """Together they have the share, and without the last of them they have not."""
    probabilities = torch.tensor([row]).softmax(dim=-1)[0]
    left = sorted(kept(keep_top_p(torch.tensor([row]), share)), key=lambda place: -probabilities[place])

    assert probabilities[left].sum() >= share - 1e-5
    assert probabilities[left[:-1]].sum() < share + 1e-5
    assert left == sorted(range(len(row)), key=lambda place: -probabilities[place])[: len(left)]


def test_nothing_is_changed_where_all_may_stay():
    """0, or all of them, and a share of 1 leave the logits alone."""
    logits = torch.randn(3, 7)

    for same in (keep_top_k(logits, 0), keep_top_k(logits, 7), keep_top_p(logits, 1.0)):
        assert same is logits


@given(st.lists(st.integers(2, 4), max_size=8), st.integers(1, 4))
def test_guard_forbids_exactly_what_closes_a_run_again(line, size):
    """An id is forbidden if and only if a run of the line would come twice with it."""
    runs = {tuple(line[i : i + size]) for i in range(len(line) - size + 1)}
    begun = line[len(line) - size + 1 :] if len(line) >= size - 1 else None
    closing = {each for each in range(6) if begun is not None and (*begun, each) in runs}

    logits = without_repeats(torch.zeros(1, 6), torch.tensor([line], dtype=torch.long), size)
    assert set(range(6)) - kept(logits) == closing
