"""Drums and trios for the tests of the data set: random scores, and small corpora on disk."""

from pathlib import Path

import numpy as np

from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.write import write_score

BAR = 1920
KIT = (36, 38, 42)


def drum_track(seed: int, num_bars: int) -> Track:
    """Draw hits of kick, snare and hat on half of the steps, a few ticks off, with any velocity."""
    generator = np.random.default_rng(seed)
    notes = []
    for pitch in KIT:
        steps = np.flatnonzero(generator.random(16 * num_bars) < 0.3)
        starts = (120 * steps + generator.integers(0, 20, size=len(steps))).tolist()
        velocities = generator.integers(20, 127, size=len(steps)).tolist()
        notes += [
            Note(start, start + 60, pitch, velocity)
            for start, velocity in zip(starts, velocities, strict=True)
        ]
    return Track(tuple(sorted(notes)), name="kit", is_drum=True)


def line_track(seed: int, num_bars: int, lowest: int, name: str, shift: int = 0) -> Track:
    """Draw a line of eighths over an octave, `shift` semitones higher."""
    generator = np.random.default_rng(seed)
    pitches = (generator.integers(lowest, lowest + 12, size=8 * num_bars) + shift).tolist()
    return Track(tuple(Note(240 * i, 240 * i + 240, pitch, 80) for i, pitch in enumerate(pitches)), name=name)


def trio_tracks(seed: int, num_bars: int, *, shift: int = 0, kit: int | None = None) -> tuple[Track, ...]:
    """Draw a trio whose melody and bass are `shift` semitones higher; `kit` is the seed of other drums."""
    return (
        line_track(seed, num_bars, 60, "Melody", shift),
        line_track(seed + 1000, num_bars, 36, "Bass", shift),
        drum_track(seed if kit is None else kit, num_bars),
    )


def write_drums(path: Path, seed: int, *, num_bars: int = 8) -> None:
    """Write a drum track."""
    write_music(path, (drum_track(seed, num_bars),), num_bars)


def write_music(path: Path, tracks: tuple[Track, ...], num_bars: int) -> None:
    """Write tracks as a file of whole bars in 4/4."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_score(Score(tracks, end_tick=num_bars * BAR), path)
