"""A Score as sound, played by the program fluidsynth where it is installed: a preview, before any DAW.

The program is given nothing but a MIDI file that we have just written, in a folder of its own, and a sound
font that is installed beside it. Its samples are brought to one loudness: it is set low enough for a band, at
which a lone flute is hard to hear.
"""

import io
import os
import shutil
import subprocess
import tempfile
import wave
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqvae.errors import OutputError
from seqvae.midi.notes import Score, Tempo
from seqvae.midi.write import score_to_bytes

SAMPLE_RATE = 44_100
LONGEST_SECONDS = 3600  # 600 MB; a thousand samples in a row are no preview
LOUDEST = 29_000  # of 32,767: the peak of every preview
DITHER = 4  # what fluidsynth adds to silence is below
HOW_TO_INSTALL = (
    "install fluidsynth and a General MIDI sound font"
    " (Debian and Ubuntu: apt install fluidsynth timgm6mb-soundfont; macOS: brew install fluidsynth)"
)
_FONT_FOLDERS = ("sounds/sf2", "sounds/sf3", "soundfonts", "fluid-synth/sf2", "fluidsynth/sf2")
_QUIET = ["-n", "-i", "-q", "-f", os.devnull]  # no MIDI input, no shell, no banner, no settings of the user


class Player(NamedTuple):
    """A program that plays, and the instruments it plays with."""

    program: Path
    sound_font: Path


def find_player() -> Player:
    """Return fluidsynth and a sound font; OutputError saying what to install where there is none."""
    program = shutil.which("fluidsynth")
    if not program:
        raise OutputError(f"no wav without the program fluidsynth; {HOW_TO_INSTALL}")
    shares = (Path(program).resolve().parent.parent / "share", Path("/usr/share"))
    fonts = [
        font for share in shares for folder in _FONT_FOLDERS for font in (share / folder).glob("*.sf[23]")
    ]
    if not fonts:
        raise OutputError(f"fluidsynth is installed, but no sound font; {HOW_TO_INSTALL}")
    return Player(Path(program), max(fonts, key=_preference))


def wav_bytes(score: Score) -> bytes:
    """Return the score as a WAV file, 16 bits and stereo, with seconds to die away; else OutputError."""
    player = find_player()
    seconds = seconds_of(score)
    if seconds > LONGEST_SECONDS:
        raise OutputError(
            f"{seconds / 60:.0f} minutes of music are too long for a wav of at most"
            f" {LONGEST_SECONDS // 60}; ask for fewer or shorter clips, or for no wav"
        )
    with tempfile.TemporaryDirectory(prefix="seqvae-") as folder:
        midi, raw = Path(folder) / "music.mid", Path(folder) / "music.raw"
        midi.write_bytes(score_to_bytes(score))
        _play(player, midi, raw, patience=60 + seconds)
        samples = np.fromfile(raw, dtype="<i2")
    peak = int(np.abs(samples.astype(np.int32)).max(initial=0))
    loudness = LOUDEST / peak if peak > DITHER else 0.0
    return _wav((samples * loudness).astype("<i2").tobytes())


def seconds_of(score: Score) -> float:
    """Return how long the score lasts, changes of tempo included."""
    spans = pairwise((*score.tempi, Tempo(score.end_tick, 0)))
    lengths = (max(0, then.tick - now.tick) * now.microseconds_per_quarter for now, then in spans)
    return sum(lengths) / 1e6 / score.ticks_per_quarter


def _preference(font: Path) -> tuple[bool, bool, int, str]:
    """Rank what the system calls its General MIDI font first, then the largest, which sounds best."""
    name = font.name.lower()
    return name.startswith("default"), "gm" in name, font.stat().st_size, name


def _play(player: Player, midi: Path, raw: Path, *, patience: float) -> None:
    sound = ["-T", "raw", "-O", "s16", "-E", "little", "-r", str(SAMPLE_RATE), "-g", "0.2"]
    command = [str(player.program), *_QUIET, *sound, "-F", str(raw), str(player.sound_font), str(midi)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(f"fluidsynth did not end within {patience:.0f} s; try again without wav") from error
    if done.returncode or not raw.is_file() or not raw.stat().st_size:
        told = done.stderr.decode(errors="replace").split("\n")
        reason = next((line for line in told if line.strip()), f"exit code {done.returncode}")
        raise OutputError(f"fluidsynth cannot play the music ({reason.strip()}); check its installation")


def _wav(samples: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(samples)
    return buffer.getvalue()
