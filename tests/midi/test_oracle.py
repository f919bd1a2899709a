from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from seqvae.midi.notes import Note, Score
from seqvae.midi.read import read_score
from seqvae.midi.repair import STRAY_OFF
from seqvae.midi.write import score_to_bytes
from tests.midi.building import scores

symusic = pytest.importorskip("symusic")
CORPORA = Path(__file__).parents[3] / "shared" / "data"
SAMPLE = [
    path
    for corpus in ("folk", "openewld", "lieder", "free_multitrack", "trio_synthetic", "gmd")
    for path in sorted((CORPORA / corpus).rglob("*.mid"))[::100]
]


def read_by_symusic(data: bytes) -> Counter[Note]:
    """Gather the notes of all tracks by an independent reader."""
    tracks = symusic.Score.from_midi(data).tracks
    return Counter(Note(n.time, n.end, n.pitch, n.velocity) for track in tracks for n in track.notes)


def all_notes(score: Score) -> Counter[Note]:
    """Gather the notes of all tracks."""
    return Counter(note for track in score.tracks for note in track.notes)


@given(scores())
def test_symusic_hears_the_same_notes(score):
    """An independent reader agrees on generated files, note for note."""
    data = score_to_bytes(score)

    assert all_notes(read_score(data)) == read_by_symusic(data)


@pytest.mark.skipif(not SAMPLE, reason="needs the corpora")
@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem[:40])
def test_symusic_agrees_on_files_that_need_no_repair(path):
    """On files by other programs, at their own resolution, as long as no note had to be mended."""
    data = path.read_bytes()
    score = read_score(data, ticks_per_quarter=symusic.Score.from_midi(data).ticks_per_quarter)

    assert set(score.repairs) - {STRAY_OFF} or all_notes(score) == read_by_symusic(data)


@pytest.mark.skipif(not SAMPLE, reason="needs the corpora")
@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem[:40])
def test_files_by_other_programs_survive_rewriting(path):
    """What was read once is written and read again unchanged."""
    score = read_score(path)

    assert read_score(score_to_bytes(score)) == score
