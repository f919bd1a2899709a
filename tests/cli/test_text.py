"""The commands on sentences, with the smallest real model."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from seqvae.cli.sentences import read_one_sentence
from seqvae.cli.songs import read_one_song
from seqvae.errors import DataError
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model
from tests.latent.text.making import SENTENCES, save_text_model

A, B, C = "The rain stopped.", "Tea, please.", "It was too cold."
LINES = [line for line in SENTENCES.read_text().splitlines() if len(line) < 40][:5]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save a model."""
    return save_text_model(tmp_path_factory.mktemp("text"))


@pytest.fixture(scope="module")
def music(tmp_path_factory) -> Path:
    """Save a model of music."""
    return save_debug_model(tmp_path_factory.mktemp("music"))


COMMANDS = {
    "sample": ("sample", "-n", 3),
    "sample near": ("sample", "-n", 3, "--near", A),
    "interpolate": ("interpolate", A, B),
    "reconstruct": ("reconstruct", A, B),
    "vary": ("vary", A, "-n", 3),
    "arithmetic": ("arithmetic", A, B, C),
    "nearest": ("nearest", A, "--among", SENTENCES),
}


def one_line_of(result, *words: str) -> bool:
    """Check exit code 1, nothing on stdout, and one line on stderr that holds the words."""
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1), result.output
    return all(word in result.stderr for word in words)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_lines_go_to_stdout_and_notes_to_stderr(command, model):
    """Each row is a number, a tab and a sentence; --no-scores leaves the sentence."""
    scored = seqvae(*command, "--model", model)
    plain = seqvae(*command, "--model", model, "--no-scores")

    assert (scored.exit_code, plain.exit_code) == (0, 0), scored.stderr
    rows = scored.stdout.splitlines()
    assert [row.partition("\t")[2] for row in rows] == plain.stdout.splitlines()
    assert all(float(row.partition("\t")[0]) < 1000 for row in rows)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_json_is_the_whole_report(command, model):
    """Programs read settings, sentences and numbers; the same call gives the same bytes."""
    result = seqvae(*command, "--model", model, "--json")

    assert json.loads(result.stdout)["settings"]["command"] in command[0] + " vary"
    assert result.stdout == seqvae(*command, "--model", model, "--json").stdout


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_file_is_written_once(command, model, tmp_path):
    """With -o the lines go to a file, which is not overwritten without --force."""
    out = tmp_path / "new" / "lines.txt"
    written = seqvae(*command, "--model", model, "-o", out)

    assert (written.exit_code, written.stdout) == (0, "")
    assert out.read_text() == seqvae(*command, "--model", model).stdout
    assert one_line_of(seqvae(*command, "--model", model, "-o", out), "is there already", "--force")
    assert seqvae(*command, "--model", model, "-o", out, "--force").exit_code == 0
    assert one_line_of(seqvae(*command, "--model", model, "-o", tmp_path), "is a folder")
    assert sorted(path.name for path in out.parent.iterdir()) == ["lines.txt"]


@pytest.mark.parametrize("command", [*COMMANDS.values(), ("encode", A)], ids=[*COMMANDS, "encode"])
def test_output_below_a_file_is_one_line(command, model, tmp_path):
    """A file cannot hold another one, which is said before the work begins."""
    (tmp_path / "mine").write_text("mine")

    result = seqvae(*command, "--model", model, "-o", tmp_path / "mine" / "z.json")
    assert one_line_of(result, "mine is a file; choose a folder")


def test_sentences_come_from_arguments_standard_input_and_files(model, tmp_path):
    """All in the order given: arguments, - where it stands, and the file last."""
    (tmp_path / "more.txt").write_text(f"{LINES[0]}\n{LINES[1]}\n")
    result = seqvae(
        "encode", A, "-", B, "--file", tmp_path / "more.txt", "--model", model, stdin=f"{C}\r\n".encode()
    )

    assert json.loads(result.stdout)["sentences"] == [A, C, B, *LINES[:2]]


def test_standard_input_that_was_closed_is_told(monkeypatch):
    """A shell does that with `<&-`, and so do services."""
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(DataError, match="standard input is closed; name a file, or pipe something in"):
        read_one_sentence("-")
    with pytest.raises(DataError, match="standard input is closed"):
        read_one_song(["-"])


def test_walk_of_lines_from_standard_input(model):
    """A pipe gives the sentences to walk through."""
    stdin = "\n".join(LINES[:3]).encode()
    result = seqvae("interpolate", "-", "--steps", 3, "--no-scores", "--model", model, stdin=stdin)

    lines = result.stdout.splitlines()
    assert [line for line in lines if line in LINES] == LINES[:3]
    assert "5 steps" in result.stderr


def test_an_argument_is_a_sentence_even_where_there_is_such_a_file(model, tmp_path, monkeypatch):
    """It is taken as a sentence, and stderr says how to read the file."""
    (tmp_path / "Tea").write_text(A)
    monkeypatch.chdir(tmp_path)
    result = seqvae("encode", "Tea", "--model", model)

    assert json.loads(result.stdout)["sentences"] == ["Tea"]
    assert "'Tea' is taken as a sentence; --file Tea would read the file" in result.stderr


@pytest.mark.parametrize("form", ["npz", "json"])
def test_decode_inverts_encode(form, model, tmp_path):
    """Points go to a file or through a pipe and come back as what reconstruct writes."""
    again = seqvae("reconstruct", *LINES, "--model", model).stdout
    stored = tmp_path / f"z.{form}"
    seqvae("encode", *LINES, "--model", model, "-o", stored)
    piped = seqvae("encode", "-", "--model", model, "--format", form, stdin="\n".join(LINES).encode())

    assert piped.stdout_bytes == stored.read_bytes()
    assert seqvae("decode", stored, "--model", model).stdout == again
    assert seqvae("decode", "-", "--model", model, stdin=piped.stdout_bytes).stdout == again


def test_points_are_plain_arrays(model, tmp_path):
    """NumPy reads them without our help, and without a pickle."""
    seqvae("encode", A, B, "--model", model, "-o", tmp_path / "z.npz")
    with np.load(tmp_path / "z.npz", allow_pickle=False) as arrays:
        assert arrays["z"].shape == (2, 8)
        assert arrays["sentences"].tolist() == [A, B]
        z = arrays["z"]

    plain = json.dumps(z.tolist()).encode()
    assert seqvae("decode", "-", "--model", model, stdin=plain).exit_code == 0


def pickled() -> bytes:
    """Write an array of objects, which only a pickle can hold."""
    file = io.BytesIO()
    np.savez(file, z=np.array([[None]], dtype=object))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"{", "no points"),
        (b'{"a": 1}', "'z' is missing"),
        (b'{"z": [[1, 2], [3]]}', "no points"),
        (b'{"z": [["a"]]}', "rows of numbers"),
        (b'{"z": [[1, 2]]}', "it must be (points, 8)"),
        (b'{"z": [[1, 2, 3, 4, 5, 6, 7, NaN]]}', "not finite"),
        (b"[" * 100_000, "no points"),
        (b"PK\x03\x04 cut", "no points"),
        (pickled(), "no points"),
        (b"\xff\xfe", "no points"),
    ],
    ids=["empty", "cut", "no z", "ragged", "texts", "size", "NaN", "deep", "broken zip", "pickle", "bytes"],
)
def test_what_is_no_points_is_one_line(content, words, model, tmp_path):
    """Files of other kinds are refused with the reason."""
    (tmp_path / "z").write_bytes(content)

    assert one_line_of(seqvae("decode", tmp_path / "z", "--model", model), words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no sentence"),
        (b"\n \n", "holds no sentence"),
        (b"fine\n\xff\xfe broken\n", "line 2: bytes that are no text"),
        (b"a\0b\n", "a NUL byte, so not a text file"),
        (b"x" * 1_000_000, "line 1 has 1,000,000 characters, 47 pieces at most fit"),
        (b"x" * 2_000_000, "line 1: longer than 1,048,576 bytes"),
        (b"fine\n\nfine\n", "line 2 is empty"),
        (f"{A}\n{A * 8}\n".encode(), "ids with its end, at most 48 fit"),
        ((CLIPS / "twinkle.mid").read_bytes(), "a MIDI file, not text"),
    ],
    ids=["empty", "blank", "bytes", "binary", "huge", "larger", "empty line", "too long", "MIDI"],
)
def test_what_is_no_text_is_one_line(content, words, model, tmp_path):
    """A file names its line, standard input too."""
    (tmp_path / "lines.txt").write_bytes(content)
    command = ("encode", "--model", model)

    assert one_line_of(seqvae(*command, "--file", tmp_path / "lines.txt"), words, "lines.txt")
    assert one_line_of(seqvae(*command, "-", stdin=content), words, "standard input")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("", "sentence 1 is empty"),
        ("a\nb", "sentence 1 holds a line break"),
        (A * 8, "at most 48 fit; shorten it"),
        (str(CLIPS / "twinkle.mid"), "names a MIDI file, and this model reads sentences"),
    ],
    ids=["empty", "line break", "too long", "MIDI"],
)
def test_what_is_no_sentence_is_one_line(sentence, words, model):
    """An argument names its number."""
    assert one_line_of(seqvae("reconstruct", sentence, B, "--model", model), words)


@pytest.mark.parametrize(
    "command", [("interpolate", A, B), ("reconstruct", "Hello!"), ("vary", A)], ids=lambda command: command[0]
)
@pytest.mark.parametrize("named", [True, False], ids=["named", "default"])
def test_music_model_given_a_sentence_is_one_line(command, named, music, tmp_path):
    """It reads MIDI files; the line says how to get at a text model."""
    wish = ("--model", music) if named else ()
    result = seqvae(*command, *wish, "-o", tmp_path / "out")

    assert one_line_of(result, "no such file; this model reads MIDI files", "--model text-en")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "command",
    [("arithmetic", A, B, C), ("nearest", A, "--among", SENTENCES), ("encode", A), ("decode", "-")],
    ids=lambda command: command[0],
)
def test_what_only_text_models_do(command, music):
    """A model of music is refused in one line."""
    assert one_line_of(seqvae(*command, "--model", music, stdin=b"[[1]]"), "is a model of music")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("interpolate", A), "two sentences or more"),
        (("reconstruct",), "no sentence given"),
        (("arithmetic", A, B), "needs three sentences, not 2"),
        (("encode", "-", "--file", "-"), "standard input can be read once"),
        (("nearest", "-", "--among", "-"), "standard input can be read once"),
        (("vary", "-"), "holds 2 lines"),
    ],
)
def test_wrong_usage_is_exit_2(command, words, model):
    """What a command lacks is said with its usage."""
    result = seqvae(*command, "--model", model, stdin=f"{A}\n{B}\n".encode())

    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("sample", "-n", 1), ("--ppq", 960)),
        (("sample", "-n", 1), ("--bars", 8)),
        (("interpolate", A, B), ("--overlap", 2)),
        (("reconstruct", A), ("--bars", "1-2")),
        (("vary", A), ("--strict",)),
    ],
)
def test_options_of_music_are_left_aside(command, option, model):
    """An option that says nothing to a text model is left aside, aloud."""
    result = seqvae(*command, *option, "--model", model)

    assert f"{option[0]} says nothing to a model of text; left aside" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize("option", [("--top-k", 3), ("--no-scores",), ("--no-collapse",)])
def test_options_of_text_are_left_aside(option, music, tmp_path):
    """An option that says nothing to a model of music is left aside, aloud."""
    twinkle, steps = CLIPS / "twinkle.mid", ("--steps", 2)
    result = seqvae(
        "interpolate", twinkle, twinkle, *steps, *option, "--model", music, "-o", tmp_path / "out"
    )

    assert "says nothing to a model of music; left aside" in result.stderr
    assert result.exit_code == 0


def test_amount_needs_near(model):
    """What sample does without the other option is left aside, aloud."""
    far = seqvae("sample", "-n", 1, "--amount", 0.5, "--model", model)
    near = seqvae("sample", "-n", 1, "--near", A, "--prior", "normal", "--model", model)

    assert "--amount says nothing without --near; left aside" in far.stderr
    assert "--prior says nothing with --near; left aside" in near.stderr


def test_rules_reach_the_model(model):
    """Each option of decoding is found in the report."""
    rules = ("--temperature", 0.7, "--top-k", 9, "--top-p", 0.9, "--no-repeat", 2, "--max-length", 7)
    settings = json.loads(seqvae("sample", "-n", 1, *rules, "--json", "--model", model).stdout)["settings"]

    wanted = {"temperature": 0.7, "top_k": 9, "top_p": 0.9, "no_repeat": 2, "max_length": 7, "beams": 1}
    assert wanted.items() <= settings.items()
    assert seqvae("reconstruct", A, "--beams", 4, "--model", model).exit_code == 0
    assert one_line_of(seqvae("sample", "--beams", 4, "--model", model), "choose temperature 0 or one beam")


def test_info_describes_a_text_model(model):
    """Its window is told in ids of a sentence."""
    result = seqvae("info", model)

    assert result.exit_code == 0
    assert "a sentence of up to 48 ids" in result.stdout
    assert json.loads(seqvae("info", model, "--json").stdout)["ids"] == "text"


def test_scored_lines_can_be_piped_on(model):
    """What one command prints another one reads: scores are left out, and this is said."""
    plain = "\n".join(LINES[:3])
    scored = "\n".join(f"-{number}.25\t{line}" for number, line in enumerate(LINES[:3]))
    mixed = f"-0.25\t{LINES[0]}\n{LINES[1]}"
    told = [seqvae("reconstruct", "-", "--model", model, stdin=text.encode()) for text in (plain, scored)]

    assert told[0].stdout == told[1].stdout
    assert ["is left out" in result.stderr for result in told] == [False, True]
    assert "is left out" not in seqvae("reconstruct", "-", "--model", model, stdin=mixed.encode()).stderr


def test_points_of_another_model_are_told(model, tmp_path):
    """They are decoded all the same, since folders get other names."""
    encoded = seqvae("encode", A, "--model", model).stdout
    other = json.dumps({**json.loads(encoded), "model": "somebody-else"})
    results = [seqvae("decode", "-", "--model", model, stdin=text.encode()) for text in (encoded, other)]

    assert results[0].stdout == results[1].stdout
    assert ["somebody-else" in result.stderr for result in results] == [False, True]
