"""What we write as other programs read it: midicsv, MuseScore, fluidsynth; skipped where they are missing."""

import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from scripts.check_walk import SOUND_FONTS, bar_line_faults, rows_of, sound_of
from seqvae.export.arrangement import arrange
from seqvae.export.audio import seconds_of
from seqvae.export.formats import ExportOptions, export_files
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import bars_of

MUSESCORE = next(filter(shutil.which, ("mscore3", "musescore3", "mscore", "mscore4")), "mscore3")
BAR, BEAT = 1920, 480  # ticks of 4/4 and of a quarter

needs_midicsv = pytest.mark.skipif(not shutil.which("midicsv"), reason="midicsv is not installed")
needs_musescore = pytest.mark.skipif(not shutil.which(MUSESCORE), reason="MuseScore is not installed")
needs_fluidsynth = pytest.mark.skipif(
    not (shutil.which("fluidsynth") and SOUND_FONTS), reason="fluidsynth or a sound font is not installed"
)


def lead(end: int, name: str = "Flöte", program: int = 73) -> Track:
    """Play a scale in quarters up to the last bar line."""
    notes = (Note(t, t + BEAT, 60 + t // BEAT % 12, 90) for t in range(0, end, BEAT))
    return Track(tuple(notes), name=name, program=program)


def drums(end: int) -> Track:
    """Hit kick and snare in turn."""
    hits = (Note(t, t + 120, 38 if t // BEAT % 2 else 36, 100) for t in range(0, end, BEAT))
    return Track(tuple(hits), name="Kit", is_drum=True)


class Piece(NamedTuple):
    """Clips to export, and the bars they have."""

    clips: list[Score]
    num_bars: int


def song(part_bars: int = 16) -> Score:
    """Write as many bars of 4/4, of 3/4 in another tempo, and of 6/8, the last silent but for drums."""
    waltz = part_bars * BAR
    jig = waltz + part_bars * 3 * BEAT
    end = jig + part_bars * 3 * BEAT
    return Score(
        (lead(end - 3 * BEAT), lead(waltz, "Bass", 33), drums(end)),
        tempi=(Tempo(0, 500_000), Tempo(waltz, 400_000)),
        metres=(Metre(0, 4, 4), Metre(waltz, 3, 4), Metre(jig, 6, 8)),
        end_tick=end,
    )


TWO_BARS = Score((lead(2 * BAR),), tempi=(Tempo(0, 600_000),), end_tick=2 * BAR)
SIXTEEN_BARS = Score((lead(16 * BAR), drums(16 * BAR)), end_tick=16 * BAR)
PIECES = {
    "2-bars": Piece([TWO_BARS, TWO_BARS], 4),
    "16-bars": Piece([SIXTEEN_BARS, SIXTEEN_BARS], 32),
    "song": Piece([song(), song()], 96),
}


@pytest.fixture(params=PIECES)
def piece(request) -> Piece:
    """Give each piece in turn."""
    return PIECES[request.param]


@pytest.fixture
def files(piece, tmp_path) -> dict[str, Path]:
    """Write clips, arrangement and stems."""
    labels = [str(number) for number in range(1, len(piece.clips) + 1)]
    contents = export_files(
        piece.clips, [f"clip-{label}" for label in labels], labels, ExportOptions(stems=True)
    )
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


@needs_midicsv
def test_every_file_is_of_type_1_and_ends_on_the_bar_line(piece, files):
    """End_track of every track stands where the bars of the piece end, with nothing after it."""
    whole = arrange(piece.clips, ["1", "2"])
    assert len(bars_of(whole)) == piece.num_bars
    for name, path in files.items():
        rows = rows_of(path)
        end = (piece.clips[0] if name.startswith("clip") else whole).end_tick

        assert next(values for _, _, kind, values in rows if kind == "Header")[0] == "1"
        assert {tick for _, tick, kind, _ in rows if kind == "End_track"} == {end}
        assert bar_line_faults(rows) == []


@needs_midicsv
def test_time_stands_on_the_conductor_track_alone(files):
    """Tempo, metre and markers are on track 1 of every file, stems too; notes and programs are not."""
    for path in files.values():
        rows = rows_of(path)
        kinds = ("Tempo", "Time_signature", "Marker_t", "Note_on_c", "Program_c")
        tracks = {kind: {track for track, _, other, _ in rows if other == kind} for kind in kinds}

        assert tracks["Tempo"] == tracks["Time_signature"] == {1}
        assert 1 not in tracks["Note_on_c"] | tracks["Program_c"]
        assert tracks["Marker_t"] <= {1}


@needs_midicsv
def test_each_note_on_has_its_off(files):
    """Per track and pitch, on and off take turns and end with off."""
    for path in files.values():
        turns: dict[tuple[int, str], list[str]] = {}
        for track, _, kind, values in rows_of(path):
            if kind in {"Note_on_c", "Note_off_c"}:
                turns.setdefault((track, values[1]), []).append(kind)

        assert turns
        assert all(kinds == ["Note_on_c", "Note_off_c"] * (len(kinds) // 2) for kinds in turns.values())


@needs_musescore
def test_musescore_reads_measures_names_and_tempo(piece, files, tmp_path):
    """A measure per bar in each part, our metres, tempi and names, and percussion for drums."""
    score = to_musicxml(files["arrangement.mid"], tmp_path)
    whole = arrange(piece.clips, ["1", "2"])
    names = [part.findtext("part-name") for part in score.iter("score-part")]

    assert [len(part.findall("measure")) for part in score.findall("part")] == [piece.num_bars] * len(names)
    assert all(track.name in name for track, name in zip(whole.tracks, names, strict=True))
    first = score.find("part")
    tempi = [float(sound.get("tempo")) for sound in first.iter("sound") if sound.get("tempo")]
    assert tempi == [60e6 / tempo.microseconds_per_quarter for tempo in whole.tempi]
    metres = [(int(time.findtext("beats")), int(time.findtext("beat-type"))) for time in first.iter("time")]
    assert metres == [metre[1:] for metre in whole.metres]
    channels = [int(found.text) for found in score.iter("midi-channel")]
    for track, part in zip(whole.tracks, score.findall("part"), strict=True):
        assert (part.find(".//unpitched") is not None) == track.is_drum
    assert (10 in channels) == any(track.is_drum for track in whole.tracks)


@needs_fluidsynth
def test_fluidsynth_plays_the_right_length_and_no_silent_clip(piece, files, tmp_path):
    """Each clip of the arrangement is heard for as long as its tempi say."""
    samples, rate = sound_of(files["arrangement.mid"], tmp_path / "sound.wav")
    lines = np.rint(np.cumsum([0, *map(seconds_of, piece.clips)]) * rate).astype(int)

    assert lines[-1] <= len(samples) <= lines[-1] + 6 * rate
    assert all(np.abs(samples[a:b].astype(int)).max() > 500 for a, b in pairwise(lines))


def to_musicxml(path: Path, folder: Path) -> ET.Element:
    """Convert a MIDI file; the program keeps its settings in the folder."""
    output = folder / "score.musicxml"
    homes = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
    environment = {**os.environ, **homes, "QT_QPA_PLATFORM": "offscreen"}
    command = [MUSESCORE, "-o", output, path]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)
    return ET.parse(output).getroot()
