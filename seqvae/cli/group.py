"""The group of all commands: a table of names, lazy imports, and errors told in one line."""

from errno import ENAMETOOLONG
from importlib import import_module
from typing import NoReturn

import click

from seqvae import __version__
from seqvae.cli.screen import printable
from seqvae.errors import SeqvaeError

# NAME -> first sentence of its help; the command is the function NAME in seqvae/cli/NAME.py.
COMMANDS = {
    "interpolate": "Blend A into B, and on: songs into MIDI files, sentences into lines.",
    "sample": "Draw new clips or sentences from a model.",
    "reconstruct": "Send a song or sentences through a model and back.",
    "vary": "Write clips like a song, or sentences like a sentence, at a chosen distance.",
    "humanize": "Play the drums of IN with a human feel, or with --quantize stiffly.",
    "grid": "Spread clips between four songs, A and B above, C and D below.",
    "accompany": "Write the voices of a trio that SONG lacks.",
    "arithmetic": "Write the sentence at A - B + C.",
    "nearest": "Find the sentences of a file that lie nearest to each QUERY.",
    "encode": "Turn each SENTENCE into a point z.",
    "decode": "Write the sentence of each point z in POINTS.",
    "replay": "Make FILE again from what it tells of itself, and say what differs.",
    "info": "Describe a model, or what a model would take from a MIDI file.",
    "prepare": "Turn the MIDI or text files of each CORPUS into shards to train on.",
    "train": "Train a model on SHARDS by a preset and write it to RUN/model.",
    "evaluate": "Measure how well MODEL rebuilds the windows of SHARDS.",
}

INTERRUPTED = 130  # 128 + SIGINT, as a shell says it


class OneLine(click.ClickException):
    """A message on one line of stderr, whatever it holds."""

    def format_message(self) -> str:
        """Join lines and blank out what a terminal would obey."""
        return " ".join(printable(self.message).split())

    def show(self, file: object = None) -> None:
        """Print `seqvae: MESSAGE` to stderr."""
        click.echo(f"seqvae: {self.format_message()}", err=True)


class Interrupted(OneLine):
    """The user pressed Ctrl-C."""

    exit_code = INTERRUPTED


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and lists them all without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"seqvae.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table: the help must not wait for torch."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what the user can mend ends as one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except SeqvaeError as error:
            raise OneLine(str(error)) from error
        except OSError as error:
            if error.errno != ENAMETOOLONG:
                raise
            raise OneLine(f"{str(error.filename)[:60]!r}...: too long for the name of a file") from error
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error


@click.group(
    cls=LazyGroup,
    epilog="Run 'seqvae COMMAND --help' for the options of a command.",
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 100},
)
@click.version_option(__version__, prog_name="seqvae")
def cli() -> None:
    """Blend, sample and vary music and sentences in the latent space of a sequence VAE."""


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 an error to mend, 2 wrong usage, 130 interrupted."""
    cli.main(prog_name="seqvae")
    raise AssertionError("click exits by itself")
