import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model
from tests.midi.building import MIDDLE_C, smf


@pytest.mark.parametrize("is_stream", [False, True], ids=["file", "stream"])
def test_strict_refuses_what_breaks_the_standard(tmp_path, is_stream):
    """What is mended without --strict is refused with it, from a file and from standard input."""
    data = smf(MIDDLE_C)
    (tmp_path / "a.mid").write_bytes(data)
    what = ("info", "-" if is_stream else tmp_path / "a.mid")

    mended, refused = seqvae(*what, stdin=data), seqvae(*what, "--strict", stdin=data)

    assert "mended, tracks without an end mark" in mended.stdout
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert (
        "breaks the standard (1 track without an end mark); without --strict it is mended" in refused.stderr
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are allowed on Linux alone")
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
def test_names_that_are_no_text_are_told(tmp_path, options):
    """A file name in no encoding is shown as far as it can be, even where stdout is strict."""
    name = os.fsencode(tmp_path) + b"/x\xff\x1b[2J.mid"
    shutil.copyfile(os.fsencode(CLIPS / "twinkle.mid"), name)
    command = [sys.executable, "-m", "seqvae", "info", name, *options]

    done = subprocess.run(
        command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"}, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert "x " in (json.loads(done.stdout)["file"] if options else done.stdout.decode())


def test_bars_and_fit_are_told(tmp_path):
    """Some bars of a song, and how well a model knows them, in words and for programs."""
    model = save_debug_model(tmp_path / "model")
    command = ("info", CLIPS / "ode-to-joy-trio.mid", "--bars", "3-6", "--model", model, "--track", "Bass")
    words, told = seqvae(*command).stdout, json.loads(seqvae(*command, "--json").stdout)

    assert "bars 3 to 6 of" in words
    assert "the model gives back" in words
    assert (told["bars"], told["fit"]["bars"]["first"], told["fit"]["fit"]["own_bars"]) == (4, 3, 4)
    assert "asked for" in told["fit"]["encode"]["track"]


def test_what_says_nothing_is_left_aside(tmp_path):
    """A track is for a model, bars are for a song."""
    model = save_debug_model(tmp_path / "model")

    assert (
        "--track says nothing without --model" in seqvae("info", CLIPS / "twinkle.mid", "--track", 1).stderr
    )
    assert "--bars says nothing for a model" in seqvae("info", model, "--bars", "1").stderr


@pytest.mark.parametrize("bars", ["7", "x"])
def test_bars_that_are_not_there_are_one_line(bars):
    """Beyond the end, or no bars at all."""
    result = seqvae("info", CLIPS / "twinkle.mid", "--bars", bars)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
