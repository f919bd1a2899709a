import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner

from seqvae.cli.prepare import prepare
from seqvae.dataset.shards import open_shards
from tests.dataset.making import bytes_of, write_corpus
from tests.dataset.text.making import lines, write_text

CLIPS = Path(__file__).parent.parent.parent / "data" / "clips"


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


def test_prepare_recognises_text(tmp_path):
    """A file of sentences becomes text shards; options of music are left aside with a word."""
    corpus = write_text(tmp_path / "tales.txt", lines())

    result = CliRunner().invoke(prepare, [str(corpus), "-o", str(tmp_path / "out"), "--bars", "4"])

    assert result.exit_code == 0, result.output
    assert "sentences (tales " in result.stdout
    assert result.stderr == "--bars says nothing to text; left aside\n"
    assert open_shards(tmp_path / "out").manifest.kind == "text"


def test_music_shards_are_what_they_were_before_text(tmp_path):
    """Not a byte of the shards of the sample clips may change unawares: models are trained on such."""
    result = CliRunner().invoke(prepare, [str(CLIPS), "-o", str(tmp_path / "out")])
    found = sha256(b"".join(content for _, content in sorted(bytes_of(tmp_path / "out").items())))

    assert result.exit_code == 0, result.output
    assert found.hexdigest() == "4f808c22cab89929802e2c2d967edd258d347914fdffcfacaa8d6e52bf0c79e2"


def test_prepare_never_imports_torch():
    """Workers of a large corpus must not wait for torch, nor hold its memory."""
    modules = "seqvae.cli.prepare, seqvae.dataset.prepare, seqvae.dataset.text.prepare"
    program = f"import sys, {modules}; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
