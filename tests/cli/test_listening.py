"""A walk as other programs see it: midicsv reads it, fluidsynth plays it; skipped where they are missing."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scripts.check_walk import SOUND_FONTS, rows_of, sound_of
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

BAR = 1920  # ticks of 4/4 at 480 a quarter
FILES = ["step-01.mid", "step-02.mid", "step-03.mid", "arrangement.mid"]
NUM_BARS = dict(zip(FILES, (2, 2, 2, 6), strict=True))

needs_midicsv = pytest.mark.skipif(not shutil.which("midicsv"), reason="midicsv is not installed")
needs_fluidsynth = pytest.mark.skipif(
    not (shutil.which("fluidsynth") and SOUND_FONTS), reason="fluidsynth or a sound font is not installed"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Blend two tunes of two bars in three steps."""
    folder = tmp_path_factory.mktemp("walk")
    model = save_debug_model(folder / "model")
    songs = (CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid")
    assert seqvae("interpolate", *songs, "--steps", 3, "--model", model, "-o", folder / "out").exit_code == 0
    return folder / "out"


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_every_track_ends_on_the_last_bar_line(folder, name):
    """Type 1 at 480 ticks; nothing after the last bar line, and every track ends on it."""
    rows = rows_of(folder / name)
    header = next(values for _, _, kind, values in rows if kind == "Header")
    num_tracks = len({track for track, *_ in rows} - {0})

    assert header == ["1", str(num_tracks), "480"]
    assert [tick for _, tick, kind, _ in rows if kind == "End_track"] == [NUM_BARS[name] * BAR] * num_tracks
    assert max(tick for _, tick, *_ in rows) == NUM_BARS[name] * BAR


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_time_stands_on_the_conductor_track_alone(folder, name):
    """Tempo, metre and markers are on track 1, notes and programs are not."""
    rows = rows_of(folder / name)
    kinds = ("Tempo", "Time_signature", "Note_on_c", "Program_c")
    tracks = {kind: {track for track, _, other, _ in rows if other == kind} for kind in kinds}

    assert tracks["Tempo"] == tracks["Time_signature"] == {1}
    assert 1 not in tracks["Note_on_c"] | tracks["Program_c"]


@needs_midicsv
@pytest.mark.parametrize("name", FILES)
def test_each_note_on_has_its_off(folder, name):
    """Per track and pitch, on and off take turns and end with off."""
    turns: dict[tuple[int, str], list[str]] = {}
    for track, _, kind, values in rows_of(folder / name):
        if kind in {"Note_on_c", "Note_off_c"}:
            turns.setdefault((track, values[1]), []).append(kind)

    assert turns
    assert all(kinds == ["Note_on_c", "Note_off_c"] * (len(kinds) // 2) for kinds in turns.values())


@needs_midicsv
def test_markers_name_the_steps(folder):
    """The arrangement has a marker where each step begins."""
    rows = rows_of(folder / "arrangement.mid")

    markers = [(tick, values[0]) for _, tick, kind, values in rows if kind == "Marker_t"]
    assert [tick for tick, _ in markers] == [0, 2 * BAR, 4 * BAR]
    assert [name for _, name in markers][::2] == ["1 twinkle", "3 frere-jacques"]
    assert re.fullmatch(r"2 [\d.]+% frere-jacques", markers[1][1])


@needs_fluidsynth
def test_walk_sounds_from_the_first_step_to_the_last(folder, tmp_path):
    """Played, the arrangement lasts as long as it says, and no step of it is silent."""
    samples, rate = sound_of(folder / "arrangement.mid", tmp_path / "a.wav")
    seconds = [8 * 60 / bpm for bpm in (96, (96 * 132) ** 0.5, 132)]
    lines = np.rint(np.cumsum([0, *seconds]) * rate).astype(int)

    assert len(samples) >= lines[-1]
    assert all(np.abs(samples[a:b].astype(int)).max() > 500 for a, b in pairwise(lines))
