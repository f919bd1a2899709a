"""Options that mean the same in every command."""

from collections.abc import Callable
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


class OutputPath(click.Path):
    """A path that was meant: an empty name would be the current folder."""

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the path; wrong usage for an empty name."""
        if value == "":
            self.fail("the name is empty; name a file or folder, or . for the current one", param, ctx)
        return super().convert(value, param, ctx)


class OutputFolder(OutputPath):
    """A folder for several files, which standard output cannot hold."""

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the path; wrong usage for standard output."""
        if value == STANDARD_OUTPUT:
            self.fail(SEVERAL_FILES, param, ctx)
        return super().convert(value, param, ctx)


STANDARD_OUTPUT = "-"
SEVERAL_FILES = "standard output holds one file, and these are several; name a folder"
OUTPUT_PATH = OutputPath(path_type=Path)
OUTPUT_FOLDER = OutputFolder(path_type=Path)


def together(name: str, kind: type[Any], *options: Option) -> Option:
    """Add options that reach the command as one: its parameter `name`, a named tuple of this kind."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(**values: Any) -> Any:
            fields = {field: values.pop(field) for field in kind._fields}
            return command(**{name: kind(**fields)}, **values)

        decorated: Callable[..., Any] = run
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def model_option(default: str | None, rule: str) -> Callable[[Command], Command]:
    """Choose a model by name or folder; `rule` tells the default."""
    told = f"Bundled model or model folder.  [default: {rule}]"
    return click.option("--model", default=default, show_default=False, help=told)


def temperature_option(default: float | None, told: str | bool = True) -> Callable[[Command], Command]:
    """Set how much chance decides; `told` is the default in words where None stands for one."""
    return click.option(
        "--temperature",
        default=default,
        show_default=told,
        type=click.FloatRange(0, 10),
        help="Chance in choosing notes or pieces; 0 takes the likeliest.",
    )


output_option = click.option(
    "-o",
    "--output",
    type=OUTPUT_PATH,
    help="Music: folder for the files. Text: file for the lines.  [default for text: standard output]",
)
folder_option = click.option(
    "-o", "--output", required=True, type=OUTPUT_FOLDER, help="Folder for the files."
)
seed_option = click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0, 2**63 - 1), help="All that is drawn."
)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where to compute: cpu, cuda, or auto for a GPU if there is one.",
)
force_option = click.option("--force", is_flag=True, help="Overwrite files that are already there.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Refuse files that break the MIDI standard instead of mending them.",
)
