"""The reader for corpora: by now the same as for single files.

symusic 0.6 was tried and left: it cannot obey our rules (it drops notes that never end, pairs overlapping
ones first in first out, splits a track at each program change, hides where tracks end), and turned into a
Score it is only three times faster: 0.4 against 1.2 ms a file, over 484 files of six corpora. The tests use
it as an oracle.
"""

from pathlib import Path

from seqvae.midi.notes import Score
from seqvae.midi.read import read_score


def read_score_fast(path: str | Path) -> Score:
    """Read one file of a corpus at 480 ticks per quarter; MidiError as in `read_score`."""
    return read_score(path)
