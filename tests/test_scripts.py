"""The shell scripts take hours; here it is checked that what they call is there and takes what they give."""

import re
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from seqvae.cli import COMMANDS, cli

ROOT = Path(__file__).parent.parent
OPTION = re.compile(r"(?<=[\s(+])--?[a-z][a-z-]*")  # + as in ${LIMIT:+--limit}
INNER = re.compile(r"\$\(([^()]+)\)")  # a command whose output is an argument


class Call(NamedTuple):
    """A program that a shell script calls, and the options it gives."""

    script: str
    program: str  # a command of seqvae, or a script in Python
    options: frozenset[str]


def commands_of(text: str) -> list[str]:
    """Split a shell script into lines without comments; continued ones joined, arrays and $() spelt out."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)).splitlines()
    arrays: dict[str, str] = {}
    for name, content in re.findall(r"\b(\w+)\+?=\(([^)]*)\)", text):
        arrays[name] = f"{arrays.get(name, '')} {content}"
    lines = [re.sub(r"\$\{(\w+)\[@\]\}", lambda found: arrays.get(found[1], ""), line) for line in lines]
    inner = [found for line in lines for found in INNER.findall(line)]
    return [INNER.sub("", line) for line in lines] + inner


def calls(program: str) -> list[Call]:
    """Find the calls of a program, told by a pattern of one group, in all shell scripts."""
    return [
        Call(path.name, found[1], frozenset(OPTION.findall(found[2])))
        for path in sorted((ROOT / "scripts").glob("*.sh"))
        for line in commands_of(path.read_text(encoding="utf-8"))
        for found in re.finditer(rf"(?:^|[\s(]){program}(\s[^)>|]*)", line)
    ]


def named(call: Call) -> str:
    """Name a call in the list of tests."""
    return f"{call.script}: {call.program} {' '.join(sorted(call.options))}".rstrip()


WRAPPED = [  # functions of train_bundled.sh that pass their options on
    call
    for call in calls("(train|prepare)")
    if call.script.startswith(("train_melody", "train_text", "train_drums_2", "train_trio")) and call.options
]
REFINING = [call._replace(program="evaluate") for call in calls("(refine)") if call.options]
COMMAND_CALLS = list(dict.fromkeys([*calls(r"seqvae (\w+)"), *WRAPPED, *REFINING]))  # each kind once
PYTHON_CALLS = calls(r"python (scripts/\w+\.py)")


@pytest.mark.parametrize("call", COMMAND_CALLS, ids=named)
def test_commands_take_what_scripts_give(call):
    """Each command that a script calls is listed and has the options that the script gives."""
    assert call.program in COMMANDS
    command = cli.get_command(click.Context(cli), call.program)

    assert call.options <= {name for option in command.params for name in option.opts}


@pytest.mark.parametrize("call", PYTHON_CALLS, ids=named)
def test_python_scripts_take_what_shell_scripts_give(call):
    """Each Python script that a shell script calls is there and names the options given."""
    text = (ROOT / call.program).read_text(encoding="utf-8")

    assert {name for name in call.options if f'"{name}"' not in text} == set()


def test_the_calls_are_found():
    """Calls over several lines, with options in arrays and parameters, are read as the shell reads them."""
    options = {call[:2]: call.options for call in COMMAND_CALLS + PYTHON_CALLS}

    assert options["train_bundled.sh", "train"] == {"-o", "--threads"}
    assert options["train_bundled.sh", "scripts/model_card.py"] == {
        "--budget",
        "--weaknesses-file",
        "--refined",
    }
    assert options["train_bundled.sh", "scripts/run_budget.py"] == set()
    assert options["train_melody_2bar.sh", "prepare"] == {"--bars"}
    assert options["train_drums_2bar.sh", "evaluate"] == {"--refine", "--limit"}
    assert {"--preset", "--init", "--steps", "--set"} in [
        call.options for call in WRAPPED if call.script == "train_text_en.sh"
    ]
    assert options["train_baselines.sh", "evaluate"] == {"--samples", "--device", "--limit", "--json"}
