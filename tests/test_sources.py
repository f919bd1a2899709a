"""Promises of SECURITY.md that the sources themselves keep: no code from data, no network."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

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
