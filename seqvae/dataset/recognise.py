"""Which tokenizer a corpus asks for, from what lies there."""

from collections.abc import Sequence

from seqvae.dataset.corpus import SUFFIXES
from seqvae.dataset.places import Place, names_below, place_of
from seqvae.dataset.text.files import SUFFIX
from seqvae.errors import DataError


def recognise(paths: Sequence[str | Place]) -> str:
    """Choose melody for folders with MIDI files, text for .txt files and folders that hold only such.

    A .txt file beside MIDI files is a licence, no corpus. DataError when one path is music and another text;
    when none is either it is melody, whose error says what is missing.
    """
    kinds = {kind for kind in map(_kind, map(place_of, paths)) if kind}
    if len(kinds) > 1:
        where = ", ".join(map(str, paths))
        raise DataError(f"{where}: MIDI files and {SUFFIX} files; choose one with --tokenizer")
    return kinds.pop() if kinds else "melody"


def _kind(place: Place) -> str:
    is_one = place.is_file() or (place.name.lower().endswith(SUFFIX) and not place.is_dir())
    names = [place.name] if is_one else names_below(place, (*SUFFIXES, SUFFIX))
    is_text = False
    for name in names:
        if name.lower().endswith(SUFFIXES):
            return "melody"
        is_text |= name.lower().endswith(SUFFIX)
    return "text" if is_text else ""
