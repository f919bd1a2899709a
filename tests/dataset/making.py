"""Melodies for the tests of the data set: random ids, pieces and small corpora on disk."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from seqvae.dataset.arrange import Arrangement, arrange
from seqvae.dataset.catalogue import Chunk, gather
from seqvae.dataset.chunks import pack
from seqvae.dataset.corpus import Corpus, Sources
from seqvae.dataset.describing import Piece, describe_pieces
from seqvae.dataset.pieces import Music, Source
from seqvae.dataset.settings import PrepareSettings
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.write import write_score
from seqvae.tokens.melody import MelodyTokenizer

PITCHES = (48, 84)  # room for an octave up and down


def melody_ids(seed: int, num_bars: int) -> NDArray[np.int16]:
    """Draw `(steps, 1)` ids in 4/4: two steps in five start a note, the others hold or rest."""
    generator = np.random.default_rng(seed)
    notes = generator.integers(PITCHES[0] + 3, PITCHES[1] + 3, size=num_bars * 16)
    kinds = generator.random(num_bars * 16)
    ids = np.where(kinds < 0.4, notes, np.where(kinds < 0.9, 1, 2)).astype(np.int16)
    ids[0] = notes[0]
    for step in range(1, len(ids)):
        if ids[step] == 1 and ids[step - 1] == 2:  # nothing to hold: it would read back as a rest
            ids[step] = 2
    return ids[:, None]


def piece_of(
    ids: NDArray[np.int16], name: str, settings: PrepareSettings | None = None, corpus: str = "tunes"
) -> Piece:
    """Describe ids as the piece that a file would have given."""
    music = Music(Source(corpus, name, Path(name)), sha256(name.encode()).hexdigest(), (ids,), repairs={})
    return describe_pieces([music], settings or PrepareSettings())[0]


def arranged(pieces: Sequence[Piece], settings: PrepareSettings) -> Arrangement:
    """Arrange pieces of one corpus as if they came from the journal."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chunk.npz"
        path.write_bytes(pack(pieces))
        names = [piece.music.source.name for piece in pieces]
        sources = Sources([Corpus("tunes", Path("tunes"), len(names), {})], names)
        return arrange(gather([Chunk(path, 0)], sources, Path(folder)), settings)


def write_tune(path: Path, seed: int, *, num_bars: int = 12, shift: int = 0, velocity: int = 80) -> None:
    """Write a random tune, `shift` semitones higher, as a MIDI file."""
    tokenizer = MelodyTokenizer()
    ids = tokenizer.transpose(melody_ids(seed, num_bars), shift)
    notes = tuple(Note(n.start, n.end, n.pitch, velocity) for n in tokenizer.decode(ids))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_score(Score((Track(notes, name="MELODY"),), end_tick=num_bars * 1920), path)


def write_corpus(folder: Path, *, num_tunes: int = 8, first_seed: int = 0) -> Path:
    """Write tunes 0, 1, 2 ... into a folder, and a copy of each in another key under another name."""
    for number in range(num_tunes):
        write_tune(folder / f"tune{number}.mid", first_seed + number)
        write_tune(
            folder / "more" / f"copy{number}.mid", first_seed + number, shift=number % 7 - 3, velocity=99
        )
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
