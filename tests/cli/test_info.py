import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.cli.making import CLIPS, seqvae
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
