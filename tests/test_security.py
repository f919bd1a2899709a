"""Promises of SECURITY.md for what commands do: no network, no stray files, no name out of a song."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqvae.export.stems import split_stems
from seqvae.midi.notes import Note, Score, Track
from seqvae.midi.write import score_to_bytes
from tests.cli.making import CLIPS, seqvae
from tests.latent.making import save_debug_model

ROOT = Path(__file__).parent.parent

CONNECTIONS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"}
_watched: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _watched is not None and event in CONNECTIONS:
        _watched.append(f"{event} {arguments[1:]}")
        raise PermissionError("no network")


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Refuse every connection of this process and list the attempts; audit hooks see those of C code, too."""
    global _watched  # noqa: PLW0603  # a hook cannot be taken back, so it is told when to look
    if "seqvae tests" not in sys.__dict__.setdefault("_audits", set()):
        sys.addaudithook(_watch)
        sys.__dict__["_audits"].add("seqvae tests")
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Save the smallest model."""
    return save_debug_model(tmp_path_factory.mktemp("debug"))


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> Path:
    """Prepare the sample clips."""
    out = tmp_path_factory.mktemp("shards") / "out"
    assert seqvae("prepare", CLIPS, "-o", out).exit_code == 0
    return out


SONGS = (CLIPS / "twinkle.mid", CLIPS / "frere-jacques.mid")
WRITING = {  # NAME -> arguments of a command that writes a folder
    "interpolate": lambda model, _: ["interpolate", *SONGS, "--steps", 3, "--model", model],
    "sample": lambda model, _: ["sample", "-n", 2, "--model", model],
    "reconstruct": lambda model, _: ["reconstruct", SONGS[0], "--model", model],
    "vary": lambda model, _: ["vary", SONGS[0], "-n", 2, "--model", model],
    "grid": lambda model, _: ["grid", *SONGS, *SONGS, "--size", 2, "--model", model],
    "accompany": lambda *_: ["accompany", SONGS[0], "-n", 1],
    "prepare": lambda *_: ["prepare", CLIPS],
    "train": lambda _, shards: ["train", shards, "--preset", "debug", "--steps", 2, "--threads", 1],
}
TELLING = {
    "info of a file": lambda *_: ["info", SONGS[0]],
    "info of a model": lambda model, _: ["info", model],
}


@pytest.mark.parametrize("command", TELLING.values(), ids=TELLING)
def test_commands_that_tell_do_without_the_network(command, model, shards):
    """Each does its work while every connection is refused, and tries none."""
    with no_network() as attempts:
        result = seqvae(*command(model, shards))

    assert (result.exit_code, attempts) == (0, []), result.stderr


def test_a_connection_would_be_seen():
    """The test above is not blind."""
    import socket

    with no_network() as attempts, pytest.raises(PermissionError):
        socket.create_connection(("127.0.0.1", 9))
    assert attempts


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", WRITING)
def test_commands_write_into_their_folder_alone_and_once_and_offline(
    name, model, shards, tmp_path, monkeypatch
):
    """All that is new lies in the folder, and without --force a second run changes nothing there.

    They do so while every connection is refused, and try none.
    """
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = [*WRITING[name](model, shards), "-o", "out"]
    before = {
        path.parent: snapshot(path.parent) for path in (model / "config.json", shards / "manifest.json")
    }

    with no_network() as attempts:
        assert seqvae(*arguments).exit_code == 0
    assert attempts == []
    written = snapshot(tmp_path)
    assert written
    assert {Path(path).parts[:2] for path in written} == {("here", "out")}
    assert {folder: snapshot(folder) for folder in before} == before

    again = seqvae(*arguments)
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1), again.stderr
    assert "--force" in again.stderr
    assert snapshot(tmp_path) == written


FILES = {  # NAME -> arguments of a command that writes one file
    "humanize": ["humanize", CLIPS / "pocket-groove.mid", "--quantize"],
    "sentences": ["sample", "-n", 2, "--model", "text-en"],
    "encode": ["encode", "The rain stopped.", "--model", "text-en"],
    "decode": ["decode", "z.json", "--model", "text-en"],
}


@pytest.mark.parametrize("arguments", FILES.values(), ids=FILES)
def test_commands_write_their_file_alone_and_once_and_offline(arguments, tmp_path, monkeypatch):
    """What is new is the file of -o; without --force a second run leaves it as it is, and says so."""
    monkeypatch.chdir(tmp_path)
    if "z.json" in arguments:
        assert seqvae("encode", "The rain stopped.", "--model", "text-en", "-o", "z.json").exit_code == 0
    before = snapshot(tmp_path)

    with no_network() as attempts:
        result = seqvae(*arguments, "-o", "out.json")
    assert (result.exit_code, attempts) == (0, []), result.stderr
    written = snapshot(tmp_path)
    assert set(written) - set(before) == {"out.json"}
    assert {name: written[name] for name in before} == before

    again = seqvae(*arguments, "-o", "out.json")
    assert again.exit_code == 1, again.stderr
    assert "--force" in again.stderr
    assert snapshot(tmp_path) == written


HOSTILE_NAMES = ["../../escaped", "/a\\b\x1b[2J\x07", "x" * 5000 + "\u202egnp.exe"]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name[:12]))
def test_names_inside_songs_name_no_files(name, model, tmp_path):
    """Whatever the tracks and markers of a song are called, the files have the names that seqvae gives."""
    notes = tuple(Note(start, start + 240, 60 + start // 240, 80) for start in range(0, 1920, 240))
    song = tmp_path / "in" / "song.mid"
    song.parent.mkdir()
    song.write_bytes(score_to_bytes(Score((Track(notes, name),), end_tick=1920, markers=((0, name),))))

    result = seqvae("interpolate", song, song, "--steps", 2, "--model", model, "-o", tmp_path / "in" / "out")

    assert result.exit_code == 0, result.stderr
    assert all(character.isprintable() or character == "\n" for character in result.stderr)
    assert sorted(snapshot(tmp_path)) == sorted(
        f"in/{name}"
        for name in [
            "song.mid",
            *(f"out/{name}" for name in ["arrangement.mid", "report.json", "step-01.mid", "step-02.mid"]),
        ]
    )


@pytest.mark.parametrize(
    "name", [*HOSTILE_NAMES, "..", "\U0001d7d9" * 100], ids=lambda name: ascii(name[:12])
)
def test_stems_have_names_of_files(name):
    """The file of an instrument is named after its track as far as a file may be."""
    track = Track((Note(0, 480, 60, 80),), name)
    (stem,) = split_stems(Score((track,), end_tick=1920))

    assert re.fullmatch(r"stem-01(-[\w-]+)?", stem)
    assert len(f"{stem}.mid".encode()) < 255


def test_force_replaces_a_link_and_not_what_it_leads_to(model, tmp_path):
    """A link in the folder that leads out of it is replaced by the file."""
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "step-01.mid").symlink_to(tmp_path / "precious")

    result = seqvae("interpolate", *SONGS, "--steps", 2, "--model", model, "-o", tmp_path / "out", "--force")

    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "out" / "step-01.mid").is_symlink()


@pytest.mark.parametrize("listed", ["../precious.mid", "/precious.mid", "..", "notes.txt"])
def test_a_report_from_elsewhere_removes_nothing_else(listed, model, tmp_path):
    """What report.json lists is removed only if it could be a result in the folder itself."""
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious.mid").write_text("mine")
    (out / "notes.txt").write_text("mine")
    (out / "report.json").write_text(f'{{"files": ["{listed}"]}}')

    result = seqvae("sample", "-n", 1, "--model", model, "-o", out, "--force")

    assert result.exit_code == 0, result.stderr
    assert ((tmp_path / "precious.mid").read_text(), (out / "notes.txt").read_text()) == ("mine", "mine")


def test_each_promise_names_tests_that_are_there():
    """SECURITY.md names a test for each promise, and every test it names exists."""
    promises = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promises)
    rows = [line for line in promises.splitlines() if line.startswith("| ") and "`tests/" in line]

    assert len(rows) >= 12
    assert [
        f"{path}::{test}"
        for path, test in named
        if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []
