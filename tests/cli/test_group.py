"""The frame of the command line: help, errors, exit codes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import seqvae
from seqvae.cli import COMMANDS, cli
from seqvae.errors import MidiError


@pytest.fixture
def command_that(monkeypatch) -> Callable[[Callable[[], None]], list[str]]:
    """Install a command `trial` with the given body and return its arguments."""

    def install(body: Callable[[], None]) -> list[str]:
        module = ModuleType("seqvae.cli.trial")
        module.trial = click.command("trial")(body)
        monkeypatch.setitem(sys.modules, "seqvae.cli.trial", module)
        monkeypatch.setitem(COMMANDS, "trial", "Try.")
        return ["trial"]

    return install


def run_seqvae(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does."""
    command = [sys.executable, "-m", "seqvae", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def cpu_seconds(*arguments: str) -> float:
    """Measure the CPU time of one Python process, the least of three."""
    taken = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        taken.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return min(taken)


def first_sentence(command: click.Command) -> str:
    """Return the first paragraph of a command's help as one line."""
    return " ".join((command.help or "").split("\n\n")[0].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_table_agrees_with_the_command(name):
    """The list of commands says of each what its own help says first."""
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    assert (command.name, first_sentence(command)) == (name, COMMANDS[name])


def test_every_command_is_in_the_table():
    """A module of the command line that defines a command of its own name is listed."""
    names = sorted(path.stem for path in (Path(seqvae.__file__).parent / "cli").glob("[!_]*.py"))
    modules = {name: import_module(f"seqvae.cli.{name}") for name in names}

    commands = [name for name in names if isinstance(getattr(modules[name], name, None), click.Command)]
    assert commands == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name):
    """Each option explains itself."""
    command = cli.get_command(click.Context(cli), name)
    options = [option for option in command.params if isinstance(option, click.Option)]

    assert [option.name for option in options if not option.help] == []


def test_help_lists_every_command():
    """`seqvae --help` names each command with its sentence."""
    lines = CliRunner().invoke(cli, ["--help"]).stdout.splitlines()

    assert [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in COMMANDS] == list(
        COMMANDS
    )


def test_help_waits_for_no_library():
    """`seqvae --help` imports neither torch nor numpy."""
    code = (
        "import sys; from seqvae.cli import cli; cli.main(['--help'], standalone_mode=False); "
        "print({'torch', 'numpy', 'mido', 'rich'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.endswith("set()\n")


def test_help_is_quick():
    """`seqvae --help` takes under 0.2 s of CPU beyond the interpreter."""
    assert cpu_seconds("-m", "seqvae", "--help") - cpu_seconds("-c", "pass") < 0.2


def test_version():
    """`seqvae --version` is the package's own."""
    assert CliRunner().invoke(cli, ["--version"]).stdout == f"seqvae, version {seqvae.__version__}\n"


def test_error_is_one_line_and_exit_1(command_that):
    """What the user can mend is one line on stderr, without control characters."""

    def body() -> None:
        raise MidiError("a\x1b[31m.mid: no\nnotes")

    result = CliRunner().invoke(cli, command_that(body))

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "seqvae: a [31m.mid: no notes\n")


def test_interrupt_is_exit_130(command_that):
    """Ctrl-C ends a command with the code of a shell."""

    def body() -> None:
        raise KeyboardInterrupt

    result = CliRunner().invoke(cli, command_that(body))

    assert (result.exit_code, result.stderr) == (130, "seqvae: interrupted\n")


def test_a_bug_keeps_its_traceback(command_that):
    """What the user cannot mend is not dressed up as advice."""

    def body() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(cli, command_that(body)).exception, ZeroDivisionError)


def test_closed_pipe_is_quiet():
    """A reader that leaves early is no error to report."""
    command = f"{sys.executable} -m seqvae --help | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert (result.stdout, result.stderr) == ("", "")


@pytest.mark.parametrize("arguments", [["dance"], ["--tempo", "120"]], ids=["command", "option"])
def test_wrong_usage_is_exit_2(arguments):
    """Unknown commands and options are wrong usage."""
    result = run_seqvae(*arguments)

    assert result.returncode == 2
    assert "seqvae --help" in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_are_told_once(name):
    """No option tells its default in words and again as a value."""
    help_text = " ".join(CliRunner().invoke(cli, [name, "--help"]).stdout.split())

    assert re.findall(r"\[default: [^]]*\] \[default: [^]]*\]", help_text) == []
