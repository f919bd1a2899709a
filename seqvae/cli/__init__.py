"""The command line: one file per command, each imported only when it runs."""

from seqvae.cli.group import COMMANDS, cli, main

__all__ = ["COMMANDS", "cli", "main"]
