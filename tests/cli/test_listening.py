"""Walks as other programs see them: midicsv, fluidsynth, MuseScore; skipped where they are missing."""

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from scripts.check_walk import SOUND_FONTS, bar_line_faults, rows_of, sound_of
from seqvae.export.audio import seconds_of
from seqvae.midi.quantize import bars_of
from seqvae.midi.read import read_score
from seqvae.midi.write import write_score
from tests.cli.making import CLIPS, seqvae
from tests.export.test_programs import needs_musescore, song, to_musicxml
from tests.latent.making import save_debug_model
from tests.latent.test_bands import save_band_model

STEPS = ("step-01.mid", "step-02.mid", "step-03.mid")
FILES = (*STEPS, "arrangement.mid")

needs_midicsv = pytest.mark.skipif(not shutil.which("midicsv"), reason="midicsv is not installed")
needs_fluidsynth = pytest.mark.skipif(
    not (shutil.which("fluidsynth") and SOUND_FONTS), reason="fluidsynth or a sound font is not installed"
)


class Case(NamedTuple):
    """Two songs and the bars of a step between them."""

    songs: tuple[str, str]
    num_bars: int
    is_trio: bool = False


CASES = {
    "2 bars": Case(("twinkle", "frere-jacques"), 2),
    "16 bars": Case(("ode-to-joy", "when-the-saints"), 16),
    "whole song": Case(("whole-song", "ode-to-joy-trio"), 24, is_trio=True),  # of three metres and two tempi
}


class Walk(NamedTuple):
    """Files of three steps and what was asked for."""

    folder: Path
    case: Case

    def bars(self, name: str) -> int:
        """Return how many bars a file should have."""
        return self.case.num_bars * (len(STEPS) if name == "arrangement.mid" else 1)


@pytest.fixture(scope="module", params=CASES)
def walk(request, tmp_path_factory) -> Walk:
    """Blend two songs by a model of two bars."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp("walk")
    write_score(song(part_bars=8), folder / "whole-song.mid")
    model = save_band_model(folder, "trio") if case.is_trio else save_debug_model(folder / "model")
    paths = [folder / f"{name}.mid" for name in case.songs]
    paths = [path if path.exists() else CLIPS / path.name for path in paths]
    command = ("interpolate", *paths, "--steps", 3, "--no-even", "--model", model)
    result = seqvae(*command, "-o", folder / "out")
    assert result.exit_code == 0, result.stderr
    return Walk(folder / "out", case)


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_every_track_ends_on_the_last_bar_line(walk, name):
    """Type 1 at 480 ticks; every track ends at the end of the last bar, and nothing comes after it."""
    rows = rows_of(walk.folder / name)
    header = next(values for _, _, kind, values in rows if kind == "Header")
    num_tracks = len({track for track, *_ in rows} - {0})
    bars = bars_of(read_score(walk.folder / name))
    end = bars[-1].start_tick + bars[-1].num_steps * 120

    assert header == ["1", str(num_tracks), "480"]
    assert len(bars) == walk.bars(name)
    assert [tick for _, tick, kind, _ in rows if kind == "End_track"] == [end] * num_tracks
    assert bar_line_faults(rows) == []


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_time_stands_on_the_conductor_track_alone(walk, name):
    """Tempo, metre and markers are on track 1, notes and programs are not."""
    rows = rows_of(walk.folder / name)
    kinds = ("Tempo", "Time_signature", "Note_on_c", "Program_c")
    tracks = {kind: {track for track, _, other, _ in rows if other == kind} for kind in kinds}

    assert tracks["Tempo"] == tracks["Time_signature"] == {1}
    assert 1 not in tracks["Note_on_c"] | tracks["Program_c"]


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_each_note_on_has_its_off(walk, name):
    """Per track and pitch, on and off take turns and end with off."""
    turns: dict[tuple[int, str], list[str]] = {}
    for track, _, kind, values in rows_of(walk.folder / name):
        if kind in {"Note_on_c", "Note_off_c"}:
            turns.setdefault((track, values[1]), []).append(kind)

    assert turns
    assert all(kinds == ["Note_on_c", "Note_off_c"] * (len(kinds) // 2) for kinds in turns.values())


@needs_midicsv
def test_markers_name_the_steps(walk):
    """The arrangement has a marker where each step begins."""
    rows = rows_of(walk.folder / "arrangement.mid")
    ends = np.cumsum([0, *(read_score(walk.folder / name).end_tick for name in STEPS)])
    markers = [(tick, values[0]) for _, tick, kind, values in rows if kind == "Marker_t"]

    assert [tick for tick, _ in markers] == ends[:-1].tolist()
    assert [name for _, name in markers][::2] == [f"1 {walk.case.songs[0]}", f"3 {walk.case.songs[1]}"]
    assert re.fullmatch(rf"2 50% {walk.case.songs[1]}", markers[1][1])


def test_notes_of_both_ends_are_all_there(walk):
    """A song at its end of the walk has the notes, metres and tempi of its file, to the last bar line."""
    told = json.loads((walk.folder / "report.json").read_bytes())
    for step, name, report in zip(STEPS[::2], walk.case.songs, told["inputs"], strict=True):
        path = walk.folder.parent / f"{name}.mid"
        own = read_score(path if path.exists() else CLIPS / path.name)
        end, taken = read_score(walk.folder / step), report["fit"]["own_bars"]

        assert taken == len(bars_of(own))
        by_name = {track.name: track.notes for track in own.tracks}
        for track in end.tracks:
            notes = by_name[track.name]
            assert track.notes[: len(notes)] == notes
        assert end.tempi[: len(own.tempi)] == own.tempi
        assert end.metres[: len(own.metres)] == own.metres


@needs_fluidsynth
def test_walk_sounds_from_the_first_step_to_the_last(walk, tmp_path):
    """Played, the arrangement lasts as long as it says, and no step of it is silent."""
    samples, rate = sound_of(walk.folder / "arrangement.mid", tmp_path / "a.wav")
    seconds = [seconds_of(read_score(walk.folder / name)) for name in STEPS]
    lines = np.rint(np.cumsum([0, *seconds]) * rate).astype(int)

    assert lines[-1] <= len(samples) <= lines[-1] + 6 * rate
    assert all(np.abs(samples[a:b].astype(int)).max() > 500 for a, b in pairwise(lines))


@needs_musescore
def test_musescore_reads_every_step(walk, tmp_path):
    """The model's own step has a measure per bar in each part, tempo, names and percussion."""
    path = walk.folder / STEPS[1]
    score, written = to_musicxml(path, tmp_path), read_score(path)
    parts = score.findall("part")

    assert [len(part.findall("measure")) for part in parts] == [walk.case.num_bars] * len(written.tracks)
    names = [part.findtext("part-name") for part in score.iter("score-part")]
    assert all(track.name in name for track, name in zip(written.tracks, names, strict=True))
    first = next(float(sound.get("tempo")) for sound in parts[0].iter("sound") if sound.get("tempo"))
    assert first == pytest.approx(60e6 / written.tempi[0].microseconds_per_quarter, abs=0.5)  # it rounds
    assert [part.find(".//unpitched") is not None for part in parts] == [t.is_drum for t in written.tracks]
