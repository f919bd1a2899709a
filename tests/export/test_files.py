import json
from pathlib import Path

import pytest

from seqvae.errors import OutputError
from seqvae.export.files import check_folder, write_files

TWO = {"a.mid": b"1", "report.json": json.dumps({"files": ["a.mid", "b.mid", "../c.mid"]}).encode()}


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_new_folder_holds_the_files_alone(tmp_path):
    """Folders on the way are made, nothing else is left behind."""
    write_files(tmp_path / "deep" / "out", TWO)

    assert contents(tmp_path / "deep" / "out") == TWO
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_other_files_stay(tmp_path):
    """A folder that is there keeps what it has."""
    (tmp_path / "mine.txt").write_bytes(b"0")
    write_files(tmp_path, TWO)

    assert contents(tmp_path) == {"mine.txt": b"0", **TWO}


def test_nothing_is_overwritten_unasked(tmp_path):
    """One name that is taken stops all."""
    (tmp_path / "a.mid").write_bytes(b"0")
    with pytest.raises(OutputError, match=r"already holds a.mid; choose another folder or use --force"):
        write_files(tmp_path, TWO)

    assert contents(tmp_path) == {"a.mid": b"0"}


def test_force_replaces_and_removes_what_an_earlier_run_listed(tmp_path):
    """Steps of a longer walk go, files outside the folder and those never listed stay."""
    out = tmp_path / "out"
    write_files(out, {**TWO, "b.mid": b"2"})
    (out / "z.mid").write_bytes(b"mine")
    (tmp_path / "c.mid").write_bytes(b"mine")
    write_files(out, {"a.mid": b"3", "report.json": b"{}"}, force=True)

    assert contents(out) == {"a.mid": b"3", "report.json": b"{}", "z.mid": b"mine"}
    assert (tmp_path / "c.mid").exists()


def test_only_files_of_our_formats_are_removed(tmp_path):
    """What a report lists beyond them is someone else's."""
    endings = ("mid", "dawproject", "wav", "png", "txt")
    report = json.dumps({"files": [f"a.{ending}" for ending in endings]}).encode()
    write_files(tmp_path, {f"a.{ending}": b"1" for ending in endings} | {"report.json": report})
    write_files(tmp_path, {"b.mid": b"2", "report.json": b"{}"}, force=True)

    assert set(contents(tmp_path)) == {"a.txt", "b.mid", "report.json"}


@pytest.mark.parametrize("report", [b"no json", b"[]", b'{"files": 3}', b'{"files": [1]}'])
def test_foreign_report_is_replaced(tmp_path, report):
    """A report.json of someone else's lists nothing to remove."""
    (tmp_path / "report.json").write_bytes(report)
    write_files(tmp_path, TWO, force=True)

    assert contents(tmp_path) == TWO


def test_failure_leaves_nothing(tmp_path, monkeypatch):
    """A disk that fills up leaves no half of a result."""
    written = Path.write_bytes

    def fail(path: Path, data: bytes) -> int:
        if path.name == "report.json":
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        write_files(tmp_path / "out", TWO)

    assert list(tmp_path.iterdir()) == []


def test_file_in_place_of_the_folder_is_named(tmp_path):
    """Results go to a folder."""
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(OutputError, match="is a file; choose a folder"):
        check_folder(tmp_path / "out", TWO)


@pytest.mark.parametrize("name", ["../a.mid", "a/b.mid", "", "..", "/a.mid"])
def test_names_never_leave_the_folder(tmp_path, name):
    """A name with a way in it is a mistake of the programmer."""
    with pytest.raises(ValueError, match="is not the name of a file in a folder"):
        write_files(tmp_path, {name: b""})
