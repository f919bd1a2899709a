"""Run the command line as `python -m seqvae`."""

from seqvae.cli import main

main()
