import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqvae.cli.prepare import prepare
from seqvae.dataset.shards import open_shards
from seqvae.errors import ConfigError
from tests.dataset.drum_making import trio_tracks, write_music
from tests.dataset.making import bytes_of, write_corpus, write_tune
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


def test_standard_output_holds_no_shards(tmp_path, monkeypatch):
    """A dash is no folder of that name."""
    monkeypatch.chdir(tmp_path)
    corpus = write_corpus(tmp_path / "tunes")

    result = CliRunner().invoke(prepare, [str(corpus), "-o", "-"])

    assert (result.exit_code, Path("-").exists()) == (2, False)
    assert "these are several; name a folder" in result.stderr


def test_strict_leaves_out_what_breaks_the_standard(tmp_path):
    """Without --strict such a file is mended, with it it is counted; the manifest tells which."""
    corpus = write_corpus(tmp_path / "tunes")
    data = (corpus / "tune0.mid").read_bytes()
    (corpus / "tune0.mid").write_bytes(data[:10] + b"\0\x09" + data[12:])  # nine tracks, says the header
    arguments = [str(corpus), "-o", str(tmp_path / "out"), "--force"]

    mended = CliRunner().invoke(prepare, arguments)
    assert "files left out" not in mended.stdout
    assert "strict" not in json.loads((tmp_path / "out" / "manifest.json").read_text())

    strict = CliRunner().invoke(prepare, [*arguments, "--strict"])
    assert strict.exit_code == 0, strict.output
    assert "files left out: 1 breaks the standard" in strict.stdout
    assert open_shards(tmp_path / "out").manifest.strict


def test_one_is_no_plural(tmp_path):
    """One file, one bar, one piece."""
    write_tune(tmp_path / "tunes" / "tune.mid", 1, num_bars=5)

    result = CliRunner().invoke(
        prepare, [str(tmp_path / "tunes"), "-o", str(tmp_path / "out"), "--bars", "1"]
    )

    assert "1 file, 1 piece in 1 group (largest: 1 piece)\n" in result.stdout
    assert " windows of 1 bar from 1 piece (tunes " in result.stdout


def test_prepare_recognises_text(tmp_path):
    """A file of sentences becomes text shards; options of music are left aside with a word."""
    corpus = write_text(tmp_path / "tales.txt", lines())

    result = CliRunner().invoke(prepare, [str(corpus), "-o", str(tmp_path / "out"), "--bars", "4"])

    assert result.exit_code == 0, result.output
    assert "sentences (tales " in result.stdout
    assert result.stderr == "--bars says nothing to text; left aside\n"
    assert open_shards(tmp_path / "out").manifest.kind == "text"


def test_prepare_takes_several_sentences_to_a_window(tmp_path):
    """Paragraphs become windows of neighbours, and the summary says so."""
    blocks = [" ".join(lines()[place : place + 5]) for place in range(0, 200, 5)]
    (tmp_path / "tales.txt").write_text("\n\n".join(blocks), encoding="utf-8")
    arguments = [str(tmp_path / "tales.txt"), "-o", str(tmp_path / "out"), "--sentences", "3"]

    result = CliRunner().invoke(prepare, [*arguments, "--vocabulary", "400"])
    beyond = CliRunner().invoke(prepare, [*arguments[:-1], "0", "--force"])

    assert result.exit_code == 0, result.output
    assert " windows of up to 3 sentences (tales " in result.stdout
    assert open_shards(tmp_path / "out").manifest.bars == 3
    assert str(beyond.exception) == "0 sentences in a window is outside 1..256"


@pytest.mark.parametrize(("kind", "voices"), [("drums", 1), ("trio", 3)])
def test_prepare_takes_drums_and_trios(tmp_path, kind, voices):
    """Another tokenizer takes other voices of the same files, with the map of another kit."""
    for seed in range(3):
        write_music(tmp_path / "songs" / f"{seed}.mid", trio_tracks(seed, 8), 8)
    (tmp_path / "kit.json").write_text('{"36": "kick", "38": "snare", "42": "closed hi-hat"}')
    arguments = ["--tokenizer", kind, "--drum-map", str(tmp_path / "kit.json"), "--bars", "4"]

    result = CliRunner().invoke(prepare, [str(tmp_path / "songs"), "-o", str(tmp_path / "out"), *arguments])

    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    manifest = open_shards(tmp_path / "out").manifest
    assert (manifest.voices, manifest.bars) == (voices, 4)
    assert manifest.tokenizer["map"] == {"36": "kick", "38": "snare", "42": "closed hi-hat"}


def test_a_melody_needs_no_drum_map(tmp_path):
    """A map that changes nothing is told; a broken one is one line."""
    (tmp_path / "kit.json").write_text('{"36": "gong"}')
    arguments = [str(CLIPS), "-o", str(tmp_path / "out"), "--drum-map", str(tmp_path / "kit.json")]

    melody = CliRunner().invoke(prepare, arguments)
    drums = CliRunner().invoke(prepare, [*arguments, "--tokenizer", "drums", "--force"])

    assert melody.stderr == "--drum-map says nothing to melody; left aside\n"
    assert isinstance(drums.exception, ConfigError)
    assert "kit.json: note 36: unknown class 'gong'" in str(drums.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--engine", "dask"], "--engine dask needs --scheduler ADDRESS", id="nowhere"),
        pytest.param(["--scheduler", "tcp://a:1"], "--scheduler is for --engine dask", id="local"),
        pytest.param(
            ["--engine", "dask", "--scheduler", "tcp://a:1", "--workers", "2"],
            "--workers is for",
            id="workers",
        ),
    ],
)
def test_engine_and_its_options_belong_together(tmp_path, arguments, message):
    """An option of the other engine is wrong usage."""
    result = CliRunner().invoke(prepare, [str(CLIPS), "-o", str(tmp_path / "out"), *arguments])

    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_does_not_answer_is_one_line(tmp_path):
    """The command connects to no cluster but the one that is named, and says when it is not there."""
    arguments = ["--engine", "dask", "--scheduler", str(tmp_path / "cluster.json")]

    result = CliRunner().invoke(prepare, [str(CLIPS), "-o", str(tmp_path / "out"), *arguments])

    assert str(result.exception) == (
        f"{tmp_path / 'cluster.json'}: no Dask scheduler answers; start one with dask scheduler and give its"
        " address"
    )


def test_music_shards_are_what_they_were_before_text(tmp_path):
    """Not a byte of the shards of the sample clips may change unawares: models are trained on such."""
    result = CliRunner().invoke(prepare, [str(CLIPS), "-o", str(tmp_path / "out")])
    found = sha256(b"".join(content for _, content in sorted(bytes_of(tmp_path / "out").items())))

    assert result.exit_code == 0, result.output
    assert found.hexdigest() == "1e7340b69a2e69bdb915c3aef874fc69ff088ce0fba172fac1717981c45740be"


def test_prepare_never_imports_torch():
    """Workers of a large corpus must not wait for torch, nor hold its memory."""
    modules = "seqvae.cli.prepare, seqvae.dataset.prepare, seqvae.dataset.text.prepare"
    program = f"import sys, {modules}; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
