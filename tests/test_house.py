"""What holds for the project as a whole: its names, its cost, its layers, its files."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import seqvae

ROOT = Path(__file__).parent.parent
CONSTRAINTS = [
    line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")
]
MACHINE_PATHS = re.compile(r"(?<![\w.~$}/-])/(?:work|home|root|opt|Users|mnt|tmp)\b")


def tracked_files() -> list[str]:
    """List what git tracks; an unpacked archive has no git and is not searched."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def homes() -> dict[str, str]:
    """Read which module each public name comes from."""
    return dict(seqvae._HOMES)


@pytest.mark.parametrize("name", sorted(homes()))
def test_public_name_resolves(name):
    """Every public name is found in the module the table sends it to."""
    if find_spec(homes()[name]) is None:
        pytest.skip(f"{homes()[name]} is not written yet")

    assert getattr(seqvae, name) is getattr(sys.modules[homes()[name]], name)


def test_type_checkers_see_the_same_names():
    """The imports for type checkers repeat the table of lazy imports."""
    tree = ast.parse((ROOT / "seqvae/__init__.py").read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {node.names[0].name: node.module for node in guarded.body if isinstance(node, ast.ImportFrom)}

    assert seen == {name: home for name, home in homes().items() if find_spec(home) is not None}


def test_unknown_name_is_an_attribute_error():
    """A misspelt name fails like that of any module."""
    with pytest.raises(AttributeError, match="module 'seqvae' has no attribute 'lode'"):
        seqvae.lode  # noqa: B018  # the attribute access is the test


def test_import_is_cheap():
    """`import seqvae` imports neither torch nor numpy."""
    code = "import sys, seqvae; print({'torch', 'numpy', 'mido'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "set()\n"


def test_layers_hold(monkeypatch):
    """No room imports one above it, and torch, click and the MIDI libraries stay in theirs."""
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == 0


@pytest.mark.parametrize("line", CONSTRAINTS)
def test_constraint_is_one_exact_public_version(line):
    """Constraints name a package and a version, no place and no local build."""
    assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line)


def test_every_dependency_is_constrained():
    """What pyproject.toml asks for has its exact version in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[><=]", item)[0] for item in project["dependencies"]}
    wanted |= {re.split(r"[><=]", item)[0] for item in project["optional-dependencies"]["dev"]}

    assert wanted <= {line.split("==")[0] for line in CONSTRAINTS}


def test_no_paths_of_one_machine():
    """No tracked text names a folder that exists on one machine only."""
    found = []
    for name in tracked_files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            lines = content.decode(errors="replace").splitlines()
            found += [f"{name}:{i}: {line}" for i, line in enumerate(lines, 1) if MACHINE_PATHS.search(line)]

    assert found == []
