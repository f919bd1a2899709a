"""The script that listens to a walk in numbers."""

import re

import pytest

from scripts.check_walk import Row, bar_line_faults, check_monotone, check_moving, main
from tests.latent.making import CLIPS, save_debug_model, tune

C, D, E = tune(60, 62), tune(62, 64), tune(64, 65)


def rows(end: int, *metres: tuple[int, int, int], last: int = 0) -> list[Row]:
    """Make up the events of a file of two tracks at 480 ticks a quarter; a metre is (tick, 6, 3) for 6/8."""
    signs = [Row(1, tick, "Time_signature", [str(beats), str(power)]) for tick, beats, power in metres]
    header = Row(0, 0, "Header", ["1", "2", "480"])
    return [header, *signs, Row(2, last, "Note_off_c", []), *(Row(t, end, "End_track", []) for t in (1, 2))]


@pytest.mark.parametrize(
    ("scores", "passed"),
    [
        pytest.param([C, D, E], True, id="moving"),
        pytest.param([C, C, E, E], True, id="equal to one neighbour"),
        pytest.param([C, D, D, D, E], False, id="stuck"),
        pytest.param([C, C, C], True, id="ends alike"),
    ],
)
def test_step_equal_to_both_neighbours_is_found(scores, passed):
    """A walk may rest once, not twice, unless there is nowhere to go."""
    assert check_moving(scores).passed is passed


def test_turning_back_is_found():
    """The first and the worst step are named, equal distances are no fault."""
    assert check_monotone("", [0.0, 0.2, 0.2, 0.5]).passed
    assert check_monotone("", [0.0, 0.2, 0.1, 0.5]).found == "turns back at step 3 by 0.100"


@pytest.mark.parametrize(
    ("events", "faults"),
    [
        pytest.param(rows(3840, (0, 4, 2), last=3840), [], id="4/4"),
        pytest.param(rows(3360, (0, 4, 2), (1920, 6, 3)), [], id="4/4 then 6/8"),
        pytest.param(rows(3000, (0, 4, 2)), ["tick 3000 is on no bar line"], id="end inside a bar"),
        pytest.param(rows(1920, (0, 4, 2), last=1921), ["events after the end"], id="late note"),
    ],
)
def test_events_outside_the_bar_lines_are_found(events, faults):
    """Bars are counted from the metres in the file."""
    assert bar_line_faults(events) == faults


def test_walk_is_tabulated_and_judged(tmp_path, capsys):
    """A row for each step and one for each check; the exit status is 1 only where one failed."""
    tunes = [str(CLIPS / name) for name in ("twinkle.mid", "frere-jacques.mid")]
    with pytest.raises(SystemExit) as ended:
        main([*tunes, "--steps", "3", "--model", str(save_debug_model(tmp_path / "model"))])
    lines = capsys.readouterr().out.splitlines()

    assert [re.sub(r"[\d.]+%", "%", line.split(" | ")[0]) for line in lines[2:5]] == [
        "| 1 twinkle",
        "| 2 % frere-jacques",
        "| 3 frere-jacques",
    ]
    assert len(lines) == 2 + 3 + 1 + 2 + 5
    assert ended.value.code == ("FAILED" in "".join(lines))


def test_broken_file_ends_in_one_line(tmp_path):
    """What seqvae says of a file that it cannot read is all there is."""
    (tmp_path / "empty.mid").write_bytes(b"")

    with pytest.raises(SystemExit, match=r"empty\.mid"):
        main([str(tmp_path / "empty.mid"), str(CLIPS / "twinkle.mid")])
