import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.cli.making import CLIPS


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
