import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from seqvae.cli import cli
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from tests.dataset.making import write_corpus

SHORT = (
    "--preset",
    "debug",
    "--steps",
    "6",
    "--threads",
    "1",
    "--device",
    "cpu",
    "--set",
    "train.log_every=2",
)


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> Path:
    """Shards of four random tunes."""
    folder = tmp_path_factory.mktemp("data")
    prepare_corpus([write_corpus(folder / "tunes", num_tunes=4)], folder / "shards", PrepareSettings())
    return folder / "shards"


def train(*arguments: object):
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["train", *map(str, arguments)])


def test_train_writes_a_model_and_says_what_it_is_worth(shards, tmp_path):
    """Results go to stdout, the rest to stderr in plain lines."""
    result = train(shards, "-o", tmp_path / "run", "--seed", 3, *SHORT)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == f"model of step 6: {tmp_path / 'run' / 'model'}"
    assert "step 4/6  loss" in result.stderr
    assert "\x1b" not in result.stderr
    assert json.loads((tmp_path / "run" / "config.json").read_text())["preset"]["train"]["seed"] == 3
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


def test_resume_knows_the_preset(shards, tmp_path):
    """Neither the preset nor its changes have to be given again; giving others is refused."""
    train(shards, "-o", tmp_path / "run", *SHORT)

    result = train(shards, "-o", tmp_path / "run", "--resume")
    changed = train(shards, "-o", tmp_path / "run", "--resume", "--steps", 9)

    assert result.exit_code == 0, result.output
    assert "going on after step 6" in result.stderr
    assert changed.exit_code == 1
    assert "train.num_steps was 6 and is now 9" in changed.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "seqvae: no preset given; choose one with --preset: autoencoder, debug"),
        (("--preset", "dbug"), "seqvae: unknown preset 'dbug'; choose from autoencoder, debug"),
        (("--resume",), "no run to resume"),
        (("--preset", "debug", "--set", "model.bars=3"), "2 bars in a window, but the preset is made for 3"),
    ],
    ids=["no preset", "unknown preset", "nothing to resume", "other bars"],
)
def test_what_cannot_begin_ends_in_one_line(shards, tmp_path, arguments, message):
    """Exit code 1 and one line that says what to mend."""
    result = train(shards, "-o", tmp_path / "run", *arguments)

    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_altered_ids_are_told_in_one_line(shards, tmp_path):
    """Ids of the right shape that nobody prepared never reach the model."""
    altered = shutil.copytree(shards, tmp_path / "shards")
    ids = np.load(altered / "train.ids.npy")
    np.save(altered / "train.ids.npy", ids + np.int16(5000))

    result = train(altered, "-o", tmp_path / "run", *SHORT)

    assert result.exit_code == 1
    assert result.stderr.endswith(
        "train.ids.npy: the content is not what was prepared; prepare the corpus again\n"
    )
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_negative_threads_are_wrong_usage(shards, tmp_path):
    """A count of threads outside the range is told before anything is written."""
    result = train(shards, "-o", tmp_path / "run", *SHORT, "--threads", -1)

    assert result.exit_code == 2
    assert "Invalid value for '--threads': -1 is not in the range" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_ends(shards, tmp_path, number, code):
    """Ctrl-C and SIGTERM end a run cleanly, and it can be resumed."""
    command = [sys.executable, "-m", "seqvae", "train", shards, "-o", tmp_path / "run", "--threads", "1"]
    command += ["--preset", "debug", "--steps", "100000", "--set", "train.log_every=1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("step 3/"):
                process.send_signal(number)
                break
        out, _ = process.communicate(timeout=60)

    assert process.returncode == code
    assert "go on with --resume" in out
    step = int(out.split("stopped at step ")[1].split()[0])
    assert (tmp_path / "run" / "states" / f"step-{step:09d}" / "state.json").exists()
