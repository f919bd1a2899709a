"""The README's examples run: each `$ seqvae` line and each Python block, in order, beside a copy of data/."""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqvae.cli import COMMANDS, cli
from seqvae.pretrained import bundled_models

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BUNDLED = {"melody-2bar", "melody-16bar", "text-en", "drums-2bar", "drums-16bar", "trio-16bar"}
MAKES_MUSIC = re.compile(
    r"^seqvae (interpolate|sample|reconstruct|vary|grid) (?!.*--model (?:text-)?run)|melody-"
)
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


def tree() -> list[str]:
    """List the paths in the README's tree, which tells folders by indentation."""
    block = README.partition("\n    seqvae/\n")[2].partition("\n\n")[0]
    paths, parents = [], ["seqvae/"]
    for line in block.splitlines():
        indent, name = re.match(r" {4}((?:  )*)(\S+)", line).groups()
        parents = [*parents[: len(indent) // 2], name]
        paths.append("".join(parents))
    return paths


def rooms() -> set[str]:
    """Find what the tree may not omit: folders and modules of the package, and scripts."""
    found = {*ROOT.glob("seqvae/*"), *ROOT.glob("scripts/*.*")}
    kept = [path for path in found if path.is_dir() or path.suffix in {".py", ".sh"}]
    named = {f"{path.relative_to(ROOT)}{'/' * path.is_dir()}" for path in kept}
    return {name for name in named if "__" not in name}


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


@pytest.mark.parametrize("path", tree())
def test_what_the_tree_shows_is_there(path):
    """The tree of the house lists no file that is gone."""
    assert (ROOT / path).exists()


def test_tree_omits_no_room():
    """Every room of the package and every script has its line."""
    assert rooms() - set(tree()) == set()


def test_layers_are_those_that_are_checked():
    """The README's line of layers is the one that import-linter holds to."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = " > ".join(contracts[0]["layers"]).replace("(", "").replace(")", "")

    assert f"\n    {layers}\n" in README
