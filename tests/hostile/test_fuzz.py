"""The fuzz script counts what becomes of files, and notices what must not happen."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import fuzz_midi

ROOT = Path(__file__).parent.parent.parent


def test_a_short_run_finds_nothing(tmp_path):
    """The named files, the clips and a few mutations end without a finding."""
    command = [sys.executable, ROOT / "scripts/fuzz_midi.py", "--files", "100", "--keep", tmp_path / "keep"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(r"\n1\d\d files, seed 0, \d+ s: 0 findings", result.stdout)
    assert not (tmp_path / "keep").exists()


@pytest.mark.parametrize("error", [ZeroDivisionError, MemoryError, RecursionError], ids=lambda e: e.__name__)
def test_whatever_else_is_raised_is_a_finding(error, monkeypatch):
    """Only a SeqvaeError may come out of the reader."""

    def fail(_: bytes) -> None:
        raise error

    monkeypatch.setattr(fuzz_midi, "read_score", fail)

    assert fuzz_midi.outcome_of(b"").startswith(f"FOUND: {error.__name__}")


def test_the_same_number_gives_the_same_file():
    """A finding can be made again from seed and number."""
    first, second = (list(fuzz_midi.cases(20, 3))[-1] for _ in range(2))

    assert first == second
    assert first != list(fuzz_midi.cases(20, 4))[-1]
