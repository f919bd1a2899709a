from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.augment import Augmentation, draw_shifts
from seqvae.dataset.batches import Batches
from seqvae.dataset.draws import Purpose, generator_of
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import WindowSet, open_shards
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.trio import TrioTokenizer
from tests.dataset.drum_making import trio_tracks, write_music
from tests.training.making import window_set

PITCHES = (3, 131)
SHIFTED = Augmentation(max_semitones=6, ordered_ids=PITCHES)


@given(size=st.integers(1, 23), seed=st.integers(0, 99))
def test_every_epoch_holds_every_window_once(size, seed):
    """The stream of places is one permutation after another, however it is cut into batches."""
    windows = window_set()
    batches = Batches(windows, size=size, seed=seed)
    num_batches = -(-2 * len(windows) // size)

    stream = np.concatenate([batches.indices(number) for number in range(num_batches)])

    assert sorted(stream[: len(windows)]) == list(range(len(windows)))
    assert sorted(stream[len(windows) : 2 * len(windows)]) == list(range(len(windows)))


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    balance=st.sampled_from([0.3, 0.5, 1.0]),
    seed=st.integers(0, 9),
)
def test_small_corpora_come_more_often_where_that_is_asked_for(sizes, balance, seed):
    """Shares of an epoch go with sizes to a power; within a corpus no window is more than once ahead."""
    owners = np.random.default_rng(seed).permutation(np.arange(len(sizes)).repeat(sizes))
    total = sum(sizes)
    windows = replace(
        window_set(num_bars=total + 1), corpora=tuple("abcd"[: len(sizes)]), corpus_indices=owners
    )
    batches = Batches(windows, size=total, seed=seed, corpus_balance=balance)
    epoch = batches.indices(2)
    shares = [size ** (1 - balance) / sum(other ** (1 - balance) for other in sizes) for size in sizes]

    assert len(epoch) == total
    for corpus, share in enumerate(shares):
        assert (owners[epoch] == corpus).sum() == pytest.approx(share * total, abs=1)
        times = np.bincount(epoch, minlength=total)[owners == corpus]
        assert times.max() - times.min() <= 1


def test_equal_corpora_are_balanced_already():
    """All come once an epoch, whatever the balance."""
    windows = replace(window_set(num_bars=21), corpora=("a", "b"), corpus_indices=np.arange(20) % 2)

    assert sorted(Batches(windows, size=20, seed=0, corpus_balance=0.7).indices(0)) == list(range(20))


def test_epochs_differ():
    """No epoch repeats the order of the one before."""
    batches = Batches(window_set(), size=23, seed=0)

    assert not np.array_equal(batches.indices(0), batches.indices(1))


@given(numbers=st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_a_batch_depends_on_its_number_alone(numbers):
    """What was read before changes nothing."""
    used = Batches(window_set(), size=4, seed=1, augmentation=SHIFTED)
    before = [used.batch(number) for number in numbers]
    fresh = Batches(window_set(), size=4, seed=1, augmentation=SHIFTED)

    assert np.array_equal(before[-1], fresh.batch(numbers[-1]))


@pytest.mark.parametrize("seeds", [(0, 1), (1, 2)])
def test_seeds_differ(seeds):
    """Another seed is another order."""
    first, second = (Batches(window_set(), size=23, seed=seed).indices(0) for seed in seeds)

    assert not np.array_equal(first, second)


@given(number=st.integers(0, 10_000))
def test_windows_are_transposed_as_a_whole(number):
    """Every window of a batch is one of the data in another key."""
    windows = window_set()
    plain = Batches(windows, size=5, seed=3).batch(number)
    moved = Batches(windows, size=5, seed=3, augmentation=SHIFTED).batch(number)

    for before, after in zip(plain, moved, strict=True):
        shift = int((after - before).max() or (after - before).min())
        assert abs(shift) <= 6
        assert np.array_equal(after, MelodyTokenizer().transpose(before, shift))


@given(
    low=st.integers(0, 127),
    span=st.integers(0, 127),
    most=st.integers(0, 64),
    seed=st.integers(0, 99),
)
def test_shifts_keep_every_pitch_in_range(low, span, most, seed):
    """No shift moves a note below pitch 0 or above 127, and none exceeds the bound."""
    ranges = np.array([[low, min(low + span, 127)]] * 50)

    shifts = draw_shifts(
        ranges, max_semitones=most, num_pitches=128, generator=generator_of(seed, Purpose.SHIFT)
    )

    assert (abs(shifts) <= most).all()
    assert ((ranges + shifts[:, None] >= 0) & (ranges + shifts[:, None] <= 127)).all()


def test_every_allowed_shift_is_as_likely():
    """A window near the top moves up by 2 semitones at most, and each of the 9 shifts is drawn alike."""
    ranges = np.array([[60, 125]] * 90_000)

    shifts = draw_shifts(ranges, max_semitones=6, num_pitches=128, generator=generator_of(0, Purpose.SHIFT))
    values, counts = np.unique(shifts, return_counts=True)

    assert values.tolist() == list(range(-6, 3))
    assert abs(counts / 10_000 - 1).max() < 0.05


def test_a_silent_window_may_move_anywhere():
    """Without a note, pitch range (127, 0), no shift is refused."""
    shifts = draw_shifts(
        np.array([[127, 0]] * 200), max_semitones=3, num_pitches=128, generator=generator_of(0, Purpose.SHIFT)
    )

    assert set(shifts.tolist()) == set(range(-3, 4))


def text_set(lengths):
    """Make a set of sentences of these lengths, each of ids equal to its number."""
    lengths = np.array(lengths, dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    ids = np.repeat(np.arange(2, 2 + len(lengths)), lengths)[:, None].astype(np.int16)
    zeros, ranges = np.zeros(len(lengths), dtype=np.int32), np.zeros((len(lengths), 2), dtype=np.uint8)
    return WindowSet(ids, starts, lengths, zeros, ranges, int(lengths.max()), ("a",), zeros)


@given(lengths=st.lists(st.integers(1, 9), min_size=12, max_size=60), size=st.integers(1, 5))
def test_batches_of_sentences_hold_no_sentence_twice(lengths, size):
    """In an epoch of sentences every batch is full, and fewer than a batch are left over."""
    batches = Batches(text_set(lengths), size=size, seed=0)
    num_batches = len(lengths) // size

    stream = np.concatenate([batches.indices(number) for number in range(num_batches)])

    assert len(set(stream.tolist())) == len(stream) == num_batches * size


def test_sentences_of_like_length_are_batched():
    """Bucketing leaves little padding, and which sentences meet changes from epoch to epoch."""
    lengths = np.random.default_rng(0).integers(1, 40, size=1000)
    batches = Batches(text_set(lengths), size=10, seed=0)
    epochs = [[batches.indices(100 * epoch + number) for number in range(100)] for epoch in range(2)]

    spread = [lengths[batch].max() - lengths[batch].min() for batch in epochs[0]]
    assert np.mean(spread) < 3
    assert {frozenset(batch.tolist()) for batch in epochs[0]}.isdisjoint(
        frozenset(batch.tolist()) for batch in epochs[1]
    )
    shown = [lengths[batch].mean() for batch in epochs[0]]
    assert abs(np.corrcoef(shown, np.arange(100))[0, 1]) < 0.3  # neither short nor long ones first


def test_sentences_are_padded_to_the_longest_of_their_batch():
    """Padding is 0, and no batch is longer than it must be."""
    batches = Batches(text_set([3, 5, 2, 5, 4, 1]), size=6, seed=0)

    ids = batches.batch(0)

    assert ids.shape == (6, 5, 1)
    assert sorted((ids != 0).sum(axis=(1, 2)).tolist()) == [1, 2, 3, 4, 5, 5]


def test_voices_without_a_scale_stay_where_they_are(tmp_path):
    """Melody and bass of a trio move together, its drums never, whatever their ids."""
    for seed in range(2):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8), 8)
    prepare_corpus([tmp_path / "songs"], tmp_path / "out", PrepareSettings(tokenizer=TrioTokenizer()))
    windows = open_shards(tmp_path / "out").split("train")
    plain = Batches(windows, size=4, seed=3).batch(0)
    moved = Batches(windows, size=4, seed=3, augmentation=replace(SHIFTED, ordered_voices=2)).batch(0)

    for before, after in zip(plain, moved, strict=True):
        shift = int((after - before)[..., :2].max() or (after - before)[..., :2].min())
        assert np.array_equal(TrioTokenizer().transpose(before, shift), after)
    assert not np.array_equal(plain, moved)
