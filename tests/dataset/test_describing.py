"""Pieces that are described together and alone."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.chunks import encode_task
from seqvae.dataset.describing import Piece, describe_pieces
from seqvae.dataset.pieces import Music, Source
from seqvae.dataset.settings import CORPUS_TOKENIZERS, PrepareSettings
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.trio import TrioTokenizer
from tests.dataset.making import melody_ids, write_corpus

TRIO = PrepareSettings(tokenizer=TrioTokenizer())


def music_of(seed: int, settings: PrepareSettings) -> list[Music]:
    """Draw pieces of a few spans each, some of them silent; voices may be absent."""
    draw = np.random.default_rng(seed)
    pieces = []
    for number in range(5):
        spans = []
        for num_bars in draw.integers(1, 6, size=draw.integers(1, 4)).tolist():
            ids = melody_ids(int(draw.integers(1 << 30)), num_bars)
            if settings.tokenizer.voices == 3:
                ids = np.concatenate(
                    [ids, np.roll(ids, 5), draw.integers(1, 512, ids.shape, np.int16)], axis=1
                )
                ids[:, draw.integers(3)] = [131, 131, 513][number % 3]
            spans.append(np.full_like(ids, 2) if draw.random() < 0.2 else ids)
        pieces.append(Music(Source("tunes", f"{number}", Path(f"{number}")), "00" * 32, tuple(spans), {}))
    return pieces


def plain(piece: Piece) -> list[object]:
    """Write arrays as lists, so that pieces can be compared."""
    values = [getattr(piece, field.name) for field in fields(piece)]
    values += values.pop(3)  # the facts of windows
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in values]


@pytest.mark.parametrize(
    "settings",
    [PrepareSettings(), PrepareSettings(bars=1), PrepareSettings(bars=4), TRIO],
    ids=["two bars", "one bar", "four bars", "trio"],
)
@given(seed=st.integers(0, 2**32 - 1))
def test_pieces_are_described_alike_alone_and_together(settings, seed):
    """What is known of a piece does not depend on its neighbours."""
    music = music_of(seed, settings)

    together = describe_pieces(music, settings)

    alone = [piece for one in music for piece in describe_pieces([one], settings)]
    assert list(map(plain, together)) == list(map(plain, alone))


def test_parts_that_take_little_memory_change_nothing(monkeypatch):
    """Long pieces are looked at in parts, and windows a few at a time."""
    music = music_of(7, TRIO)
    whole = list(map(plain, describe_pieces(music, TRIO)))

    monkeypatch.setattr("seqvae.dataset.windows.MOST_IDS", 500)
    monkeypatch.setattr("seqvae.dataset.describing.MOST_IDS", 500)

    assert list(map(plain, describe_pieces(music, TRIO))) == whole


def test_a_piece_that_cannot_be_described_costs_no_other(tmp_path, monkeypatch):
    """Whatever goes wrong with one file, the others are used and it is named."""
    write_corpus(tmp_path, num_tunes=2)
    sources = [Source("tunes", path.name, path) for path in sorted(tmp_path.rglob("*.mid"))]

    def describe(music, settings):
        if any(one.source.name == "tune1.mid" for one in music):
            raise MemoryError("too much")
        return describe_pieces(music, settings)

    monkeypatch.setattr("seqvae.dataset.chunks.describe_pieces", describe)
    settings = PrepareSettings(tokenizer=CORPUS_TOKENIZERS["melody"](DrumMap()))

    assert b"unexpected MemoryError" in encode_task(sources, settings)
    assert encode_task(sources[:1], settings)
