import subprocess
import sys

from click.testing import CliRunner

from seqvae.cli.prepare import prepare
from seqvae.dataset.shards import open_shards
from tests.dataset.making import write_corpus


def test_prepare_writes_shards_and_says_what_it_left_out(tmp_path):
    """The command turns folders into shards and sums up on stdout."""
    corpus = write_corpus(tmp_path / "tunes")
    (corpus / "text.mid").write_text("no music")

    result = CliRunner().invoke(prepare, [str(corpus), "-o", str(tmp_path / "out"), "--bars", "4"])

    assert result.exit_code == 0, result.output
    assert "17 files, 16 pieces in 8 groups" in result.stdout
    assert "files left out: 1 not a MIDI file" in result.stdout
    assert result.stderr == ""
    assert open_shards(tmp_path / "out").manifest.bars == 4


def test_prepare_never_imports_torch():
    """Workers of a large corpus must not wait for torch, nor hold its memory."""
    program = "import sys, seqvae.cli.prepare, seqvae.dataset.prepare; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
