"""The script that times prepare."""

import pytest

from scripts.bench_prepare import OURS, READERS, Run, main, make_tunes, print_workers
from seqvae.midi.read import read_score


def test_every_table_has_its_rows(capsys):
    """Readers, sizes and workers stand in three tables, ours first and at its own speed."""
    main(["--files", "12", "--sizes", "12", "--workers", "1"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    names = [row[0].removeprefix("| ") for row in rows]

    assert set(READERS) <= set(names)
    assert rows[names.index(OURS)][2] == "1.00 |"
    assert len(rows[names.index("12")]) == 4


def test_speed_up_is_to_the_first_row(capsys):
    """Half the time is twice the speed; work in the first process is what more workers cannot share."""
    print_workers([(1, Run(9, 10.0, 8.0, 0.0, 50.0, 0.0)), (2, Run(9, 5.0, 1.0, 9.0, 50.0, 60.0))])

    assert capsys.readouterr().out.splitlines()[1] == "| 2 | 5.0 | 2.00 | 10.0 | 10.0% |"


def test_tunes_differ_but_for_every_tenth(tmp_path):
    """The tenth tune is the ninth in another key, so that there is something to group."""
    paths = sorted(make_tunes(tmp_path / "tunes", 11).rglob("*.mid"))
    pitches = [[note.pitch for note in read_score(path).tracks[0].notes] for path in paths]

    assert len(paths) == 11
    assert {one - other for one, other in zip(pitches[8], pitches[9], strict=True)} == {-1}
    assert len({tuple(p - notes[0] for p in notes) for notes in pitches}) == 10


@pytest.mark.parametrize("sizes", ["100001"])
def test_more_files_than_are_meant_are_refused(sizes):
    """The script fills no disk by a slip of the hand."""
    with pytest.raises(SystemExit):
        main(["--sizes", sizes])
