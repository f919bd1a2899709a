"""Which tokenizer a corpus asks for, from what lies there."""

from collections.abc import Sequence
from pathlib import Path

from seqvae.dataset.corpus import SUFFIXES
from seqvae.dataset.text.files import SUFFIX
from seqvae.errors import DataError


def recognise(paths: Sequence[str | Path]) -> str:
    """Choose melody for folders with MIDI files, text for .txt files and folders that hold only such.

    A .txt file beside MIDI files is a licence, no corpus. DataError when one path is music and another text;
    when none is either it is melody, whose error says what is missing.
    """
    kinds = {kind for kind in map(_kind, map(Path, paths)) if kind}
    if len(kinds) > 1:
        where = ", ".join(map(str, paths))
        raise DataError(f"{where}: MIDI files and {SUFFIX} files; choose one with --tokenizer")
    return kinds.pop() if kinds else "melody"


def _kind(path: Path) -> str:
    files = [path] if path.is_file() else path.rglob("*")
    suffixes = {file.suffix.lower() for file in files if file.is_file()}
    if suffixes & set(SUFFIXES):
        return "melody"
    return "text" if SUFFIX in suffixes else ""
