"""What the tests of the commands share."""

from pathlib import Path

from click.testing import CliRunner, Result

from seqvae.cli import cli
from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes

CLIPS = Path(__file__).parent.parent.parent / "data" / "clips"


def seqvae(*arguments: object, stdin: bytes | None = None) -> Result:
    """Run a command in this process; a bug keeps its traceback."""
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(cli, words, input=stdin, catch_exceptions=False)


def is_music(folder: Path) -> bool:
    """Read every MIDI file of a folder and write it again: both refuse what is no music."""
    paths = sorted(folder.glob("*.mid"))
    for path in paths:
        score_to_bytes(read_score(path))
    return bool(paths)
