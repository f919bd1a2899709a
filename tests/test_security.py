"""Promises of SECURITY.md for the package as a whole: no code from data, no network, no stray files."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqvae.export.stems import split_stems
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.write import score_to_bytes
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("seqvae/**/*.py"), *ROOT.glob("scripts/*.py")])

# What turns bytes into code, by its full name; a module stands for all that is in it.
EXECUTES = {
    "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle",
    "torch.load", "torch.serialization", "torch.jit", "torch.hub", "torch.package", "torch.save",
    "pandas.read_pickle", "yaml", "eval", "exec", "compile", "__import__", "os.system", "os.popen", "code",
    "runpy", "builtins", "__builtins__", "sys.modules", "operator.attrgetter", "operator.methodcaller",
    "subprocess.getoutput", "subprocess.getstatusoutput", "os.execv", "os.execve", "os.execl", "os.execvp",
    "os.spawnv", "os.spawnl", "os.posix_spawn", "pty", "ctypes", "cffi", "importlib.util",
    "importlib.machinery", "imp", "numpy.lib.npyio",
}  # fmt: skip
# What opens connections.
CONNECTS = {
    "socket", "ssl", "http", "urllib", "urllib3", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib",
    "xmlrpc", "socketserver", "webbrowser", "requests", "httpx", "aiohttp", "websockets", "huggingface_hub",
    "torch.hub", "fsspec", "distributed", "dask",
}  # fmt: skip
# Commands that say so connect: the page of `seqvae web`, and a cluster that the user names.
MAY_CONNECT = re.compile(r"seqvae/(web/|cli/web\.py|dataset/(cluster|engines?|dask|remote)\w*\.py)")


def full_names(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a module imports and uses, by full name: `getattr(np, "load")` is `numpy.load`."""
    homes: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                homes[name.asname or name.name.split(".")[0]] = (
                    name.name if name.asname else name.name.split(".")[0]
                )
                yield name.name, node
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                homes[name.asname or name.name] = f"{node.module}.{name.name}"
                yield f"{node.module}.{name.name}", node
    for node in ast.walk(tree):
        name = name_of(node, homes)
        if name:
            yield name, node


def name_of(node: ast.AST, homes: Mapping[str, str]) -> str:
    """Return the full name of what an expression stands for, or nothing."""
    if isinstance(node, ast.Name):
        return homes.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        head = name_of(node.value, homes)
        return f"{head}.{node.attr}" if head else ""
    if isinstance(node, ast.Call) and called(node) == "getattr" and isinstance(node.args[1], ast.Constant):
        return f"{name_of(node.args[0], homes)}.{node.args[1].value}"
    return ""


def called(node: ast.Call) -> str:
    """Return the plain name that is called, or nothing."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def found_in(source: str, banned: set[str]) -> set[str]:
    """Return which of the banned names a module uses."""
    names = {name for name, _ in full_names(ast.parse(source))}
    return {ban for ban in banned for name in names if name == ban or name.startswith(f"{ban}.")}


OWN_MODULES = ("f'seqvae.", "_HOMES[")  # what may be imported by a name that is computed


def risky_calls(source: str) -> list[str]:
    """Return the calls that would unpickle an array, import by name or hand a line to a shell."""
    tree = ast.parse(source)
    names = {id(node): name for name, node in full_names(tree)}
    risky = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            name = names.get(id(node.func), "")
            unpickles = name == "numpy.load" and keywords.get("allow_pickle") != "False"
            hides = None in keywords and name.startswith("subprocess.")  # **options
            if (
                unpickles
                or hides
                or (name in BY_NAME and not ast.unparse(node).partition("(")[2].startswith(OWN_MODULES))
                or keywords.get("shell", "False") != "False"
                or keywords.get("allow_pickle") == "True"
            ):
                risky.append(ast.unparse(node))
    return risky


BY_NAME = {"importlib.import_module"}
ONLY_CALLED = {"numpy.load", *BY_NAME}  # so that the test above sees what they are given
LOOKS_UP = {"getattr", "vars", "globals", "locals"}


def loose_ends(source: str) -> list[str]:
    """Return what hands a module on to where these tests do not follow it: under another name, or by a name.

    An imported module is only ever used with a dot behind it; `hasattr(module, ...)` may be asked.
    """
    tree = ast.parse(source)
    names = {id(node): name for name, node in full_names(tree)}
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    imported = {name.asname or name.name.split(".")[0] for node in imports for name in node.names}
    modules = {
        name.asname or name.name.split(".")[0]
        for node in imports
        if isinstance(node, ast.Import)
        for name in node.names
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    dotted = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    asked = {id(call.args[0]) for call in calls if called(call) in {"hasattr", "getattr"} and call.args}
    functions = {id(call.func) for call in calls}
    loose: list[ast.AST] = [node for node in imports if any(name.name == "*" for name in node.names)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            is_loose_module = node.id in modules and id(node) not in dotted | asked
            if is_loose_module or (node.id in LOOKS_UP and id(node) not in functions):
                loose.append(node)
        if names.get(id(node)) in ONLY_CALLED and not isinstance(node, ast.ImportFrom):
            loose += [node] * (id(node) not in functions)
        if isinstance(node, ast.Attribute) and node.attr == "__dict__" and root_of(node) in imported:
            loose.append(node)
        if isinstance(node, ast.Call) and called(node) in LOOKS_UP and node.args:
            is_open = called(node) != "getattr" or not isinstance(node.args[1], ast.Constant)
            if is_open and root_of(node.args[0]) in imported:
                loose.append(node)
    return [ast.unparse(node) for node in loose]


def root_of(node: ast.AST) -> str:
    """Return the first name of a dotted one, or nothing."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_turns_data_into_code(path):
    """No module or script unpickles, evaluates or hands a line to a shell."""
    source = path.read_text(encoding="utf-8")

    assert found_in(source, EXECUTES) == set()
    assert risky_calls(source) == []
    assert loose_ends(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from torch import load",
        "import torch as t\nt.load('a')",
        "import torch\ntorch.hub.load('a', 'b')",
        "import yaml\nyaml.load(x)",
        "eval('1')",
        "import numpy as np\nnp.load('a.npy')",
        "import numpy\nnumpy.load('a.npy', allow_pickle=True)",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import os\nos.system('ls')",
        "import torch.serialization\ntorch.serialization.load('a', weights_only=False)",
        "from importlib import import_module\nimport_module('pickle').loads(b'')",
        "import importlib\nimportlib.import_module(name)",
        "import importlib\nimportlib.import_module(name='pickle')",
        "import importlib\nf = importlib.import_module\nf('pickle')",
        "import torch\nt = torch\nt.load('a')",
        "import torch\nf: object = torch.load\nf('a')",
        "import torch\nif (f := torch.load):\n    f('a')",
        "import torch\na = b = torch\nc = b\nc.load('a')",
        "import torch\ngetattr(torch, 'load')('a')",
        "import torch\nt = torch\nf = getattr(t, 'load')\nf('a')",
        "import torch\ngetattr(torch, name)('a')",
        "import torch as t\ngetattr(t, name)('a')",
        "import os\nrun = getattr(os, 'sys' + 'tem')\nrun('ls')",
        "e = eval\ne('1')",
        "import builtins\nbuiltins.eval('1')",
        "__builtins__['eval']('1')",
        "import sys\nsys.modules['pickle'].loads(b'')",
        "from numpy import load\nload('a.npy')",
        "from torch import *\nload('a')",
        "import torch\na, b = torch, 1\na.load('a')",
        "import torch\nfor t in [torch]:\n    t.load('a')",
        "import torch\ndef f(t=torch):\n    t.load('a')",
        "import torch\nt = torch if x else None\nt.load('a')",
        "import re, torch\nm = re\nm = torch\nm.load('a')",
        "import torch\nself.t = torch\nself.t.load('a')",
        "import torch\nd = {'t': torch}\nd['t'].load('a')",
        "import torch\nvars(torch)['load']('a')",
        "import torch\ntorch.__dict__['load']('a')",
        "import torch\nfrom operator import attrgetter\nattrgetter('load')(torch)",
        "import torch\ng = getattr\ng(torch, 'load')('a')",
        "from torch import nn\ngetattr(nn, name)('a')",
        "import subprocess\nsubprocess.run('ls', **{'shell': True})",
        "import subprocess\nsubprocess.getoutput('ls')",
        "import os\nos.execv('ls', [])",
        "from importlib.util import spec_from_file_location",
        "import numpy as np\nnp.load('a.npy', **options)",
        "globals()['eval']('1')\nx = globals",
        "import numpy as np\nread = np.load\nread('a.npy')",
    ],
)
def test_what_would_turn_data_into_code_is_seen(source):
    """The test above is not blind."""
    assert found_in(source, EXECUTES) or risky_calls(source) or loose_ends(source)


def test_what_is_harmless_passes():
    """Methods of these names and safe calls are no finding."""
    source = "import re\nimport numpy as np\nmodel.eval()\nre.compile('a')\nnp.load('a', allow_pickle=False)"
    source += "\npattern = re.compile\npattern('a')\ngetattr(self, name)"
    source += "\nimport os\nhasattr(os, 'fork')\ngetattr(os, 'name')\nvars(self)\nrun(**options)"

    assert (found_in(source, EXECUTES), risky_calls(source), loose_ends(source)) == (set(), [], [])


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if not MAY_CONNECT.match(path.relative_to(ROOT).as_posix())],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_knows_the_network(path):
    """No module imports what opens connections, but for commands that say so."""
    assert found_in(path.read_text(encoding="utf-8"), CONNECTS) == set()


CONNECTIONS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"}
_watched: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _watched is not None and event in CONNECTIONS:
        _watched.append(f"{event} {arguments[1:]}")
        raise PermissionError("no network")


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Refuse every connection of this process and list the attempts; audit hooks see those of C code, too."""
    global _watched  # noqa: PLW0603  # a hook cannot be taken back, so it is told when to look
    if "seqvae tests" not in sys.__dict__.setdefault("_audits", set()):
        sys.addaudithook(_watch)
        sys.__dict__["_audits"].add("seqvae tests")
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save the smallest model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> Path:
    """Prepare the sample clips."""
    out = tmp_path_factory.mktemp("shards") / "out"
    assert seqvae("prepare", CLIPS, "-o", out).exit_code == 0
    return out


SONGS = (CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid")
WRITING = {  # NAME -> arguments of a command that writes a folder
    "interpolate": lambda model, _: ["interpolate", *SONGS, "--steps", 3, "--model", model],
    "sample": lambda model, _: ["sample", "-n", 2, "--model", model],
    "reconstruct": lambda model, _: ["reconstruct", SONGS[0], "--model", model],
    "vary": lambda model, _: ["vary", SONGS[0], "-n", 2, "--model", model],
    "grid": lambda model, _: ["grid", *SONGS, *SONGS, "--size", 2, "--model", model],
    "accompany": lambda *_: ["accompany", SONGS[0], "-n", 1],
    "prepare": lambda *_: ["prepare", CLIPS],
    "train": lambda _, shards: ["train", shards, "--preset", "debug", "--steps", 2, "--threads", 1],
}
TELLING = {
    "info of a file": lambda *_: ["info", SONGS[0]],
    "info of a model": lambda model, _: ["info", model],
}


@pytest.mark.parametrize("command", TELLING.values(), ids=TELLING)
def test_commands_that_tell_do_without_the_network(command, model, shards):
    """Each does its work while every connection is refused, and tries none."""
    with no_network() as attempts:
        result = seqvae(*command(model, shards))

    assert (result.exit_code, attempts) == (0, []), result.stderr


def test_a_connection_would_be_seen():
    """The test above is not blind."""
    import socket

    with no_network() as attempts, pytest.raises(PermissionError):
        socket.create_connection(("127.0.0.1", 9))
    assert attempts


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", WRITING)
def test_commands_write_into_their_folder_alone_and_once_and_offline(
    name, model, shards, tmp_path, monkeypatch
):
    """All that is new lies in the folder, and without --force a second run changes nothing there.

    They do so while every connection is refused, and try none.
    """
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = [*WRITING[name](model, shards), "-o", "out"]
    before = {
        path.parent: snapshot(path.parent) for path in (model / "config.json", shards / "manifest.json")
    }

    with no_network() as attempts:
        assert seqvae(*arguments).exit_code == 0
    assert attempts == []
    written = snapshot(tmp_path)
    assert written
    assert {Path(path).parts[:2] for path in written} == {("here", "out")}
    assert {folder: snapshot(folder) for folder in before} == before

    again = seqvae(*arguments)
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1), again.stderr
    assert "--force" in again.stderr
    assert snapshot(tmp_path) == written


FILES = {  # NAME -> arguments of a command that writes one file
    "humanize": ["humanize", CLIPS / "pocket-groove.mid", "--quantize"],
    "sentences": ["sample", "-n", 2, "--model", "text-en"],
    "encode": ["encode", "The rain stopped.", "--model", "text-en"],
    "decode": ["decode", "z.json", "--model", "text-en"],
}


@pytest.mark.parametrize("arguments", FILES.values(), ids=FILES)
def test_commands_write_their_file_alone_and_once_and_offline(arguments, tmp_path, monkeypatch):
    """What is new is the file of -o; without --force a second run leaves it as it is, and says so."""
    monkeypatch.chdir(tmp_path)
    if "z.json" in arguments:
        assert seqvae("encode", "The rain stopped.", "--model", "text-en", "-o", "z.json").exit_code == 0
    before = snapshot(tmp_path)

    with no_network() as attempts:
        result = seqvae(*arguments, "-o", "out.json")
    assert (result.exit_code, attempts) == (0, []), result.stderr
    written = snapshot(tmp_path)
    assert set(written) - set(before) == {"out.json"}
    assert {name: written[name] for name in before} == before

    again = seqvae(*arguments, "-o", "out.json")
    assert again.exit_code == 1, again.stderr
    assert "--force" in again.stderr
    assert snapshot(tmp_path) == written


HOSTILE_NAMES = ["../../escaped", "/a\\b\x1b[2J\x07", "x" * 5000 + "\u202egnp.exe"]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name[:12]))
def test_names_inside_songs_name_no_files(name, model, tmp_path):
    """Whatever the tracks and markers of a song are called, the files have the names that seqvae gives."""
    notes = tuple(Note(start, start + 240, 60 + start // 240, 80) for start in range(0, 1920, 240))
    song = tmp_path / "in" / "song.mid"
    song.parent.mkdir()
    song.write_bytes(score_to_bytes(Score((Track(notes, name),), end_tick=1920, markers=((0, name),))))

    result = seqvae("interpolate", song, song, "--steps", 2, "--model", model, "-o", tmp_path / "in" / "out")

    assert result.exit_code == 0, result.stderr
    assert all(character.isprintable() or character == "\n" for character in result.stderr)
    assert sorted(snapshot(tmp_path)) == sorted(
        f"in/{name}"
        for name in [
            "song.mid",
            *(f"out/{name}" for name in ["arrangement.mid", "report.json", "step-01.mid", "step-02.mid"]),
        ]
    )


@pytest.mark.parametrize(
    "name", [*HOSTILE_NAMES, "..", "\U0001d7d9" * 100], ids=lambda name: ascii(name[:12])
)
def test_stems_have_names_of_files(name):
    """The file of an instrument is named after its track as far as a file may be."""
    track = Track((Note(0, 480, 60, 80),), name)
    (stem,) = split_stems(Score((track,), end_tick=1920))

    assert re.fullmatch(r"stem-01(-[\w-]+)?", stem)
    assert len(f"{stem}.mid".encode()) < 255


def test_force_replaces_a_link_and_not_what_it_leads_to(model, tmp_path):
    """A link in the folder that leads out of it is replaced by the file."""
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "step-01.mid").symlink_to(tmp_path / "precious")

    result = seqvae("interpolate", *SONGS, "--steps", 2, "--model", model, "-o", tmp_path / "out", "--force")

    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "out" / "step-01.mid").is_symlink()


@pytest.mark.parametrize("listed", ["../precious.mid", "/precious.mid", "..", "notes.txt"])
def test_a_report_from_elsewhere_removes_nothing_else(listed, model, tmp_path):
    """What report.json lists is removed only if it could be a result in the folder itself."""
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious.mid").write_text("mine")
    (out / "notes.txt").write_text("mine")
    (out / "report.json").write_text(f'{{"files": ["{listed}"]}}')

    result = seqvae("sample", "-n", 1, "--model", model, "-o", out, "--force")

    assert result.exit_code == 0, result.stderr
    assert ((tmp_path / "precious.mid").read_text(), (out / "notes.txt").read_text()) == ("mine", "mine")


def test_each_promise_names_tests_that_are_there():
    """SECURITY.md names a test for each promise, and every test it names exists."""
    promises = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promises)
    rows = [line for line in promises.splitlines() if line.startswith("| ") and "`tests/" in line]

    assert len(rows) >= 12
    assert [
        f"{path}::{test}"
        for path, test in named
        if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []
