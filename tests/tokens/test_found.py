"""What is told of a song beside the notes that were taken."""

import json

import pytest

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.quantize import bars_of
from seqvae.tokens.found import find_in
from tests.latent.making import CLIPS, echo_model, tune

TRIO = CLIPS / "when-the-saints-trio.mid"
SONG = Score(
    (Track((Note(0, 480, 60, 80),)), Track(()), Track((Note(0, 480, 36, 80),) * 2, name="Bass")),
    tempi=(Tempo(0, 500_000), Tempo(100, 500_000), Tempo(1920, 600_000), Tempo(2000, 400_000)),
    metres=(Metre(0, 4, 4), Metre(2880, 3, 4)),
    end_tick=5760,
)


def test_metres_tempi_and_tracks_are_told():
    """Runs of bars, one of them cut short; how tempo moves; the tracks with notes that were not taken."""
    found = find_in(SONG, bars_of(SONG), [0])

    assert found.lines() == [
        'left out: track 3, "Bass" (2 notes)',
        "4/4 for 1 bar, 2/4 for 1 bar, 3/4 for 2 bars at 120 quarters a minute,"
        " 2 tempo changes between 100 and 150",
    ]
    assert found.as_dict() == {
        "tracks_left_out": [{"track": 3, "name": "Bass", "num_notes": 2}],
        "notes_transposed": 0,
        "metres": ["4/4", "2/4", "3/4"],
        "metre_runs": [{"metre": "4/4", "bars": 1}, {"metre": "2/4", "bars": 1}, {"metre": "3/4", "bars": 2}],
        "quarters_per_minute": 120,
        "lowest_quarters_per_minute": 100,
        "highest_quarters_per_minute": 150,
        "tempo_changes": 2,
    }


def test_an_orchestra_is_not_listed_to_the_last_desk():
    """Eight tracks are named, the others counted."""
    desks = tuple(Track((Note(0, 480, 60, 80),), name=f"Desk {number}") for number in range(1, 13))
    told = find_in(Score(desks, end_tick=1920), bars_of(Score(desks, end_tick=1920)), [0]).lines()[0]

    assert told.endswith('track 9, "Desk 9" (1 note), and 3 more tracks')


@pytest.mark.parametrize("command", ["interpolate", "reconstruct", "vary", "examine"])
def test_every_command_reports_every_input(tmp_path, command):
    """The same facts from each: tracks, bars, losses, metre, tempo, and how well the model knows the clip."""
    model = echo_model(tmp_path)
    made = {
        "interpolate": lambda: model.interpolate(TRIO, TRIO, steps=2).report.inputs,
        "reconstruct": lambda: [model.reconstruct(TRIO).report.input],
        "vary": lambda: [model.vary(TRIO, 1).report.input],
        "examine": lambda: [model.examine(TRIO)],
    }
    for report in made[command]():
        told = json.loads(json.dumps(report.as_dict()))
        assert [one["name"] for one in told["tracks_left_out"]] == ["Walking Bass", "Drums"]
        assert told["bars"] == {
            "first": 1,
            "last": 16,
            "num_bars": 16,
            "notes_begun_before": 0,
            "notes_cut": 0,
            "notes_early": 0,
        }
        assert told["encode"]["track"].startswith('track 1 of 3, "When the Saints"')
        assert {"num_moved", "num_dropped", "num_merged", "num_cut"} <= set(told["encode"]["snap"])
        assert (told["metres"], round(told["quarters_per_minute"]), told["notes_transposed"]) == (
            ["4/4"],
            176,
            0,
        )
        assert told["reconstruction"]["bars_exact"] == 1
        assert len(report.lines()) >= 6


def test_a_lone_tune_has_nothing_left_out():
    """Then nothing is said of it."""
    score = tune(60, 62)

    assert find_in(score, bars_of(score), [0]).lines() == ["4/4 at 120 quarters a minute"]
