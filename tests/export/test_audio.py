import io
import subprocess
import wave
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from seqvae.errors import OutputError
from seqvae.export import audio
from seqvae.export.arrangement import arrange
from seqvae.export.audio import Player, find_player, seconds_of, wav_bytes
from seqvae.midi.notes import Note, Score, Tempo, Track
from seqvae.midi.write import score_to_bytes

BAR = Score(
    (
        Track(
            (Note(0, 960, 60, 100), Note(960, 1920, 67, 20)),
        ),
    ),
    end_tick=1920,
)
SLOW = replace(BAR, tempi=(Tempo(0, 1_000_000), Tempo(960, 250_000)))


def is_playable() -> bool:
    """Tell whether a player is installed."""
    try:
        find_player()
    except OutputError:
        return False
    return True


needs_player = pytest.mark.skipif(not is_playable(), reason="fluidsynth or a sound font is not installed")


def samples_of(data: bytes) -> np.ndarray:
    """Read a WAV file as `(samples, channels)`."""
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getsampwidth()) == (44_100, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())


def program_that(tmp_path: Path, *lines: str) -> Player:
    """Write a stand-in for fluidsynth."""
    program = tmp_path / "fluidsynth"
    program.write_text("\n".join(["#!/bin/sh", *lines]))
    program.chmod(0o755)
    return Player(program, tmp_path / "x.sf2")


@pytest.mark.parametrize(("score", "seconds"), [(BAR, 2.0), (SLOW, 2.5), (Score(()), 0.0)])
def test_tempo_changes_count(score, seconds):
    """Each span of the piece lasts as its own tempo says."""
    assert seconds_of(score) == pytest.approx(seconds)


@needs_player
def test_sound_has_the_length_of_the_music_and_no_silent_clip():
    """Every clip of an arrangement is heard, and after the last one the sound dies away."""
    clips = [BAR, SLOW, BAR]
    samples = np.abs(samples_of(wav_bytes(arrange(clips, "abc"))).astype(int)).max(axis=1)
    lines = np.rint(np.cumsum([0, *map(seconds_of, clips)]) * 44_100).astype(int)

    assert lines[-1] <= len(samples) <= lines[-1] + 6 * 44_100
    assert all(samples[start:end].max() > 1000 for start, end in pairwise(lines))
    assert samples.max() == pytest.approx(29_000, abs=1)


@needs_player
def test_the_same_music_sounds_the_same():
    """The samples do not depend on the clock."""
    assert wav_bytes(BAR) == wav_bytes(BAR)


@needs_player
def test_silence_stays_silence():
    """Music without notes is not amplified."""
    assert not samples_of(wav_bytes(Score((Track(()),), end_tick=480))).any()


def test_program_gets_only_our_own_file(tmp_path, monkeypatch):
    """What is played is a MIDI file of our own writing, without a shell, and it is gone afterwards."""
    seen = []

    def run(command, **options):
        seen.append((command, Path(command[-1]).read_bytes(), options))
        Path(command[command.index("-F") + 1]).write_bytes(b"\1\0" * 4)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(audio, "find_player", lambda: Player(tmp_path / "fluidsynth", tmp_path / "x.sf2"))
    monkeypatch.setattr(subprocess, "run", run)
    wav_bytes(BAR)

    ((command, midi, options),) = seen
    assert midi == score_to_bytes(BAR)
    assert "shell" not in options
    assert not Path(command[-1]).exists()


def test_missing_program_is_said(monkeypatch):
    """One sentence says what to install."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(OutputError, match=r"no wav without the program fluidsynth; install .*apt install"):
        wav_bytes(BAR)


def test_missing_sound_font_is_said(monkeypatch, tmp_path):
    """The program alone makes no sound."""
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "bin" / "fluidsynth"))
    monkeypatch.setattr(audio, "_FONT_FOLDERS", ("no/such/folder",))
    with pytest.raises(OutputError, match=r"but no sound font; install"):
        find_player()


def test_general_midi_font_of_the_system_is_preferred(monkeypatch, tmp_path):
    """What the system names its default comes before larger fonts; strings alone come last."""
    fonts = tmp_path / "share" / "soundfonts"
    fonts.mkdir(parents=True)
    sizes = {"default.sf2": 1, "GM.sf2": 2, "GM-large.sf3": 3, "strings.sf2": 9, "default.txt": 9}
    for name, size in sizes.items():
        (fonts / name).write_bytes(b"0" * size)
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "bin" / "fluidsynth"))
    monkeypatch.setattr(audio, "_FONT_FOLDERS", ("soundfonts",))
    found = []
    for _ in range(3):
        found.append(find_player().sound_font.name)
        (fonts / found[-1]).unlink()

    assert found == ["default.sf2", "GM-large.sf3", "GM.sf2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("echo '' >&2; echo 'no such font' >&2; exit 1", "no such font"),
        ("exit 3", "exit code 3"),
        ("", "exit"),
    ],
    ids=["reason", "code", "no-sound"],
)
def test_failing_program_is_one_line(tmp_path, monkeypatch, line, reason):
    """What the program complains of stands in the message."""
    monkeypatch.setattr(audio, "find_player", lambda: program_that(tmp_path, line))
    with pytest.raises(OutputError, match=rf"fluidsynth cannot play the music \({reason}"):
        wav_bytes(BAR)


def test_program_that_hangs_is_ended(tmp_path, monkeypatch):
    """Nobody waits forever."""
    player = program_that(tmp_path, "exec sleep 60")
    with pytest.raises(OutputError, match=r"fluidsynth did not end within 0 s"):
        audio._play(player, tmp_path / "a.mid", tmp_path / "a.raw", patience=0.05)


def test_hours_of_music_are_refused(monkeypatch, tmp_path):
    """A preview of ten thousand samples would fill the memory."""
    monkeypatch.setattr(audio, "find_player", lambda: program_that(tmp_path))
    with pytest.raises(OutputError, match=r"61 minutes of music are too long for a wav of at most 60"):
        wav_bytes(Score((), end_tick=960 * 61 * 60))
