import json

import pytest

from seqvae.errors import OutputError, TrainingError
from seqvae.training import folder
from seqvae.training.folder import (
    begin_run,
    clear_run,
    computing_changes,
    continue_run,
    locked,
    read_preset,
    sweep,
)
from tests.training.making import debug_preset

DATA = {"manifest_sha256": "ab"}
COMPUTING = {"device": "cpu", "threads": 1}


def test_a_folder_is_held_by_one_run(tmp_path):
    """A second run in the same folder is refused until the first lets go."""
    refused = pytest.raises(TrainingError, match="another process is training here")

    with locked(tmp_path / "run"), refused, locked(tmp_path / "run"):
        pass
    with locked(tmp_path / "run"):
        pass


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    """A place where nothing can be written is told in one line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="cannot be written in"), locked(tmp_path / "file" / "run"):
        pass


def test_a_run_is_not_replaced_unasked(tmp_path):
    """Where a run lies, a new one needs force."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    (tmp_path / "model").mkdir()

    with pytest.raises(OutputError, match="--resume or replace it with --force"):
        begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    begin_run(tmp_path, debug_preset("train.seed=3"), DATA, computing=COMPUTING, force=True)
    assert read_preset(tmp_path).train.seed == 3


@pytest.mark.parametrize(
    "name",
    [
        "thesis.tex",
        "model/thesis.tex",
        "states/thesis.tex",
        "states/step-000000001/thesis.tex",
        "states/step-notes",
    ],
)
def test_foreign_files_are_never_removed(tmp_path, name):
    """Force replaces a run; one that holds anything else is refused, and nothing of it is gone."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    for kept in ("model/model.safetensors", "states/step-000000001/state.json", name):
        (tmp_path / kept).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / kept).write_text("years of work")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(OutputError, match=rf"holds '{name}', which is no part of a run"):
        begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_of_something_else_is_not_even_locked(tmp_path):
    """A mistyped folder is left without a trace."""
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(OutputError, match=r"holds 'thesis\.tex'"), locked(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_clearing_removes_what_a_run_writes(tmp_path):
    """Config, metrics, states and model go."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    (tmp_path / "states" / "step-000000001").mkdir(parents=True)
    (tmp_path / "model").mkdir()

    clear_run(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_clearing_cut_short_can_be_begun_again(tmp_path, monkeypatch):
    """Until all else is gone the folder is known as that of a run, which --force replaces."""

    def killed(path, **options):
        raise KeyboardInterrupt

    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    (tmp_path / "states").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(folder.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            clear_run(tmp_path)

    begin_run(tmp_path, debug_preset("train.seed=3"), DATA, computing=COMPUTING, force=True)
    assert read_preset(tmp_path).train.seed == 3


def test_a_resumed_run_keeps_its_settings(tmp_path):
    """Every setting that differs is shown with both values."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    changed = debug_preset("train.batch_size=4", "objective.beta=0.5")

    continue_run(tmp_path, debug_preset(), DATA)
    with pytest.raises(TrainingError) as caught:
        continue_run(tmp_path, changed, {"manifest_sha256": "cd"})
    for change in (
        "train.batch_size was 8 and is now 4",
        "objective.beta was 0.1 and is now 0.5",
        "data.manifest_sha256 was 'ab' and is now 'cd'",
    ):
        assert change in str(caught.value)


def test_what_a_killed_process_left_is_swept_away(tmp_path):
    """Half-written files and folders go; whole ones, and those of others, stay."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    for name in ("states/step-000000004.new", "states/step-000000002", ".model.saving-x7f", "model"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "metrics.jsonl.new").write_text("{")
    (tmp_path / "chapter.new").write_text("mine")

    sweep(tmp_path)

    names = sorted(path.name for path in tmp_path.rglob("*"))
    assert names == ["chapter.new", "config.json", "model", "states", "step-000000002"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no run to resume, config.json is missing"),
        ("{", "cannot be read"),
        (json.dumps({"run_version": 1, "preset": {"model": {}}, "data": {}}), "cannot be read"),
        (json.dumps({"run_version": 9, "preset": debug_preset().to_dict(), "data": {}}), "version 9"),
    ],
    ids=["missing", "torn", "incomplete", "later version"],
)
def test_a_run_without_readable_settings_is_refused(tmp_path, text, message):
    """What cannot be resumed says why."""
    if text is not None:
        (tmp_path / "config.json").write_text(text)

    with pytest.raises(TrainingError, match=message):
        continue_run(tmp_path, debug_preset(), DATA)


def test_a_change_of_computing_is_told(tmp_path):
    """Threads and device change the last bits of sums: no error, but no exact continuation either."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)

    assert computing_changes(tmp_path, COMPUTING) == []
    assert computing_changes(tmp_path, {"device": "cuda", "threads": 2}) == [
        "device was cpu and is now cuda",
        "threads was 1 and is now 2",
    ]


def test_a_run_that_did_not_write_down_its_computing_is_not_compared(tmp_path):
    """Runs from before it was written down resume without a word."""
    begin_run(tmp_path, debug_preset(), DATA, computing={}, force=False)

    assert computing_changes(tmp_path, COMPUTING) == []


def test_a_run_older_than_a_setting_can_be_resumed(tmp_path):
    """What was not written down then was the default, and other values are a change."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    values = json.loads((tmp_path / "config.json").read_text())
    del values["preset"]["train"]["voice_dropout"]
    (tmp_path / "config.json").write_text(json.dumps(values))

    continue_run(tmp_path, debug_preset(), DATA)
    with pytest.raises(TrainingError, match=r"train\.voice_dropout was 0\.0 and is now 0\.5"):
        continue_run(tmp_path, debug_preset("train.voice_dropout=0.5"), DATA)


def test_a_run_that_saved_nothing_is_no_run_yet(tmp_path):
    """What ended before its first state was saved can be started again, and resuming says so."""
    begin_run(tmp_path, debug_preset(), {}, computing={}, force=False)
    begin_run(tmp_path, debug_preset(), {}, computing={}, force=False)
    (tmp_path / "states" / "step-00000000").mkdir(parents=True)

    with pytest.raises(OutputError, match="holds a run already"):
        begin_run(tmp_path, debug_preset(), {}, computing={}, force=False)


@pytest.mark.parametrize("content", ['{"mine": 1}', "[1]"])
def test_a_config_of_something_else_is_not_touched(tmp_path, content):
    """A config.json that is none of a run makes no run of its folder, forced or not."""
    (tmp_path / "config.json").write_text(content)

    for force in (False, True):
        with (
            pytest.raises(OutputError, match=r"holds 'config\.json', which is no part of a run"),
            locked(tmp_path),
        ):
            begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_an_unreadable_config_is_not_replaced_unasked(tmp_path):
    """It may be anybody's, or a run's that a disk has spoilt; nothing beside it goes, either."""
    (tmp_path / "config.json").write_text("{'a': 1,}  // keep me")
    (tmp_path / "metrics.jsonl").write_text("mine")

    with pytest.raises(OutputError, match="holds a run already"):
        begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    assert (tmp_path / "metrics.jsonl").read_text() == "mine"


def test_only_torn_states_are_swept_away(tmp_path):
    """What looks like one and holds something else, or is no folder, stays, and force is refused for it."""
    begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=False)
    states = tmp_path / "states"
    for name in ("step-mine.new/notes.txt", "step-000000007.new/notes.txt", "step-000000009.new/state.json"):
        (states / name).parent.mkdir(parents=True)
        (states / name).write_text("x")
    (states / "step-000000008").write_text("x")
    sweep(tmp_path)

    assert sorted(path.name for path in states.iterdir()) == [
        "step-000000007.new", "step-000000008", "step-mine.new",
    ]  # fmt: skip
    with pytest.raises(OutputError, match="which is no part of a run"):
        begin_run(tmp_path, debug_preset(), DATA, computing=COMPUTING, force=True)
    assert len(list(states.iterdir())) == 3
