"""The README's examples run: each `$ seqvae` line and each Python block, in order, beside a copy of data/."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqvae.cli import COMMANDS, cli
from seqvae.pretrained import bundled_models

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BUNDLED = {"melody-2bar", "melody-16bar"}
MAKES_MUSIC = re.compile(r"^seqvae (interpolate|sample|reconstruct) (?!.*--model run)|melody-")
BLOCKS = re.findall(r"^```(console|python)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def examples() -> list[str]:
    """List the examples in the order of the page: command lines as they stand, Python as whole blocks."""
    found = []
    for language, text in BLOCKS:
        joined = text.replace("\\\n", " ")
        found += (
            [text] if language == "python" else re.findall(r"^\$ (seqvae .*)$", joined, flags=re.MULTILINE)
        )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Copy data/ to a folder that all examples share, as a reader's would."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data", folder / "data")
    return folder


@pytest.mark.parametrize(
    "example", [pytest.param(text, id=f"{i}: {text.split()[1]}") for i, text in enumerate(examples(), 1)]
)
def test_example_runs(example, folder, monkeypatch):
    """What the README shows works as it stands."""
    if MAKES_MUSIC.search(example) and not set(bundled_models()) >= BUNDLED:
        pytest.skip("the bundled models are not there yet")
    monkeypatch.chdir(folder)

    if not example.startswith("seqvae "):
        exec(compile(example, "README.md", "exec"), {})
        return
    result = CliRunner().invoke(cli, shlex.split(example, comments=True)[1:], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name):
    """Each command appears in the README with an example that runs."""
    assert any(example.startswith(f"seqvae {name} ") for example in examples())
